"""Making audits, once each, and finding them again."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Protocol

from chassis.kernel.ids import named_id
from chassis.kernel.time import CALENDAR
from services.matching.audits.domain import Audit, Facts, Window, audit

DAILY = timedelta(days=7)
"""What the audit of a day looks back on."""

WORKER = "worker"


class Books(Protocol):
    """What matching has kept of who was shown and what came of it."""

    def facts(self, window: Window) -> Facts:
        """Everything of a window, counted as it is known now."""
        ...


class Audits(Protocol):
    """The audits, wherever they are kept; nothing of one is ever changed."""

    def has(self, audit_id: str) -> bool:
        """Whether it was made."""
        ...

    def add(self, made: Audit) -> None:
        """Store one with its rows."""
        ...


def make_audit(
    audit_id: str, window: Window, *, by: str, books: Books, audits: Audits, now: datetime
) -> None:
    """Audit a window under this id, unless that was done before."""
    if not audits.has(audit_id):
        audits.add(audit(audit_id, window, books.facts(window), by=by, now=now))


def make_daily_audit(*, books: Books, audits: Audits, now: datetime) -> None:
    """Audit the week before the last midnight; the same day is audited once.

    Its id follows from the day.
    """
    today = now.astimezone(CALENDAR).date()
    until = datetime.combine(today, time(), CALENDAR)
    audit_id = named_id("aud", until, "daily", today.isoformat())
    window = Window(until - DAILY, until)
    make_audit(audit_id, window, by=WORKER, books=books, audits=audits, now=now)


def last_days(days: int, now: datetime) -> Window:
    """The window of so many days up to now."""
    return Window(now - timedelta(days=days), now)
