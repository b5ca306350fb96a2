"""A statement as PDF in both languages."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from services.payments.statements.adapters.sheet import (
    AMOUNT_RIGHT,
    CHINESE,
    LEAD,
    LEFT,
    RIGHT,
    WHY_LEFT,
    Sheet,
)
from services.payments.statements.domain import Axis, Line, Statement
from services.payments.statements.engine.amounts import grouped


def pdf(statement: Statement, zone: ZoneInfo, *, anchor: str = "") -> bytes:
    """The whole file; times are by the clock of ``zone``.

    ``anchor`` stands at the foot of every page: the signed root of a day, so that paper
    bears witness to the books. The same statement gives the same bytes.
    """
    sheet = Sheet(f"Statement {statement.account}", zone, anchor)
    _head(sheet, statement)
    for line in statement.lines:
        _line(sheet, line, statement.currency)
    sheet.rule()
    sheet.sum("Closing balance", "期末余额", grouped(statement.closing, statement.currency))
    return sheet.finished()


def _head(sheet: Sheet, statement: Statement) -> None:
    sheet.heading("Statement", "对账单")
    start, end = statement.start.astimezone(sheet.zone), statement.end.astimezone(sheet.zone)
    period = f"{start:%Y-%m-%d %H:%M} - {end:%Y-%m-%d %H:%M} ({sheet.zone.key})"
    for text in (statement.account, f"{period}   {statement.currency}"):
        sheet.text(LEFT, text)
        sheet.y -= LEAD
    if statement.axis is Axis.EFFECTIVE:
        sheet.text(LEFT, "By the time of effect")
        sheet.text(WHY_LEFT, "按生效时间", CHINESE)
        sheet.y -= LEAD
    sheet.y -= LEAD
    currency = statement.currency
    sheet.sum("Opening balance", "期初余额", grouped(statement.opening, currency))
    sheet.sum("Money in", "收入合计", grouped(statement.money_in, currency))
    sheet.sum("Money out", "支出合计", grouped(statement.money_out, currency))
    sheet.y -= LEAD


def _line(sheet: Sheet, line: Line, currency: str) -> None:
    figures = {
        AMOUNT_RIGHT: grouped(line.minor, currency),
        RIGHT: grouped(line.balance, currency),
    }
    sheet.item(line.at, line.why, figures, f"{line.code}  {line.entry_id}")
