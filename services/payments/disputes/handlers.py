"""Disputes at work: asked about, and their money held and moved."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from chassis.dispatcher import Executor
from chassis.kernel.ids import derived_id
from chassis.kernel.time import Clock
from chassis.mongo import atomically
from chassis.turns import Turns
from services.payments.disputes.use_cases import (
    END,
    HOLD,
    Bench,
    Watches,
    book_end,
    book_hold,
    follow,
    plan_end,
    plan_hold,
    record_end,
    record_hold,
)
from services.payments.providers.domain import Stage

BATCH = 100
DAILY, HOURLY = timedelta(days=1), timedelta(hours=1)


def executors(bench: Bench, clock: Clock) -> dict[str, Executor]:
    """How what is disputed is held, and how the ruling is booked."""
    return {
        HOLD: Executor(
            plan=lambda body: plan_hold(body["id"], bench=bench),
            submit=lambda taking: book_hold(taking, books=bench.books),
            record=lambda taking, lacking: record_hold(taking, lacking, bench=bench, now=clock()),
        ),
        END: Executor(
            plan=lambda body: plan_end(body["id"], bench=bench, now=clock()),
            submit=lambda ending: book_end(ending, books=bench.books),
            record=lambda ending, _: record_end(ending, bench=bench, now=clock()),
        ),
    }


class Watcher:
    """Asks providers how disputes stand: when a message came, and daily until the ruling.

    So a message may come twice, late, in any order, or not at all after the first. Evidence
    that the operator let go is sent on the way, again until the bank has it. Several may run
    at once. One that fails waits, and the others have their turn.
    """

    def __init__(self, bench: Bench, watches: Watches, clock: Clock) -> None:
        self._bench = bench
        self._watches = watches
        self._clock = clock
        self._turns = Turns("disputes")

    def run(self) -> int:
        """Ask about what is due once; answer how many were asked about."""
        due = self._watches.due(self._clock(), limit=BATCH + len(self._turns))
        return sum(self._turns.take(each, partial(self.step, each)) for each in due)

    def step(self, watch_id: str) -> bool:
        """Ask about one, take in the answer, and send what is to be sent."""
        now = self._clock()
        watch = self._watches.take(watch_id, now)
        if watch is None:
            return False
        court = self._bench.courts[watch.provider]
        said = court.read_dispute(watch.reference)
        if said is None:
            self._watches.wait(watch, None)
            return True
        dispute = atomically(lambda: follow(watch.provider, said, bench=self._bench, now=now))
        if dispute.submitted_at is not None and said.stage is Stage.NEEDS_EVIDENCE:
            key = derived_id("msg", dispute.id, "evidence")
            court.submit_evidence(watch.reference, dispute.told_to_bank(), key=key)
        again = now + (DAILY if dispute.parties else HOURLY)
        self._watches.wait(watch, None if dispute.is_ruled else again)
        return True
