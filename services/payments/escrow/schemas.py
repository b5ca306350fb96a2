"""The saga's commands and matching's facts, read as commands of escrow."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, post_load

from chassis.envelope import Event
from chassis.inbox import saga_of
from chassis.web.schemas import EventSchema, MoneyRead
from services.payments.escrow.use_cases import PlaceHold, ReleaseHold


class PlaceHoldSchema(EventSchema):
    """``payments.command.place-hold.v1``."""

    claim_id = fields.String(required=True)
    offer_id = fields.String(required=True)
    brand_id = fields.String(required=True)
    host_id = fields.String(required=True)
    amount = fields.Nested(MoneyRead, required=True)
    terms = fields.Dict(keys=fields.String(), values=fields.Integer(strict=True), required=True)


class ReleaseHoldSchema(EventSchema):
    """``payments.command.release-hold.v1``."""

    claim_id = fields.String(required=True)
    offer_id = fields.String(required=True)


class ClaimConfirmedSchema(EventSchema):
    """``matching.claim.confirmed.v1``."""

    claim_id = fields.String(required=True)

    @post_load
    def to_claim_id(self, values: dict[str, Any], **_: object) -> str:
        """All that escrow needs of it."""
        found: str = values["claim_id"]
        return found


def to_place_hold(event: Event) -> PlaceHold:
    """Read the command with its envelope."""
    said = PlaceHoldSchema().load(event.data)
    return PlaceHold(message_id=event.id, saga_id=saga_of(event), **said)


def to_release_hold(event: Event) -> ReleaseHold:
    """Read the command with its envelope."""
    said = ReleaseHoldSchema().load(event.data)
    return ReleaseHold(message_id=event.id, saga_id=saga_of(event), **said)
