"""Catalog's facts about copy claims read as ours, and the JSON of royalty holds."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, post_load

from chassis.web.schemas import EventSchema, MoneySchema, Reply
from services.payments.royalties.domain import Outcome
from services.payments.royalties.use_cases import CloseHold, OpenHold


class CopyClaimOpenedSchema(EventSchema):
    """``catalog.copy-claim.opened.v1``; loads to ``OpenHold``."""

    copy_claim_id = fields.String(required=True)
    digest = fields.String(required=True)
    claimant_id = fields.String(required=True)
    accused_id = fields.String(required=True)

    @post_load
    def to_command(self, values: dict[str, Any], **_: object) -> OpenHold | CloseHold:
        """Make it a command."""
        return OpenHold(**values)


class CopyClaimClosedSchema(CopyClaimOpenedSchema):
    """``catalog.copy-claim.closed.v1``; loads to ``CloseHold``."""

    outcome = fields.Enum(Outcome, by_value=True, required=True)
    payees = fields.Dict(keys=fields.String(), values=fields.Integer(strict=True), required=True)

    @post_load
    def to_command(self, values: dict[str, Any], **_: object) -> OpenHold | CloseHold:
        """Make it a command."""
        outcome, payees = values.pop("outcome"), values.pop("payees")
        return CloseHold(opened=OpenHold(**values), outcome=outcome, payees=payees)


class KeptReply(Reply):
    """What is held of one organisation's royalty."""

    organization_id = fields.String()
    amount = fields.Nested(MoneySchema)


class RoyaltyHoldReply(Reply):
    """Royalties held for a copy claim: ``held``, ``ruled`` for seconds, then ``paid``."""

    id = fields.String()
    digest = fields.String()
    claimant_id = fields.String()
    accused_id = fields.String()
    state = fields.String()
    outcome = fields.String(allow_none=True)
    payees = fields.Dict(keys=fields.String(), values=fields.Integer())
    kept = fields.Function(
        lambda hold: [
            KeptReply().dump({"organization_id": each, "amount": amount})
            for each, amount in hold.kept.items()
        ],
        metadata={"type": "array", "items": {"type": "object"}},
    )
