"""The JSON of corrections."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, post_load, validate

from chassis.web.schemas import Moment, MoneySchema, Reply, Request, StrictInteger, Text

LONGEST_WHY = 500
MOST_PEOPLE = 100_000


class CorrectionWhySchema(Request):
    """Why fewer count, in English and Chinese; both parties read it."""

    en = Text(LONGEST_WHY, required=True)
    zh = Text(LONGEST_WHY, required=True)


class CorrectOutcomeSchema(Request):
    """How many really came, and how that is known."""

    checked_in = StrictInteger(required=True, validate=validate.Range(min=0, max=MOST_PEOPLE))
    why = fields.Nested(CorrectionWhySchema, required=True)

    @post_load
    def to_values(self, values: dict[str, Any], **_: object) -> dict[str, Any]:
        """As the command names them."""
        why = values.pop("why")
        return values | {"why_en": why["en"], "why_zh": why["zh"]}


class CorrectionReply(Reply):
    """A correction; ``state`` is ``booked`` once the ledger holds what it claws back."""

    id = fields.String()
    settlement_id = fields.String()
    gathering_id = fields.String()
    claim_id = fields.String()
    host_id = fields.String()
    checked_in = fields.Integer()
    why_en = fields.String()
    why_zh = fields.String()
    clawed_back = fields.Nested(MoneySchema)
    decided_at = Moment()
    state = fields.String()


class CorrectionsReply(Reply):
    """The corrections of one settlement, oldest first."""

    items = fields.List(fields.Nested(CorrectionReply), required=True)
