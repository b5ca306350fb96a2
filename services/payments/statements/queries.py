"""Statements read from the projected entries, their reasons from the log."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo.cursor import Cursor

from chassis.mongo import Row, atomically, collection
from services.payments.ledger.documents import BACKDATED, ENTRIES, SEGMENTS
from services.payments.ledger.domain import floor_of
from services.payments.statements.domain import (
    MAX_LINES,
    Axis,
    Line,
    Statement,
    StatementTooLong,
    check_period,
)
from services.payments.statements.engine.reasons import picked
from services.payments.statements.engine.words import subjects, why

Reasons = Mapping[tuple[int, int], Any]
_ORDER = (("at", 1), ("segment", 1), ("index", 1))
MOMENT = timedelta(milliseconds=1)
FOREVER = datetime.max.replace(microsecond=0, tzinfo=UTC)  # room is left for a moment more


def read_statement(
    path: str,
    currency: str,
    *,
    start: datetime,
    end: datetime,
    axis: Axis = Axis.BOOKED,
    booked_at: datetime | None = None,
) -> Statement:
    """The posted movements of an account from ``start`` up to ``end``, with their reasons.

    By the time of effect the lines are those that take effect in the period, of all that was
    booked until ``booked_at``; that costs a look at each entry of the account which was booked
    since ``start`` with an earlier time of effect. Follows the log by a moment. Raises
    ``AccountNotInChart``, ``PeriodEmpty``, ``StatementTooLong``, and ``StatementUnsound``
    rather than show what does not add up.
    """
    floor_of(path)
    check_period(start, end)
    account = _Account(path, currency)
    if axis is Axis.EFFECTIVE:
        return atomically(lambda: _by_effect(account, start, end, booked_at))
    rows = _limited(account.booked(start, end).sort(_ORDER))
    opening = account.balance_before(start)
    lines = tuple(_lines(rows, account, lambda row: row["at"]))
    return Statement(
        account=path,
        currency=currency,
        start=start,
        end=end,
        opening=opening,
        lines=lines,
        closing=lines[-1].balance if lines else opening,
    )


def _by_effect(
    account: _Account, start: datetime, end: datetime, booked_at: datetime | None
) -> Statement:
    """Opening and closing are each read for themselves: the lines must lead from one to the other.

    To be called in a transaction, so that all of it is of one moment.
    """
    known = min(booked_at or FOREVER, FOREVER) + MOMENT
    rows = _limited(account.booked(start, min(end, known), {"effective_at": None}))
    rows += _limited(account.backdated(start, known, {"$gte": start, "$lt": end}))
    if len(rows) > MAX_LINES:
        raise _too_long()
    rows.sort(key=lambda row: (_effect(row), row["at"], row["segment"], row["index"]))
    opening = account.balance_by_effect(start, known)
    lines, balance = [], opening
    for line in _lines(rows, account, _effect):
        balance += line.minor
        lines.append(replace(line, balance=balance))
    return Statement(
        account=account.path,
        currency=account.currency,
        start=start,
        end=end,
        opening=opening,
        lines=tuple(lines),
        closing=account.balance_by_effect(end, known),
        axis=Axis.EFFECTIVE,
        booked_at=booked_at,
    )


@dataclass(frozen=True, slots=True)
class _Account:
    """The entries of an account in one currency. Periods are up to their end, exclusive."""

    path: str
    currency: str

    def booked(self, start: datetime, end: datetime, where: Row | None = None) -> Cursor[Row]:
        """Those that were booked in a period, in no order."""
        return collection(ENTRIES).find(self._touching(start, end) | (where or {}))

    def backdated(self, start: datetime, end: datetime, effective: Row) -> Cursor[Row]:
        """Those booked in a period whose own time of effect is such."""
        return self.booked(start, end, {"effective_at": effective}).hint(BACKDATED)

    def balance_before(self, end: datetime) -> int:
        """What was posted of all that was booked before."""
        backwards = [(name, -1) for name, _ in _ORDER]
        earlier = self._touching(None, end)
        last = collection(ENTRIES).find_one(earlier, {"legs": 1}, sort=backwards)
        if last is None:
            return 0
        found: int = [leg["balance"] for _, leg in _legs_of(last, self)][-1]
        return found

    def balance_by_effect(self, before: datetime, known: datetime) -> int:
        """What takes effect before a moment, of all that was booked before another."""
        total = self.balance_before(min(before, known))
        if before < known:
            for row in self.backdated(before, known, {"$lt": before}):
                total += sum(leg["posted"] for _, leg in _legs_of(row, self))
        return total

    def _touching(self, start: datetime | None, end: datetime) -> Row:
        within = {"$lt": end} | ({} if start is None else {"$gte": start})
        mine = {"$elemMatch": {"account": self.path, "currency": self.currency}}
        return {"legs": mine, "at": within}


def _limited(found: Cursor[Row]) -> list[Row]:
    rows = list(found.limit(MAX_LINES + 1))
    if len(rows) > MAX_LINES:
        raise _too_long()
    return rows


def _too_long() -> StatementTooLong:
    return StatementTooLong(f"more than {MAX_LINES} lines", limit=MAX_LINES)


def _effect(row: Row) -> datetime:
    found: datetime = row.get("effective_at") or row["at"]
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


def _legs_of(row: Row, account: _Account) -> list[tuple[int, Row]]:
    return [
        (place, leg)
        for place, leg in enumerate(row["legs"])
        if leg["account"] == account.path and leg["currency"] == account.currency
    ]


def _lines(
    rows: Sequence[Row], account: _Account, at: Callable[[Row], datetime]
) -> Iterator[Line]:
    """A line for each leg that moved something, as a hold does not; the balances as booked."""
    reasons = reasons_of(rows)
    for row in rows:
        reason = reasons.get((row["segment"], row["index"]))
        for place, leg in _legs_of(row, account):
            if leg["posted"]:
                yield Line(
                    entry_id=row["_id"],
                    leg=place,
                    at=at(row),
                    booked_at=row["at"],
                    kind=row["kind"],
                    code=row["code"],
                    minor=leg["posted"],
                    balance=leg["balance"],
                    why=why(reason, row["code"], leg=place, legs=len(row["legs"])),
                    about=subjects(reason, row.get("reference")),
                )
