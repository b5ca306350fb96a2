"""Statements read from the projected entries, their reasons from the log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from chassis.mongo import Row, collection
from services.payments.ledger.documents import ENTRIES, SEGMENTS
from services.payments.ledger.domain import floor_of
from services.payments.statements.domain import (
    MAX_LINES,
    Line,
    Statement,
    StatementTooLong,
    check_period,
)
from services.payments.statements.engine.reasons import picked
from services.payments.statements.engine.words import subjects, why

Reasons = Mapping[tuple[int, int], Any]
_ORDER = (("at", 1), ("segment", 1), ("index", 1))


def read_statement(path: str, currency: str, *, start: datetime, end: datetime) -> Statement:
    """The posted movements of an account from ``start`` up to ``end``, with their reasons.

    Follows the log by a moment. Raises ``AccountNotInChart``, ``PeriodEmpty``,
    ``StatementTooLong``, and ``StatementUnsound`` rather than show what does not add up.
    """
    floor_of(path)
    check_period(start, end)
    touching = {"legs": {"$elemMatch": {"account": path, "currency": currency}}}
    within = {**touching, "at": {"$gte": start, "$lt": end}}
    rows = list(collection(ENTRIES).find(within).sort(_ORDER).limit(MAX_LINES + 1))
    if len(rows) > MAX_LINES:
        raise StatementTooLong(f"more than {MAX_LINES} lines", limit=MAX_LINES)
    opening = _balance_before(path, currency, {**touching, "at": {"$lt": start}})
    reasons = reasons_of(rows)
    lines = tuple(line for row in rows for line in _lines(row, path, currency, reasons))
    return Statement(
        account=path,
        currency=currency,
        start=start,
        end=end,
        opening=opening,
        lines=lines,
        closing=lines[-1].balance if lines else opening,
    )


def _balance_before(path: str, currency: str, earlier: Row) -> int:
    backwards = [(name, -1) for name, _ in _ORDER]
    last = collection(ENTRIES).find_one(earlier, {"legs": 1}, sort=backwards)
    if last is None:
        return 0
    found: int = [leg["balance"] for _, leg in _legs_of(last, path, currency)][-1]
    return found


def reasons_of(rows: Iterable[Row]) -> Reasons:
    """What was given as reason, by segment and index; one read for all segments."""
    wanted: dict[int, list[int]] = {}
    for row in rows:
        if row["explained"]:
            wanted.setdefault(row["segment"], []).append(row["index"])
    stored = collection(SEGMENTS).find({"_id": {"$in": list(wanted)}}, {"columns.reasons": 1})
    return {
        (segment["_id"], index): reason
        for segment in stored
        for index, reason in picked(segment["columns"]["reasons"], wanted[segment["_id"]]).items()
    }


def _legs_of(row: Row, path: str, currency: str) -> list[tuple[int, Row]]:
    return [
        (place, leg)
        for place, leg in enumerate(row["legs"])
        if leg["account"] == path and leg["currency"] == currency
    ]


def _lines(row: Row, path: str, currency: str, reasons: Reasons) -> Iterable[Line]:
    """A line for each leg that moved something, as a hold does not."""
    reason = reasons.get((row["segment"], row["index"]))
    for place, leg in _legs_of(row, path, currency):
        if leg["posted"]:
            yield Line(
                entry_id=row["_id"],
                leg=place,
                at=row["at"],
                kind=row["kind"],
                code=row["code"],
                minor=leg["posted"],
                balance=leg["balance"],
                why=why(reason, row["code"], leg=place, legs=len(row["legs"])),
                about=subjects(reason, row.get("reference")),
            )
