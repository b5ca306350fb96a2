"""Disputes over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chassis.auth import principal
from chassis.kernel.time import Clock
from chassis.permissions import Permission
from chassis.web import Blueprint, needs, page, position_of
from services.payments.disputes.domain import Dispute, DisputeNotFound, Evidence
from services.payments.disputes.schemas import (
    DisputeReply,
    DisputesPage,
    DisputesQuery,
    HandInSchema,
)
from services.payments.disputes.use_cases import Disputes, Watches, hand_in, submit


def disputes_blueprint(
    disputes: Disputes,
    list_disputes: Callable[..., list[Dispute]],
    watches: Watches,
    clock: Clock,
) -> Blueprint:
    """Routes under ``/v1/disputes``."""
    blueprint = Blueprint(
        "disputes",
        __name__,
        url_prefix="/v1/disputes",
        description="What buyers have their banks take back",
    )

    def theirs(dispute_id: str) -> Dispute:
        """The dispute, if the caller had a share of the sale or is the platform."""
        dispute, caller = disputes.get(dispute_id), principal()
        if not caller.is_platform and caller.organization_id not in dispute.parties:
            raise DisputeNotFound(f"no dispute {dispute_id}")
        return dispute

    @blueprint.get("")
    @needs(Permission.PAYMENTS_STATEMENT_READ)
    @blueprint.arguments(DisputesQuery, location="query")
    @blueprint.response(200, DisputesPage)
    def read_disputes(query: dict[str, Any]) -> dict[str, Any]:
        """List the disputes of sales that the caller's organisation had a share of."""
        caller = principal()
        found = list_disputes(
            organization_id=None if caller.is_platform else caller.organization_id,
            sale_id=query["sale_id"],
            after=position_of(query["cursor"]),
            limit=query["limit"],
        )
        return page(found, limit=query["limit"], position=lambda dispute: dispute.id)

    @blueprint.get("/<dispute_id>")
    @needs(Permission.PAYMENTS_STATEMENT_READ)
    @blueprint.response(200, DisputeReply)
    def read_dispute(dispute_id: str) -> Dispute:
        """Read a dispute: why, how much is held, until when evidence is due, how it ended."""
        return theirs(dispute_id)

    @blueprint.post("/<dispute_id>/evidence")
    @needs(Permission.PAYMENTS_DISPUTE_ANSWER)
    @blueprint.arguments(HandInSchema)
    @blueprint.response(201, DisputeReply)
    def post_evidence(body: dict[str, Any], dispute_id: str) -> Dispute:
        """Hand in evidence as a party, while the bank takes it; all parties can read it."""
        theirs(dispute_id)
        piece = Evidence(
            organization_id=principal().organization_id,
            text=body["text"],
            links=tuple(body["links"]),
            codes=tuple(body["codes"]),
            given_at=clock(),
        )
        return hand_in(dispute_id, piece, disputes=disputes)

    @blueprint.post("/<dispute_id>/submissions")
    @needs(Permission.PAYMENTS_DISPUTE_SUBMIT)
    @blueprint.response(202, DisputeReply)
    def post_submission(dispute_id: str) -> Dispute:
        """Send all the evidence to the bank, once and for good; again changes nothing."""
        submitted = submit(dispute_id, disputes=disputes, now=clock())
        watches.ring(submitted.provider, submitted.reference, now=clock())
        return submitted

    return blueprint
