"""Moments as the log keeps them: whole milliseconds since 1970."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_milliseconds(moment: datetime | None) -> int:
    """Milliseconds since 1970, zero for none."""
    return 0 if moment is None else (moment - EPOCH) // timedelta(milliseconds=1)


def from_milliseconds(at: int) -> datetime:
    """The moment so many milliseconds after 1970 began."""
    return EPOCH + timedelta(milliseconds=at)
