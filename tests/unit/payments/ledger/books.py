"""Books in memory and entries to put into them, for tests."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from chassis.kernel.ids import make_id
from chassis.kernel.money import Money
from services.payments.ledger.domain import (
    EntryRequest,
    Leg,
    Outcome,
    Status,
    hold,
    post,
    transfer,
)
from services.payments.ledger.engine.segments import Segment
from services.payments.ledger.repositories.writer import Writer
from services.payments.ledger.use_cases import Superseded

OUTSIDE = "external:provider"
NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
MARKET = "test"


class MemoryLog:
    """The ``Log`` port over a list."""

    def __init__(self) -> None:
        self.segments: list[Segment] = []

    def append(self, segment: Segment) -> None:
        if segment.sequence < len(self.segments):
            if self.segments[segment.sequence].hash != segment.hash:
                raise Superseded
            return
        assert segment.sequence == len(self.segments)
        self.segments.append(segment)

    def read(self, sequence: int) -> Segment:
        return self.segments[sequence]

    def since(self, sequence: int) -> Iterator[Segment]:
        yield from self.segments[sequence:]

    def has(self, sequence: int) -> bool:
        return sequence < len(self.segments)


class MovableClock:
    """A clock that stands until it is moved."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


class SeededIds:
    """Identifiers that a seed repeats."""

    def __init__(self, seed: int = 1, clock: MovableClock | None = None) -> None:
        self._random = random.Random(seed)
        self._clock = clock or MovableClock()

    def __call__(self, prefix: str) -> str:
        return make_id(prefix, now=self._clock(), random=self._random.getrandbits)


def a_writer(log: MemoryLog | None = None, clock: MovableClock | None = None) -> Writer:
    """A writer over this log, or an empty one."""
    writer = Writer(MARKET, log or MemoryLog(), clock or MovableClock())
    writer.catch_up()
    return writer


class Desk:
    """A writer with a funded account, and short words for entries."""

    def __init__(self, funded: int = 1_000) -> None:
        self.clock, self.log = MovableClock(), MemoryLog()
        self.ids = SeededIds(1, self.clock)
        self.fund = f"offer:{self.ids('off')}:fund"
        self.escrow = f"claim:{self.ids('clm')}:escrow"
        self.writer = a_writer(self.log, self.clock)
        if funded:
            self.one(self.move(OUTSIDE, self.fund, funded))

    def move(self, source: str, target: str, minor: int, currency: str = "CNY") -> EntryRequest:
        amount = Money(minor, currency)
        return transfer(self.ids("ent"), source, target, amount, "deposit")

    def hold(self, minor: int, **options: object) -> EntryRequest:
        legs = [Leg(self.fund, -minor, "CNY"), Leg(self.escrow, minor, "CNY")]
        return hold(self.ids("ent"), legs, "escrow", **options)

    def post(self, held: EntryRequest, minor: int | None = None) -> EntryRequest:
        legs = [Leg(self.fund, -minor, "CNY"), Leg(self.escrow, minor, "CNY")] if minor else []
        return post(self.ids("ent"), held.id, "escrow", legs=legs)

    def one(self, entry: EntryRequest) -> Outcome:
        (outcome,) = self.writer.book([entry])
        return outcome

    def balances(self, path: str, currency: str = "CNY") -> tuple[int, int]:
        return tuple(self.writer.books.accounts.balance(path, currency))

    def refuses(self, entry: EntryRequest, code: str) -> Outcome:
        """The entry is refused, and nothing has changed."""
        before = (len(self.log.segments), self.writer.books.head)
        outcome = self.one(entry)
        assert (outcome.status, outcome.code) == (Status.REFUSED, code)
        assert (len(self.log.segments), self.writer.books.head) == before
        return outcome
