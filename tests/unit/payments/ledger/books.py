"""Books in memory and entries to put into them, for tests."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from chassis.kernel.ids import make_id
from services.payments.ledger.engine.segments import Segment
from services.payments.ledger.repositories.writer import Writer
from services.payments.ledger.use_cases import Superseded

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
