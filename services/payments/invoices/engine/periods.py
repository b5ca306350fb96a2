"""Months by the calendar of a zone, written ``2026-09``."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo


def period_of(at: datetime, zone: ZoneInfo) -> str:
    """The month in which a moment falls by the clock of the zone."""
    return f"{at.astimezone(zone):%Y-%m}"


def last_day(period: str) -> date:
    """The last day of a month."""
    # Four days after a 28th it is the next month, whichever month it was.
    later = date.fromisoformat(f"{period}-28") + timedelta(days=4)
    return later.replace(day=1) - timedelta(days=1)


def following(period: str) -> str:
    """The month after."""
    return f"{last_day(period) + timedelta(days=1):%Y-%m}"
