"""What is read of the books: balances, entries with their reasons, statements, the log."""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from itertools import chain

from chassis.kernel.errors import NotFound, RuleBroken
from chassis.kernel.time import Clock, system_clock
from chassis.mongo import Row, atomically, collection
from services.payments.ledger.documents import (
    ACCOUNTS,
    CURSORS,
    ENTRIES,
    HOLDS,
    OPEN,
    SEGMENTS,
)
from services.payments.ledger.domain import floor_of
from services.payments.ledger.engine.columns import NO_FLOOR
from services.payments.ledger.engine.segments import FORMAT, Segment, genesis
from services.payments.ledger.use_cases import Log

MAX_LINES = 5_000
EXPORT_KIND = "teahouse-ledger-export"


class EntryNotFound(NotFound):
    """No entry has that id, or it has not been projected yet."""

    code = "entry-not-found"
    hint = "Check the id; an entry can be read a moment after it was booked."
    chinese = "没有该分录，或尚未完成投影。"


class StatementTooLong(RuleBroken):
    """The period has more lines than one statement takes."""

    code = "statement-too-long"
    hint = "Ask for a shorter period."
    chinese = "该期间的明细过多，请缩短查询期间。"


class StatementUnsound(Exception):
    """A statement whose movements do not lead from its opening to its closing balance."""


class LedgerQueries:
    """Reads the projections, which follow the log by a moment, and the log itself."""

    def __init__(self, market: str, log: Log, clock: Clock = system_clock) -> None:
        self._market = market
        self._log = log
        self._clock = clock

    def account(self, path: str) -> Row:
        """The balances of an account in each currency it has; raise ``AccountNotInChart``.

        A hold whose time is over does not count, although the books may not have written
        that down yet.
        """
        floor_of(path)
        over = self._over(path)
        rows = collection(ACCOUNTS).find({"path": path}).sort("currency", 1)
        return {"path": path, "balances": [_balance(row, over) for row in rows]}

    def _over(self, path: str) -> Counter[str]:
        """By currency: what holds took from the account's available balance that are over."""
        due = {"state": OPEN, "expires_at": {"$lte": self._clock()}}
        holds = {row["_id"]: row.get("parts", []) for row in collection(HOLDS).find(due)}
        entries = {"_id": {"$in": [*holds, *chain(*holds.values())]}, "legs.account": path}
        over: Counter[str] = Counter()
        for row in collection(ENTRIES).find(entries) if holds else ():
            sign = -1 if row["_id"] in holds else 1
            for leg in row["legs"]:
                if leg["account"] == path and leg["minor"] < 0:
                    over[leg["currency"]] += sign * leg["minor"]
        return over

    def entry(self, entry_id: str) -> Row:
        """One entry in words; raise ``EntryNotFound``."""
        row = collection(ENTRIES).find_one({"_id": entry_id})
        if row is None:
            raise EntryNotFound(f"no entry {entry_id}")
        return _entry(row)

    def explanation(self, entry_id: str) -> Row:
        """An entry with the reason that was given for its amounts, read from the log."""
        entry = self.entry(entry_id)
        reason = None
        if entry["explained"]:
            reason = self._log.read(entry["segment"]).reasons[entry["index"]]
        return {**entry, "reason": reason}

    def statement(self, path: str, currency: str, *, start: datetime, end: datetime) -> Row:
        """The posted movements of an account from ``start`` up to ``end``, between balances.

        Opening plus movements is checked to be closing. Raises ``StatementTooLong``.
        """
        floor_of(path)
        leg = {"$elemMatch": {"account": path, "currency": currency}}
        lines = self._lines(path, currency, {"legs": leg, "at": {"$gte": start, "$lt": end}})
        earlier = {"legs": leg, "at": {"$lt": start}}
        last = collection(ENTRIES).find_one(
            earlier, sort=[("at", -1), ("segment", -1), ("index", -1)]
        )
        opening = _legs_of(last, path, currency)[-1]["balance"] if last else 0
        closing = lines[-1]["balance"]["minor"] if lines else opening
        if opening + sum(line["amount"]["minor"] for line in lines) != closing:
            raise StatementUnsound(f"{path} {currency}: {opening} does not lead to {closing}")
        return {
            "account": path,
            "currency": currency,
            "start": start,
            "end": end,
            "opening": _money(opening, currency),
            "lines": lines,
            "closing": _money(closing, currency),
        }

    def trial_balance(self) -> Row:
        """The sum of all balances for each currency, and the head they belong to."""
        return atomically(self._trial_balance)

    def export(self) -> Iterator[str]:
        """The whole log, one JSON text a line: a header, the segments, a trailer."""
        head, count, entries = genesis(self._market), 0, 0
        yield _line(
            {
                "kind": EXPORT_KIND,
                "format": FORMAT,
                "market": self._market,
                "genesis": head.hex(),
            }
        )
        for segment in self._log.since(0):
            yield _line(_exported(segment))
            head, count, entries = segment.hash, count + 1, entries + segment.entry_count
        yield _line({"kind": "end", "segments": count, "entries": entries, "head": head.hex()})

    def _lines(self, path: str, currency: str, where: Row) -> list[Row]:
        order = [("at", 1), ("segment", 1), ("index", 1)]
        rows = list(collection(ENTRIES).find(where).sort(order).limit(MAX_LINES + 1))
        if len(rows) > MAX_LINES:
            raise StatementTooLong(f"more than {MAX_LINES} lines", limit=MAX_LINES)
        return [line for row in rows if (line := _statement_line(row, path, currency))]

    def _trial_balance(self) -> Row:
        sums = collection(ACCOUNTS).aggregate(
            [
                {
                    "$group": {
                        "_id": "$currency",
                        "posted": {"$sum": "$posted"},
                        "available": {"$sum": "$available"},
                        "accounts": {"$sum": 1},
                    }
                },
                {"$sort": {"_id": 1}},
            ]
        )
        currencies = [_trial_line(row) for row in sums]
        cursor = collection(CURSORS).find_one({"_id": self._market}) or {}
        latest = collection(SEGMENTS).find_one({}, {"_id": 1}, sort=[("_id", -1)])
        segments = cursor.get("segment", 0)
        return {
            "currencies": currencies,
            "balanced": not any(line["sum"]["minor"] for line in currencies),
            "entries": cursor.get("entries", 0),
            "segments": segments,
            "segments_behind": (latest["_id"] + 1 if latest else 0) - segments,
            "head": cursor.get("head", genesis(self._market)).hex(),
            "at": cursor.get("at"),
        }


def _money(minor: int, currency: str) -> Row:
    return {"minor": minor, "currency": currency}


def _balance(row: Row, over: Counter[str]) -> Row:
    currency = row["currency"]
    available = row["available"] + over[currency]
    return {
        "currency": currency,
        "posted": _money(row["posted"], currency),
        "available": _money(available, currency),
        "held": _money(row["posted"] - available, currency),
        "entries": row["entries"],
        "limits": {
            "floor": row["floor"] if row["floor"] != NO_FLOOR else None,
            "ceiling": row.get("ceiling"),
            "version": row.get("limits_version", 0),
        },
    }


def _trial_line(row: Row) -> Row:
    currency = row["_id"]
    return {
        "currency": currency,
        "sum": _money(row["posted"], currency),
        "held": _money(row["posted"] - row["available"], currency),
        "accounts": row["accounts"],
    }


def _entry(row: Row) -> Row:
    names = ("reference", "pending_id", "expires_at", "effective_at")
    return {**row, "id": row["_id"], **{name: row.get(name) for name in names}}


def _legs_of(row: Row, path: str, currency: str) -> list[Row]:
    return [leg for leg in row["legs"] if leg["account"] == path and leg["currency"] == currency]


def _statement_line(row: Row, path: str, currency: str) -> Row | None:
    """The line of an entry; none when it moved nothing, as a hold does not."""
    legs = _legs_of(row, path, currency)
    if not any(leg["posted"] for leg in legs):
        return None
    return {
        "entry_id": row["_id"],
        "at": row["at"],
        "kind": row["kind"],
        "code": row["code"],
        "reference": row.get("reference"),
        "amount": _money(sum(leg["posted"] for leg in legs), currency),
        "balance": _money(legs[-1]["balance"], currency),
    }


def _exported(segment: Segment) -> Row:
    return {
        "kind": "segment",
        "sequence": segment.sequence,
        "at": segment.at,
        "epoch": segment.epoch,
        "entries": segment.entry_count,
        "legs": segment.leg_count,
        "previous": segment.previous.hex(),
        "hash": segment.hash.hex(),
        "columns": {
            name: base64.b64encode(column).decode() for name, column in segment.columns.items()
        },
    }


def _line(value: Row) -> str:
    return json.dumps(value, separators=(",", ":")) + "\n"
