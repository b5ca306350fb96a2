"""A statement as CSV (RFC 4180) for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from chassis.kernel.formulas import marked
from services.payments.statements.domain import Axis, Line, Statement
from services.payments.statements.engine.amounts import plain

TIMES = {Axis.BOOKED: "time 时间", Axis.EFFECTIVE: "effective 生效时间"}
HEADER = (
    "amount 金额",
    "balance 余额",
    "currency 币种",
    "why",
    "原因",
    "code 业务",
    "entry 分录",
    "about 关联",
)


def csv_text(statement: Statement, zone: ZoneInfo) -> str:
    """A header, the opening balance, a line each, the closing balance.

    Times are by the clock of ``zone`` with their offset. Text that a spreadsheet would run
    as a formula is marked as text; amounts are numbers. Begins with the mark by which
    spreadsheets know UTF-8.
    """
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow((TIMES[statement.axis], *HEADER))
    table.writerow(_edge(statement, statement.start, statement.opening, "Opening", "期初", zone))
    table.writerows(_row(statement, line, zone) for line in statement.lines)
    table.writerow(_edge(statement, statement.end, statement.closing, "Closing", "期末", zone))
    return "\ufeff" + written.getvalue()


def _row(statement: Statement, line: Line, zone: ZoneInfo) -> Iterable[str]:
    currency = statement.currency
    about = "; ".join(f"{name} {value}" for name, value in sorted(line.about.items()))
    texts = (line.why.en, line.why.zh, line.code, line.entry_id, about)
    return (
        moment(line.at, zone),
        plain(line.minor, currency),
        plain(line.balance, currency),
        currency,
        *map(marked, texts),
    )


def _edge(
    statement: Statement, at: datetime, minor: int, english: str, chinese: str, zone: ZoneInfo
) -> Iterable[str]:
    currency = statement.currency
    balance = plain(minor, currency)
    account = marked(statement.account)
    return (moment(at, zone), "", balance, currency, english, chinese, "", "", account)


def moment(at: datetime, zone: ZoneInfo) -> str:
    """A time by the clock of a zone, with its offset."""
    return at.astimezone(zone).isoformat(timespec="milliseconds")
