"""Matching's facts about a gathering, read as commands of ours."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, post_load

from chassis.web.schemas import EventSchema, MoneyRead
from services.payments.sales.use_cases import RecordSale


class GatheringSoldSchema(EventSchema):
    """``matching.gathering.sold.v1``."""

    gathering_id = fields.String(required=True)
    sale_id = fields.String(required=True)
    amount = fields.Nested(MoneyRead, required=True)

    @post_load
    def to_command(self, values: dict[str, Any], **_: object) -> RecordSale:
        """Make it a command."""
        return RecordSale(**values)


class GatheringOverSchema(EventSchema):
    """``matching.gathering.approved.v1`` and ``matching.gathering.cancelled.v1``."""

    gathering_id = fields.String(required=True)
