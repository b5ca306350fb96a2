"""Corrections over HTTP."""

from __future__ import annotations

from typing import Any

from chassis.auth import principal
from chassis.kernel.time import Clock
from chassis.permissions import Permission
from chassis.web import Blueprint, needs
from services.payments.corrections.domain import Correction
from services.payments.corrections.schemas import (
    CorrectionReply,
    CorrectionsReply,
    CorrectOutcomeSchema,
)
from services.payments.corrections.use_cases import CorrectOutcome, Files, correct_outcome
from services.payments.settlements.use_cases import settlement_seen


def corrections_blueprint(files: Files, clock: Clock) -> Blueprint:
    """Routes under ``/v1/settlements/{id}/corrections``."""
    blueprint = Blueprint(
        "corrections",
        __name__,
        url_prefix="/v1/settlements/<settlement_id>/corrections",
        description="Fewer came than was settled by; what was paid beyond that comes back",
    )

    @blueprint.post("")
    @needs(Permission.PAYMENTS_OUTCOME_DECIDE)
    @blueprint.arguments(CorrectOutcomeSchema)
    @blueprint.response(202, CorrectionReply)
    def post_correction(body: dict[str, Any], settlement_id: str) -> Correction:
        """Say as the platform that only so many came, and why; neither party can.

        What was paid of the subsidy beyond the right band goes back to its funds at once. What
        the host has no more is her debt. The same number again changes nothing.
        """
        command = CorrectOutcome(settlement_id=settlement_id, **body)
        return correct_outcome(command, files=files, now=clock())

    @blueprint.get("")
    @needs(Permission.PAYMENTS_STATEMENT_READ)
    @blueprint.response(200, CorrectionsReply)
    def read_corrections(settlement_id: str) -> dict[str, Any]:
        """List the corrections of a settlement, as one who had a part in it."""
        caller = principal()
        who = None if caller.is_platform else caller.organization_id
        seen = settlement_seen(settlement_id, who, settlements=files.settlements)
        return {"items": files.corrections.of(seen.id)}

    return blueprint
