"""The clock that the writer books by: this machine's, as long as the database agrees."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pymongo
from pymongo.errors import PyMongoError

from chassis import metrics, mongo
from chassis.kernel.time import Clock
from chassis.logging import logger
from services.payments.ledger.domain import ClockApart, LedgerUnavailable

APART = timedelta(seconds=5)
ASK_EVERY_SECONDS = 3.0
ASK_SECONDS = 2.0


class Sighting(NamedTuple):
    """The database's time, and between which moments of the monotonic clock it was that."""

    time: datetime
    asked: float
    answered: float

    def distance(self, now: datetime, monotonic: float) -> timedelta:
        """How far ``now`` is from the database's time: positive ahead, and at least so far."""
        earliest = self.time + timedelta(seconds=monotonic - self.answered)
        latest = self.time + timedelta(seconds=monotonic - self.asked)
        return now - latest if now > latest else min(now - earliest, timedelta(0))


class CheckedClock:
    """A ``Clock`` that raises ``ClockApart`` rather than tell a time that nobody else has.

    The time of the log never goes back: one segment with the time of next year would end
    all holds and keep every period of this year from being sealed. So this machine's time
    is compared with that of the database's primary, whose clock leases go by too: anew every
    three seconds, and on when it cannot be asked for a while. A machine that slept is asked
    for again before it is called wrong. Raises ``LedgerUnavailable`` when the database has
    never answered. Safe for several threads.
    """

    def __init__(self, clock: Clock, *, every_seconds: float = ASK_EVERY_SECONDS) -> None:
        self._clock = clock
        self._every_seconds = every_seconds
        self._lock = threading.Lock()
        self._seen: Sighting | None = None

    def __call__(self) -> datetime:
        """The time; raise ``ClockApart`` or ``LedgerUnavailable``."""
        now, distance = self._measured(self._every_seconds)
        if abs(distance) > APART:
            now, distance = self._measured(0.0)
        metrics.LEDGER_CLOCK_APART.set(distance.total_seconds())
        if abs(distance) > APART:
            logger("ledger").error("clock apart", seconds=distance.total_seconds())
            seconds = round(distance.total_seconds())
            raise ClockApart(f"{seconds:+} s from the database's clock", seconds=seconds)
        return now

    def is_right(self) -> bool:
        """Whether one may book by it just now."""
        try:
            self()
        except LedgerUnavailable:
            return False
        return True

    def _measured(self, most_seconds: float) -> tuple[datetime, timedelta]:
        """The time here, and its distance by what was seen at most so long ago."""
        with self._lock:
            seen = self._seen
            if seen is None or time.monotonic() - seen.answered > most_seconds:
                seen = self._seen = self._asked(seen)
        return (now := self._clock()), seen.distance(now, time.monotonic())

    def _asked(self, last: Sighting | None) -> Sighting:
        asked = time.monotonic()
        try:
            with pymongo.timeout(ASK_SECONDS):
                told = mongo.client().admin.command("hello")
        except PyMongoError as away:
            if last is None:
                raise LedgerUnavailable(f"the database does not tell its time: {away}") from away
            return last
        return Sighting(told["localTime"].replace(tzinfo=UTC), asked, time.monotonic())
