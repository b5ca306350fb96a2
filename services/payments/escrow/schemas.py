"""The saga's commands and matching's facts, read as commands of escrow."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from marshmallow import fields, post_load

from chassis.envelope import Event
from chassis.inbox import saga_of
from chassis.kernel.ids import made_at
from chassis.web.schemas import EventSchema, Moment, MoneyRead
from services.payments.contracts.domain import SignedKit
from services.payments.escrow.use_cases import PlaceHold, ReleaseHold


def _points() -> fields.Dict:
    """Basis points by role or organisation."""
    return fields.Dict(keys=fields.String(), values=fields.Integer(strict=True), required=True)


class PlaceHoldSchema(EventSchema):
    """``payments.command.place-hold.v1``."""

    claim_id = fields.String(required=True)
    offer_id = fields.String(required=True)
    brand_id = fields.String(required=True)
    host_id = fields.String(required=True)
    amount = fields.Nested(MoneyRead, required=True)
    terms = _points()
    requested_at = Moment(load_default=None, allow_none=True)


class PlaceKitHoldSchema(EventSchema):
    """``payments.command.place-kit-hold.v1``."""

    claim_id = fields.String(required=True)
    kit_id = fields.String(required=True)
    terms_digest = fields.String(required=True)
    host_id = fields.String(required=True)
    price = fields.Nested(MoneyRead, required=True)
    terms = _points()
    brand_shares = _points()
    royalties = _points()
    subsidies = fields.Dict(keys=fields.String(), values=fields.Nested(MoneyRead), required=True)
    requested_at = Moment(load_default=None, allow_none=True)


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
    amount = said.pop("amount")
    return PlaceHold(
        message_id=event.id,
        saga_id=saga_of(event),
        subsidies={said["offer_id"]: amount},
        currency=amount.currency,
        requested_at=_requested_at(said),
        **said,
    )


def to_place_kit_hold(event: Event) -> PlaceHold:
    """Read the command of a kit's claim with its envelope."""
    said = PlaceKitHoldSchema().load(event.data)
    signed = ("kit_id", "terms_digest", "price", "brand_shares", "royalties")
    kit = SignedKit(**{name: said.pop(name) for name in signed})
    return PlaceHold(
        message_id=event.id,
        saga_id=saga_of(event),
        offer_id="",
        brand_id=next(iter(kit.brand_shares), ""),
        currency=kit.price.currency,
        kit=kit,
        requested_at=_requested_at(said),
        **said,
    )


def _requested_at(said: dict[str, Any]) -> datetime:
    """When the claim was made, which decides on its period: the same however often asked.

    Commands of before that was told leave it to the claim's id.
    """
    told: datetime | None = said.pop("requested_at")
    return told or made_at(said["claim_id"])


def to_release_hold(event: Event) -> ReleaseHold:
    """Read the command with its envelope."""
    said = ReleaseHoldSchema().load(event.data)
    return ReleaseHold(message_id=event.id, saga_id=saga_of(event), **said)
