"""Settlements over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chassis.auth import principal
from chassis.permissions import Permission
from chassis.web import Blueprint, needs, page, position_of
from services.payments.settlements.domain import Settlement
from services.payments.settlements.schemas import (
    ExplanationReply,
    SettlementReply,
    SettlementsPage,
    SettlementsQuery,
)
from services.payments.settlements.use_cases import Settlements, settlement_seen


def settlements_blueprint(
    settlements: Settlements, list_settlements: Callable[..., list[Settlement]]
) -> Blueprint:
    """Routes under ``/v1/settlements``."""
    blueprint = Blueprint(
        "settlements",
        __name__,
        url_prefix="/v1/settlements",
        description="Who got what of a gathering, and why",
    )

    def theirs(settlement_id: str) -> Settlement:
        """The settlement, if the caller had a part in it or is the platform."""
        caller = principal()
        who = None if caller.is_platform else caller.organization_id
        return settlement_seen(settlement_id, who, settlements=settlements)

    @blueprint.get("")
    @needs(Permission.PAYMENTS_STATEMENT_READ)
    @blueprint.arguments(SettlementsQuery, location="query")
    @blueprint.response(200, SettlementsPage)
    def read_settlements(query: dict[str, Any]) -> dict[str, Any]:
        """List the settlements that the caller's organisation had a part in."""
        caller = principal()
        found = list_settlements(
            organization_id=None if caller.is_platform else caller.organization_id,
            gathering_id=query["gathering_id"],
            after=position_of(query["cursor"]),
            limit=query["limit"],
        )
        return page(found, limit=query["limit"], position=lambda settlement: settlement.id)

    @blueprint.get("/<settlement_id>")
    @needs(Permission.PAYMENTS_STATEMENT_READ)
    @blueprint.response(200, SettlementReply)
    def read_settlement(settlement_id: str) -> Settlement:
        """Read a settlement."""
        return theirs(settlement_id)

    @blueprint.get("/<settlement_id>/explanation")
    @needs(Permission.PAYMENTS_STATEMENT_READ)
    @blueprint.response(200, ExplanationReply)
    def explain_settlement(settlement_id: str) -> Settlement:
        """Explain every fen of a settlement in English and Chinese."""
        return theirs(settlement_id)

    return blueprint
