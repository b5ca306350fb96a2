"""What payments does when a gathering sells, and when it can sell no more."""

from __future__ import annotations

from collections.abc import Sequence

from chassis.envelope import Event
from chassis.inbox import Handler, TwoStep, each
from services.payments.ledger.use_cases import Ledger
from services.payments.sales.schemas import GatheringOverSchema, GatheringSoldSchema
from services.payments.sales.use_cases import RecordSale, Sales, book_sales, record_sales


def fact_handlers(sales: Sales, ledger: Ledger) -> dict[str, Handler]:
    """Map matching's facts about gatherings to what is done.

    A gathering's facts come in order, so that once it is approved or cancelled every one
    of its sales has been heard of.
    """

    def read(events: Sequence[Event]) -> list[RecordSale]:
        return [GatheringSoldSchema().load(event.data) for event in events]

    def submit(events: Sequence[Event]) -> None:
        book_sales(read(events), ledger=ledger)

    def record(events: Sequence[Event], _booked: None) -> None:
        record_sales(read(events), sales=sales)

    def on_over(event: Event) -> None:
        sales.close(GatheringOverSchema().load(event.data)["gathering_id"])

    return {
        "matching.gathering.sold.v1": TwoStep(submit, record),
        "matching.gathering.approved.v1": each(on_over),
        "matching.gathering.cancelled.v1": each(on_over),
    }
