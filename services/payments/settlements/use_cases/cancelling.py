"""Cancel: planned in one transaction, booked, then recorded in another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chassis.kernel.decisions import Decision, NotYet
from chassis.kernel.ids import derived_id
from services.payments.escrow.domain import Escrow, EscrowState
from services.payments.escrow.use_cases import release
from services.payments.sales.domain import Sale
from services.payments.settlements.domain import (
    Refund,
    RefundState,
    refund_before_settlement,
)
from services.payments.settlements.events import GatheringCancelled
from services.payments.settlements.use_cases.ports import Books, CancelGathering


@dataclass(frozen=True, slots=True)
class Cancellation:
    """What goes back when a gathering is cancelled."""

    command: CancelGathering
    escrow: Escrow | None
    refunds: tuple[tuple[Sale, Refund], ...]


def plan_cancelling(command: CancelGathering, *, books: Books) -> Cancellation:
    """Decide once what goes back; raise ``NotYet`` until every sale is known.

    A subsidy that is released by milestones goes back by these, and is waited for.
    """
    if not books.sales.is_closed(command.gathering_id):
        raise NotYet(f"not every sale of {command.gathering_id} is known yet")
    escrow = books.escrows.find([command.claim_id]).get(command.claim_id)
    schedule = books.schedules.find(command.claim_id)
    if schedule is not None and schedule.is_begun:
        if not schedule.is_booked:
            raise NotYet(f"the milestones of {command.claim_id} are being returned")
        escrow = None
    planned = (_plan_whole(command, s, books) for s in books.sales.of(command.gathering_id))
    return Cancellation(command, escrow, tuple(pair for pair in planned if pair is not None))


def book_cancelling(cancellation: Cancellation, *, books: Books) -> None:
    """Give every buyer and the subsidy's fund their money back."""
    if cancellation.escrow is not None:
        release(cancellation.escrow, ledger=books.ledger)
    entries = [refund.entry(sale) for sale, refund in cancellation.refunds]
    for outcome in books.ledger.submit(entries) if entries else ():
        outcome.or_raise()


def record_cancelling(cancellation: Cancellation, *, books: Books, now: datetime) -> None:
    """Tell everybody that all the money is back."""
    for _sale, refund in cancellation.refunds:
        current = books.refunds.find(refund.id)
        if current is not None and current.state is not RefundState.BOOKED:
            books.refunds.save(current.complete(at=now))
    escrow = cancellation.escrow
    if escrow is not None and not escrow.is_settled:
        books.escrows.save(escrow.become(EscrowState.RELEASED))
    command = cancellation.command
    books.replies.send(
        GatheringCancelled(
            id=derived_id("msg", command.message_id, "reply"),
            correlation_id=command.saga_id,
            occurred_at=now,
            gathering_id=command.gathering_id,
        )
    )


def _plan_whole(command: CancelGathering, sale: Sale, books: Books) -> tuple[Sale, Refund] | None:
    """Take back what is left of a sale, or what was decided before; None when nothing is left."""
    refund_id = derived_id("rfd", sale.id, "cancelled")
    known = books.refunds.find(refund_id)
    if known is not None:
        return sale, known
    if not sale.rest:
        if sale.disputed_minor and not sale.is_called_off:
            books.sales.save(sale.call_off())
        return None
    refund = refund_before_settlement(
        sale, refund_id=refund_id, amount=sale.rest, message_id="", saga_id=command.saga_id
    )
    books.sales.save(sale.refund(sale.rest).call_off())
    return sale, books.refunds.save(Decision(refund))
