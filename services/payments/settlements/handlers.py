"""What payments does on the sagas' commands: intend it now, carry it out after."""

from __future__ import annotations

from chassis import dispatcher
from chassis.dispatcher import Executor
from chassis.envelope import Event
from chassis.inbox import Handler, each, saga_of
from chassis.kernel.time import Clock
from services.payments.settlements.schemas import (
    CancelGatheringSchema,
    RefundSaleSchema,
    SettleGatheringSchema,
    read,
)
from services.payments.settlements.use_cases import (
    Books,
    CancelGathering,
    RefundSale,
    SettleGathering,
    book_cancelling,
    book_refund,
    book_settling,
    plan_cancelling,
    plan_refund,
    plan_settling,
    record_cancelling,
    record_refund,
    record_settling,
)


def command_handlers() -> dict[str, Handler]:
    """Map each command to the intent it becomes; a command that cannot be read is poison."""

    def on_settle(event: Event) -> None:
        _intend("settle", SettleGatheringSchema().load(event.data)["gathering_id"], event)

    def on_refund(event: Event) -> None:
        _intend("refund", RefundSaleSchema().load(event.data)["refund_id"], event)

    def on_cancel(event: Event) -> None:
        _intend("cancel", CancelGatheringSchema().load(event.data)["gathering_id"], event)

    return {
        "payments.command.settle-gathering.v1": each(on_settle),
        "payments.command.refund-sale.v1": each(on_refund),
        "payments.command.cancel-gathering.v1": each(on_cancel),
    }


def executors(books: Books, clock: Clock) -> dict[str, Executor]:
    """How settlements, refunds and cancellations are carried out."""
    return {
        "settle": Executor(
            plan=lambda body: plan_settling(
                SettleGathering(**read(SettleGatheringSchema, body)), books=books, now=clock()
            ),
            submit=lambda settlement: book_settling(settlement, books=books),
            record=lambda settlement, _: record_settling(settlement, books=books, now=clock()),
        ),
        "refund": Executor(
            plan=lambda body: plan_refund(RefundSale(**read(RefundSaleSchema, body)), books=books),
            submit=lambda planned: book_refund(planned, books=books),
            record=lambda planned, _: record_refund(planned, books=books, now=clock()),
        ),
        "cancel": Executor(
            plan=lambda body: plan_cancelling(
                CancelGathering(**read(CancelGatheringSchema, body)), books=books
            ),
            submit=lambda planned: book_cancelling(planned, books=books),
            record=lambda planned, _: record_cancelling(planned, books=books, now=clock()),
        ),
    }


def _intend(kind: str, about: str, event: Event) -> None:
    body = {"message_id": event.id, "saga_id": saga_of(event), "data": dict(event.data)}
    dispatcher.record(kind, about, body)
