"""What is done about audits by the clock."""

from __future__ import annotations

from chassis.kernel.time import Clock
from chassis.mongo import atomically
from services.matching.audits.use_cases import Audits, Books, keep_audit, make_daily_audit


def audit_daily(books: Books, audits: Audits, clock: Clock) -> None:
    """Make the audit of the day unless there is one; for a task that runs again and again.

    The counting and its rows, which may take longer than a transaction may, come before it.
    """
    made = make_daily_audit(books=books, audits=audits, now=clock())
    if made is not None:
        atomically(lambda: keep_audit(made, audits=audits))
