"""Payouts over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chassis.auth import principal
from chassis.permissions import Permission
from chassis.web import Blueprint, needs, page, position_of
from services.payments.payouts.domain import Payout, PayoutNotFound
from services.payments.payouts.schemas import (
    PayoutExplanationReply,
    PayoutReply,
    PayoutsPage,
    PayoutsQuery,
    PayoutTermsList,
)
from services.payments.payouts.use_cases import Payouts
from services.payments.releases.domain import TERMS


def payouts_blueprint(payouts: Payouts, list_payouts: Callable[..., list[Payout]]) -> Blueprint:
    """Routes under ``/v1/payouts`` and ``/v1/payout-terms``."""
    blueprint = Blueprint(
        "payouts", __name__, url_prefix="/v1", description="What organisations are paid"
    )

    def theirs(payout_id: str) -> Payout:
        """The payout, if it is the caller's or the caller the platform's."""
        payout, caller = payouts.get(payout_id), principal()
        if not caller.is_platform and caller.organization_id != payout.organization_id:
            raise PayoutNotFound(f"no payout {payout_id}")
        return payout

    @blueprint.get("/payout-terms")
    @blueprint.response(200, PayoutTermsList)
    def read_payout_terms() -> dict[str, Any]:
        """Tell how long shares wait, the smallest payout, the reserve, and the hour."""
        return {"items": TERMS}

    @blueprint.get("/payouts")
    @needs(Permission.PAYMENTS_STATEMENT_READ)
    @blueprint.arguments(PayoutsQuery, location="query")
    @blueprint.response(200, PayoutsPage)
    def read_payouts(query: dict[str, Any]) -> dict[str, Any]:
        """List the payouts of the caller's organisation; of all, for the platform."""
        caller = principal()
        found = list_payouts(
            organization_id=None if caller.is_platform else caller.organization_id,
            day=query["day"],
            state=query["state"],
            after=position_of(query["cursor"]),
            limit=query["limit"],
        )
        return page(found, limit=query["limit"], position=lambda payout: payout.id)

    @blueprint.get("/payouts/<payout_id>")
    @needs(Permission.PAYMENTS_STATEMENT_READ)
    @blueprint.response(200, PayoutReply)
    def read_payout(payout_id: str) -> Payout:
        """Read a payout."""
        return theirs(payout_id)

    @blueprint.get("/payouts/<payout_id>/explanation")
    @needs(Permission.PAYMENTS_STATEMENT_READ)
    @blueprint.response(200, PayoutExplanationReply)
    def explain_payout(payout_id: str) -> Payout:
        """Explain a payout's amount in English and Chinese, line by line."""
        return theirs(payout_id)

    return blueprint
