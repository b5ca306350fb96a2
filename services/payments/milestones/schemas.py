"""The JSON of milestones, and matching's facts read as ours."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from chassis.web.schemas import EventSchema, Moment, MoneySchema, Reply, Request, Text
from services.payments.milestones.domain import Milestone, Schedule
from sharing.terms import Ending

LONGEST_WHY = 2_000


class GatheringPlannedRead(EventSchema):
    """``matching.gathering.planned.v1``."""

    gathering_id = fields.String(required=True)
    claim_id = fields.String(required=True)


class GatheringHeldRead(EventSchema):
    """``matching.gathering.held.v1``."""

    gathering_id = fields.String(required=True)
    checked_in = fields.Integer(required=True, strict=True)


class GatheringFactRead(EventSchema):
    """Any fact about a gathering, of which nothing more is needed."""

    gathering_id = fields.String(required=True)


class SpeakSchema(Request):
    """A side's reasons for an objection or an answer."""

    milestone = fields.String(required=True, validate=validate.Length(min=1, max=31))
    why = Text(LONGEST_WHY, required=True)


class RuleMilestoneSchema(SpeakSchema):
    """The platform's ruling, and its reasons."""

    ending = fields.Enum(Ending, by_value=True, required=True)


class ObjectionReply(Reply):
    """Who objected and why, and what the other side says to it."""

    side = fields.Function(lambda objection: objection.side.value, metadata={"type": "string"})
    organization_id = fields.String()
    why = fields.String()
    at = Moment()
    answer = fields.String()


class RuledReply(Reply):
    """How a milestone ended: ``by`` a clock, the count, the platform, or the default."""

    ending = fields.Function(lambda ruled: ruled.ending.value, metadata={"type": "string"})
    by = fields.Function(lambda ruled: ruled.by.value, metadata={"type": "string"})
    at = Moment()
    why = fields.String()


class MilestoneLineReply(Reply):
    """One leg and its reason."""

    account = fields.String()
    minor = fields.Integer()
    why_en = fields.String(attribute="why.en")
    why_zh = fields.String(attribute="why.zh")


class MilestoneReply(Reply):
    """One milestone; ``due_at`` is when a clock ends it, and ``lines`` how it was booked."""

    id = fields.String()
    name = fields.String()
    proof = fields.String()
    why_en = fields.String()
    why_zh = fields.String()
    amount = fields.Nested(MoneySchema)
    state = fields.String()
    proven_at = Moment(allow_none=True)
    due_at = Moment(allow_none=True)
    objection = fields.Nested(ObjectionReply, allow_none=True)
    ruled = fields.Nested(RuledReply, allow_none=True)
    heads = fields.Integer(allow_none=True)
    is_booked = fields.Boolean()
    is_clawed_back = fields.Boolean()
    lines = fields.List(fields.Nested(MilestoneLineReply))


class MilestoneRulingReply(Reply):
    """The neutral rule of the contract."""

    by = fields.String()
    days = fields.Integer()
    otherwise = fields.String()


class ScheduleReply(Reply):
    """The milestones of a claim, and the rule that decides when a side objects."""

    claim_id = fields.String()
    gathering_id = fields.String()
    host_id = fields.String()
    opened_at = Moment()
    heads = fields.Integer(allow_none=True)
    objection_days = fields.Integer()
    return_days = fields.Integer()
    ruling = fields.Nested(MilestoneRulingReply)
    milestones = fields.List(fields.Nested(MilestoneReply))


def told(schedule: Schedule) -> dict[str, Any]:
    """A schedule as ``ScheduleReply`` reads it."""
    said = schedule.said
    return {
        "claim_id": schedule.claim_id,
        "gathering_id": schedule.gathering_id,
        "host_id": schedule.host_id,
        "opened_at": schedule.opened_at,
        "heads": schedule.heads,
        "objection_days": said.objection_days,
        "return_days": said.return_days,
        "ruling": {
            "by": said.ruling.by.value,
            "days": said.ruling.days,
            "otherwise": said.ruling.otherwise.value,
        },
        "milestones": [_milestone(schedule, each) for each in schedule.milestones],
    }


def _milestone(schedule: Schedule, milestone: Milestone) -> dict[str, Any]:
    part = next(each for each in schedule.said.parts if each.id == milestone.name)
    return {
        "id": milestone.id,
        "name": milestone.name,
        "proof": part.proof.value,
        "why_en": part.why_en,
        "why_zh": part.why_zh,
        "amount": schedule.amount(milestone),
        "state": milestone.state.value,
        "proven_at": milestone.proven_at,
        "due_at": schedule.due(milestone),
        "objection": milestone.objection,
        "ruled": milestone.ruled,
        "heads": milestone.heads,
        "is_booked": milestone.is_booked,
        "is_clawed_back": bool(milestone.clawed_back),
        "lines": schedule.lines(milestone) if milestone.is_over else (),
    }
