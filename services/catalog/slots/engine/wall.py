"""What a clock on a room's wall shows, as moments, on the days the clocks change too.

An hour that comes twice is the first of the two. A time that the clocks skip is the
moment they skip to. So the later of two times on the wall is never the earlier moment,
and hours that do not overlap on the wall never overlap at all. (RFC 5545, section
3.3.5, would move a skipped time on by the length of the gap, past times after it.)
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

_SECOND = timedelta(seconds=1)
_DAY = timedelta(days=1)


class Span(NamedTuple):
    """From one moment to a later one."""

    starts_at: datetime
    ends_at: datetime


def moment_of(wall: datetime, zone: ZoneInfo) -> datetime:
    """The moment, in UTC, at which the wall shows this naive time."""
    by_old = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if by_old.astimezone(zone).replace(tzinfo=None, fold=0) == wall:
        return by_old
    # Skipped: the clocks change after what the new offset says, at the latest by what the
    # old one says.
    before = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    return _change_between(before, by_old, zone)


def span_of(day: date, starts: time, ends: time, zone: ZoneInfo) -> Span | None:
    """The hours of a day, over midnight when they end no later than they start.

    None when the clocks skip them altogether.
    """
    last_day = day if ends > starts else day + timedelta(days=1)
    span = Span(
        moment_of(datetime.combine(day, starts), zone),
        moment_of(datetime.combine(last_day, ends), zone),
    )
    return span if span.starts_at < span.ends_at else None


def changes_of(zone: ZoneInfo, first: datetime, last: datetime) -> Iterator[datetime]:
    """The moments at which the clocks of a zone change, after ``first`` and up to ``last``.

    Day by day: some countries change them for no more than a month.
    """
    before = first.astimezone(UTC)
    while before < last:
        after = min(before + _DAY, last.astimezone(UTC))
        if before.astimezone(zone).utcoffset() != after.astimezone(zone).utcoffset():
            yield _change_between(before, after, zone)
        before = after


def _change_between(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The first moment at which the wall shows the offset that it has at ``after``."""
    new = after.astimezone(zone).utcoffset()
    while after - before > _SECOND:
        middle = before + (after - before) // _SECOND // 2 * _SECOND
        if middle.astimezone(zone).utcoffset() == new:
            after = middle
        else:
            before = middle
    return after
