"""A day's batch of payouts, and how each gets into the books."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial

from chassis import metrics
from chassis.dispatcher import Executor
from chassis.kernel.errors import Conflict
from chassis.kernel.time import Clock
from chassis.logging import logger
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
from services.payments.providers.domain import ProviderUnknown
from services.payments.releases.domain import PayoutTerms, day_of, terms_at


class Batch:
    """Decides a day's payouts once its hour has come, from one thread.

    All purses have one turn a day; those that failed have theirs again, later that day, and the
    day is open until none is left. Dying in the middle leaves it open too: all have a turn
    again, and whoever was decided is not decided again.
    """

    def __init__(self, counter: Counter, clock: Clock, turns: Turns) -> None:
        self._counter = counter
        self._clock = clock
        self._turns = turns
        self._passed: date | None = None

    def run(self) -> int:
        """Decide what is due once; answer how many payouts there are of it."""
        now = self._clock()
        day, terms = day_of(now), terms_at(now)
        if now < terms.leaves_at(day) or self._counter.payouts.is_closed(day):
            return 0
        purses = self._waiting() if self._passed == day else self._all(terms)
        planned = sum(
            self._turns.take(_row(purse), partial(self._decide, purse, day, terms, now))
            for purse in purses
        )
        self._passed = day
        if not self._turns:
            self._counter.payouts.close(day, now)
        return planned

    def _all(self, terms: PayoutTerms) -> list[Purse]:
        return self._counter.purses.holding(terms.minimum_minor)

    def _waiting(self) -> list[Purse]:
        return [self._counter.purses.of(*row.split(":")) for row in self._turns]

    def _decide(self, purse: Purse, day: date, terms: PayoutTerms, now: datetime) -> bool:
        counter = self._counter
        try:
            planned = atomically(lambda: plan_payout(purse, day, terms, counter=counter, now=now))
        except Conflict:
            return False  # decided by another run at the same moment
        except ProviderUnknown as unknown:
            metrics.PAYOUTS_WITHOUT_PROVIDER.inc()
            logger("payouts").warning(
                "no payout", organization=purse.organization_id, why=str(unknown)
            )
            return False
        return planned is not None


def _row(purse: Purse) -> str:
    return f"{purse.organization_id}:{purse.available.currency}"


def executors(counter: Counter, ledger: Ledger, clock: Clock) -> dict[str, Executor]:
    """How payouts are set aside, and how their ends are booked."""

    def set_aside(payout: Payout) -> list[Outcome]:
        """Answer for each entry, up to the first that is refused for good."""
        outcomes: list[Outcome] = []
        if payout.state is not PayoutState.PLANNED:
            return outcomes
        for entry in payout.entries():
            outcomes += hold_or_retire([entry], ledger=ledger)
            if not outcomes[-1].stands:
                break  # what the reserve is to have first is not paid out
        return outcomes

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
