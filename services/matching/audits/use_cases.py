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

    def facts(self, window: Window, *, now: datetime) -> Facts:
        """Everything of a window, counted as it is known now."""
        ...


class Audits(Protocol):
    """The audits, wherever they are kept; nothing of one is ever changed."""

    def has(self, audit_id: str) -> bool:
        """Whether it was made."""
        ...

    def put_rows(self, made: Audit) -> None:
        """Store the rows of one, however many; nobody finds them before it is stored itself."""
        ...

    def add(self, made: Audit) -> None:
        """Store one whose rows are stored."""
        ...


def make_audit(
    audit_id: str, window: Window, *, by: str, books: Books, audits: Audits, now: datetime
) -> Audit | None:
    """Count a window and store its rows; None when there is an audit of that id.

    Both may take longer than a transaction may. The audit is not stored yet: without it the
    rows are nobody's.
    """
    if audits.has(audit_id):
        return None
    made = audit(audit_id, window, books.facts(window, now=now), by=by, now=now)
    audits.put_rows(made)
    return made


def make_daily_audit(*, books: Books, audits: Audits, now: datetime) -> Audit | None:
    """Count the week before the last midnight; None when that day was audited.

    The audit's id follows from the day.
    """
    today = now.astimezone(CALENDAR).date()
    until = datetime.combine(today, time(), CALENDAR)
    audit_id = named_id("aud", until, "daily", today.isoformat())
    window = Window(until - DAILY, until)
    return make_audit(audit_id, window, by=WORKER, books=books, audits=audits, now=now)


def keep_audit(made: Audit, *, audits: Audits) -> None:
    """Store an audit whose rows are stored, unless one under its id was stored meanwhile."""
    if not audits.has(made.id):
        audits.add(made)


def last_days(days: int, now: datetime) -> Window:
    """The window of so many days up to now."""
    return Window(now - timedelta(days=days), now)
