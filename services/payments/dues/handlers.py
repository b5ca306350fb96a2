"""What payments does about money that catalog tells of."""

from __future__ import annotations

from collections.abc import Sequence

from chassis.envelope import Event
from chassis.inbox import Handler, TwoStep, each
from chassis.web.schemas import EventSchema
from services.payments.dues.schemas import (
    GoodsBackSchema,
    GoodsCountedSchema,
    SettlementHeardSchema,
    SlotGivenUpSchema,
    SlotRentedSchema,
)
from services.payments.dues.use_cases import Dues, feed_fund, give_back_rent, owe
from services.payments.ledger.use_cases import Ledger


def fact_handlers(dues: Dues) -> dict[str, Handler]:
    """Map catalog's facts about slots and shipments to what is done.

    A slot's facts come in order, so that its booking is known before it is given up. What
    is exchanged moves no money: goods of the same value come in its place.
    """

    def owing(schema: type[EventSchema]) -> Handler:
        def on_owed(event: Event) -> None:
            command = schema().load(event.data)
            if command is not None:
                owe(command, dues=dues)

        return each(on_owed)

    def on_given_up(event: Event) -> None:
        command = SlotGivenUpSchema().load(event.data)
        if command is not None:
            give_back_rent(command, dues=dues)

    return {
        "catalog.venue.slot-booked.v1": owing(SlotRentedSchema),
        "catalog.venue.slot-released.v1": each(on_given_up),
        "catalog.shipment.received.v1": owing(GoodsCountedSchema),
        "catalog.shipment.returned.v1": owing(GoodsBackSchema),
    }


def fee_handlers(ledger: Ledger, basis_points: int) -> dict[str, Handler]:
    """Map what settlements tell to what the fund for returns gets of them."""

    def submit(events: Sequence[Event]) -> None:
        heard = [SettlementHeardSchema().load(event.data) for event in events]
        feed_fund(heard, basis_points, ledger=ledger)

    def record(_events: Sequence[Event], _booked: None) -> None:
        """Remember nothing: the books do."""

    return {"payments.settlement.completed.v1": TwoStep(submit, record)}
