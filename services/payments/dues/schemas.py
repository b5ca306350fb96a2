"""Catalog's facts about slots and shipments read as ours, and the JSON of dues."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, post_load

from chassis.kernel.money import Money
from chassis.web.schemas import EventSchema, MoneyRead, MoneySchema, Reply, page_of
from services.payments.dues.domain import Cause
from services.payments.dues.use_cases import GiveBackRent, Owe, SettlementHeard, booking_of


class SlotRentedSchema(EventSchema):
    """``catalog.venue.slot-booked.v1``; loads to ``Owe``, or None where no rent was asked."""

    slot_id = fields.String(required=True)
    gathering_id = fields.String(required=True)
    host_id = fields.String(required=True)
    venue_org_id = fields.String(load_default=None, allow_none=True)
    rent = fields.Nested(MoneyRead, load_default=None, allow_none=True)

    @post_load
    def to_command(self, values: dict[str, Any], **_: object) -> Owe | None:
        """Make it a command."""
        if values["rent"] is None or values["venue_org_id"] is None:
            return None
        return Owe(
            cause=Cause.RENT,
            debtor_id=values["host_id"],
            creditor_id=values["venue_org_id"],
            amount=values["rent"],
            about=booking_of(values["gathering_id"], values["slot_id"]),
        )


class SlotGivenUpSchema(EventSchema):
    """``catalog.venue.slot-released.v1``; loads to ``GiveBackRent``, or None for no rent."""

    slot_id = fields.String(required=True)
    gathering_id = fields.String(required=True)
    refund = fields.Nested(MoneyRead, load_default=None, allow_none=True)

    @post_load
    def to_command(self, values: dict[str, Any], **_: object) -> GiveBackRent | None:
        """Make it a command."""
        if values["refund"] is None:
            return None
        booking_id = booking_of(values["gathering_id"], values["slot_id"])
        return GiveBackRent(booking_id=booking_id, amount=values["refund"])


class GoodsCountedSchema(EventSchema):
    """``catalog.shipment.received.v1``; loads to ``Owe``."""

    shipment_id = fields.String(required=True)
    brand_id = fields.String(required=True)
    host_id = fields.String(required=True)
    credit = fields.Nested(MoneyRead, required=True)

    @post_load
    def to_command(self, values: dict[str, Any], **_: object) -> Owe:
        """Make it a command."""
        return _brand_owes(Cause.SHORTAGE, values, values["credit"], values["shipment_id"])


class GoodsBackSchema(EventSchema):
    """``catalog.shipment.returned.v1``; loads to ``Owe``."""

    return_id = fields.String(required=True)
    brand_id = fields.String(required=True)
    host_id = fields.String(required=True)
    goods_value = fields.Nested(MoneyRead, required=True)

    @post_load
    def to_command(self, values: dict[str, Any], **_: object) -> Owe:
        """Make it a command."""
        return _brand_owes(Cause.GOODS_BACK, values, values["goods_value"], values["return_id"])


class SettlementShareRead(EventSchema):
    """One party's share of the takings."""

    role = fields.String(required=True)
    amount = fields.Nested(MoneyRead, required=True)


class SettlementHeardSchema(EventSchema):
    """``payments.settlement.completed.v1``; loads to ``SettlementHeard``."""

    settlement_id = fields.String(required=True)
    total = fields.Nested(MoneyRead, required=True)
    shares = fields.List(fields.Nested(SettlementShareRead), required=True)

    @post_load
    def to_command(self, values: dict[str, Any], **_: object) -> SettlementHeard:
        """Make it a command."""
        shares = (share["amount"] for share in values["shares"] if share["role"] == "platform")
        return SettlementHeard(
            settlement_id=values["settlement_id"],
            takings=values["total"],
            platform_share=sum(shares, Money(0, values["total"].currency)),
        )


class StepReply(Reply):
    """One step of a due; ``source`` is the debtor's account that pays, if it does."""

    move = fields.String()
    minor = fields.Integer()
    source = fields.String()
    is_booked = fields.Boolean()


class DueReply(Reply):
    """A due. ``unpaid`` is what its creditor waits for, ``rest`` what its debtor must pay."""

    id = fields.String()
    cause = fields.String()
    debtor_id = fields.String()
    creditor_id = fields.String()
    about = fields.String()
    amount = fields.Nested(MoneySchema)
    unpaid = fields.Nested(MoneySchema)
    rest = fields.Nested(MoneySchema)
    steps = fields.List(fields.Nested(StepReply))


DuesPage = page_of(DueReply, "DuesPage")


def _brand_owes(cause: Cause, values: dict[str, Any], amount: Money, about: str) -> Owe:
    return Owe(
        cause=cause,
        debtor_id=values["brand_id"],
        creditor_id=values["host_id"],
        amount=amount,
        about=about,
    )
