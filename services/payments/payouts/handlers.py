"""A day's batch of payouts, and how each gets into the books."""

from __future__ import annotations

from functools import partial

from chassis.dispatcher import Executor
from chassis.kernel.errors import Conflict
from chassis.kernel.time import Clock
from chassis.mongo import atomically
from chassis.turns import Turns
from services.payments.ledger.domain import Outcome
from services.payments.ledger.use_cases import Ledger, hold_or_retire
from services.payments.payouts.domain import Payout, PayoutState, Purse
from services.payments.payouts.use_cases import (
    FAILED,
    HOLD,
    SUCCEEDED,
    Booking,
    Counter,
    plan_failure,
    plan_payout,
    plan_success,
    record_failure,
    record_hold,
    record_success,
)
from services.payments.releases.domain import day_of, terms_at


def run_batch(counter: Counter, clock: Clock, turns: Turns) -> int:
    """Decide the payouts of today once its hour has come; answer how many there are.

    Dying in the middle leaves the day open, and so does a payout that fails, which is decided
    later that day; whoever was decided is not decided again.
    """
    now = clock()
    day, terms = day_of(now), terms_at(now)
    if now < terms.leaves_at(day) or counter.payouts.is_closed(day):
        return 0

    def one(purse: Purse) -> bool:
        try:
            planned = atomically(lambda: plan_payout(purse, day, terms, counter=counter, now=now))
        except Conflict:
            return False  # decided by another run at the same moment
        return planned is not None

    purses = {_name(purse): purse for purse in counter.purses.holding(terms.minimum_minor)}
    planned = sum(turns.take(name, partial(one, purse)) for name, purse in purses.items())
    if not any(name in turns for name in purses):
        counter.payouts.close(day, now)
    return planned


def _name(purse: Purse) -> str:
    return f"{purse.organization_id}:{purse.available.currency}"


def executors(counter: Counter, ledger: Ledger, clock: Clock) -> dict[str, Executor]:
    """How payouts are set aside, and how their ends are booked."""

    def set_aside(payout: Payout) -> list[Outcome]:
        if payout.state is not PayoutState.PLANNED:
            return []
        *before, held = payout.entries()
        kept = ledger.submit(before) if before else []
        return [*kept, *hold_or_retire([held], ledger=ledger)]

    def book(booking: Booking) -> None:
        if booking.entry is not None:
            ledger.submit([booking.entry])[0].or_raise()

    return {
        HOLD: Executor(
            plan=lambda body: counter.payouts.get(body["id"]),
            submit=set_aside,
            record=lambda payout, outcomes: record_hold(
                payout, outcomes, counter=counter, now=clock()
            ),
        ),
        SUCCEEDED: Executor(
            plan=lambda body: plan_success(body["id"], counter=counter),
            submit=book,
            record=lambda booking, _: record_success(booking, counter=counter, now=clock()),
        ),
        FAILED: Executor(
            plan=lambda body: plan_failure(body["id"], counter=counter),
            submit=book,
            record=lambda booking, _: record_failure(booking, counter=counter, now=clock()),
        ),
    }
