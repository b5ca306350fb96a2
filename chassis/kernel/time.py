"""Time is an argument: everything that needs it is given a clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

CALENDAR = timezone(timedelta(hours=8))
"""Days of the books, of offers and of goods are days in China."""

Clock = Callable[[], datetime]
"""Answers the present moment, aware and in UTC."""


EARLIEST_YEAR, LATEST_YEAR = 1970, 2999
"""Of what comes from outside: times are added to and taken from, far from the ends."""


def system_clock() -> datetime:
    """The machine's own time, in whole milliseconds."""
    return in_milliseconds(datetime.now(UTC))


def in_milliseconds(moment: datetime) -> datetime:
    """Cut a moment to the millisecond, which is all that MongoDB and an id can hold.

    A moment that is answered, published and stored is then the same one everywhere.
    """
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


@lru_cache(maxsize=256)  # a run of events is stamped with one moment, again and again
def to_rfc3339(moment: datetime) -> str:
    """RFC 3339 in UTC with microseconds; raise ``ValueError`` for a naive time."""
    if moment.tzinfo is None:
        raise ValueError(f"a time without a zone: {moment!r}")
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def from_rfc3339(text: str) -> datetime:
    """Read an RFC 3339 time; raise ``ValueError`` when it is naive or no time at all."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"a time without a zone: {text!r}")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"a time that UTC cannot tell: {text!r}") from None
