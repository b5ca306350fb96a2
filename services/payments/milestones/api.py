"""Milestones over HTTP."""

from __future__ import annotations

from typing import Any

from chassis.auth import principal
from chassis.kernel.time import Clock
from chassis.permissions import Permission
from chassis.web import Blueprint, needs
from services.payments.milestones.schemas import (
    RuleMilestoneSchema,
    ScheduleReply,
    SpeakSchema,
    told,
)
from services.payments.milestones.use_cases import (
    Ladder,
    Speak,
    answer_objection,
    object_to_milestone,
    rule_on_milestone,
    seen,
)


def milestones_blueprint(ladder: Ladder, clock: Clock) -> Blueprint:
    """Routes under ``/v1/milestones/{claim}``."""
    blueprint = Blueprint(
        "milestones",
        __name__,
        url_prefix="/v1/milestones/<claim_id>",
        description="A subsidy released part by part; neither side alone can free or freeze it",
    )

    @blueprint.get("")
    @needs(Permission.PAYMENTS_STATEMENT_READ)
    @blueprint.response(200, ScheduleReply)
    def read_milestones(claim_id: str) -> dict[str, Any]:
        """Read what each part of a claim's subsidy waits for, as one of its sides."""
        caller = principal()
        if caller.is_platform:
            return told(ladder.schedules.get(claim_id))
        return told(seen(claim_id, caller.organization_id, ladder=ladder))

    @blueprint.post("/objections")
    @needs(Permission.PAYMENTS_CONTRACT_SIGN)
    @blueprint.arguments(SpeakSchema)
    @blueprint.response(201, ScheduleReply)
    def post_objection(body: dict[str, Any], claim_id: str) -> dict[str, Any]:
        """Object, as a brand to what was proven, as the host to what would go back.

        The clock stops, and the rule in the contract decides, which is neither side's.
        """
        return told(object_to_milestone(_spoken(body, claim_id), ladder=ladder, now=clock()))

    @blueprint.post("/answers")
    @needs(Permission.PAYMENTS_CONTRACT_SIGN)
    @blueprint.arguments(SpeakSchema)
    @blueprint.response(201, ScheduleReply)
    def post_answer(body: dict[str, Any], claim_id: str) -> dict[str, Any]:
        """Answer the other side's objection, within two days to be surely heard."""
        return told(answer_objection(_spoken(body, claim_id), ladder=ladder, now=clock()))

    @blueprint.post("/rulings")
    @needs(Permission.PAYMENTS_OUTCOME_DECIDE)
    @blueprint.arguments(RuleMilestoneSchema)
    @blueprint.response(201, ScheduleReply)
    def post_ruling(body: dict[str, Any], claim_id: str) -> dict[str, Any]:
        """Rule on an objection as the platform, once both sides are heard."""
        return told(
            rule_on_milestone(
                claim_id,
                body["milestone"],
                body["ending"],
                body["why"],
                ladder=ladder,
                now=clock(),
            )
        )

    return blueprint


def _spoken(body: dict[str, Any], claim_id: str) -> Speak:
    return Speak(claim_id=claim_id, organization_id=principal().organization_id, **body)
