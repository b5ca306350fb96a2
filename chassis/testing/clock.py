"""A clock that moves only when told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


class FakeClock:
    """A ``Clock`` for tests: ``clock()`` answers ``now`` until ``advance`` or ``set``."""

    def __init__(self, now: datetime = START) -> None:
        if now.tzinfo is None:
            raise ValueError("a clock needs a zone")
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, *, days: float = 0, hours: float = 0, seconds: float = 0) -> datetime:
        """Move forward, or back with a negative figure; answer the new time."""
        self.now += timedelta(days=days, hours=hours, seconds=seconds)
        return self.now

    def set(self, now: datetime) -> None:
        """Jump to a moment."""
        self.now = now
