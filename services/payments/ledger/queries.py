"""What is read of the books: balances, entries with their reasons, statements, the log."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import datetime, timedelta

from chassis.kernel.errors import NotFound, RuleBroken
from chassis.kernel.time import Clock, system_clock, to_rfc3339
from chassis.mongo import Row, atomically, collection
from services.payments.ledger.documents import ACCOUNTS, CURSORS, ENTRIES, SEGMENTS
from services.payments.ledger.domain import floor_of
from services.payments.ledger.engine.accounts import Balance
from services.payments.ledger.engine.segments import FORMAT, Segment, genesis
from services.payments.ledger.repositories.history import MongoHistory
from services.payments.ledger.use_cases import HistoryBehind, Log, Moment, TimeNotOver

MAX_LINES = 5_000
MILLISECOND = timedelta(milliseconds=1)
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
        self._history = MongoHistory(log)

    def account(self, path: str) -> Row:
        """The balances of an account in each currency it has; raise ``AccountNotInChart``."""
        floor_of(path)
        rows = collection(ACCOUNTS).find({"path": path}).sort("currency", 1)
        return {"path": path, "balances": [_balance(row) for row in rows]}

    def account_at(self, path: str, at: datetime) -> Row:
        """The balances of an account after all that was booked at that time or before.

        With the last segment they contain, None before any. Raises ``AccountNotInChart``,
        ``TimeNotOver`` or ``HistoryBehind``.
        """
        floor_of(path)
        if at > self._clock():
            raise TimeNotOver(f"{to_rfc3339(at)} is not over")
        moment = self._history.moment(at)
        balances = self._history.balances(path, moment)
        return {
            "path": path,
            "balances": [_past(currency, balances[currency]) for currency in sorted(balances)],
            "at": at,
            "segment": moment.segment if moment.segment >= 0 else None,
            "final": moment.is_final,
        }

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

        Opening plus movements is checked to be closing. Raises ``StatementTooLong``, and
        ``HistoryBehind`` while what was booked in that time has not been projected yet.
        """
        floor_of(path)
        self._check_projected(self._history.moment(end - MILLISECOND))
        leg = {"$elemMatch": {"account": path, "currency": currency}}
        lines = self._lines(path, currency, {"legs": leg, "at": {"$gte": start, "$lt": end}})
        before = self._history.moment(start - MILLISECOND)
        found = self._history.balances(path, before).get(currency)
        opening = found.posted if found else 0
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

    def _check_projected(self, moment: Moment) -> None:
        cursor = collection(CURSORS).find_one({"_id": self._market}) or {"segment": 0}
        if cursor["segment"] <= moment.segment:
            raise HistoryBehind(f"projected to {cursor['segment']}, asked for {moment.segment}")

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


def _balance(row: Row) -> Row:
    currency = row["currency"]
    return {
        "currency": currency,
        "posted": _money(row["posted"], currency),
        "available": _money(row["available"], currency),
        "held": _money(row["posted"] - row["available"], currency),
        "entries": row["entries"],
    }


def _past(currency: str, balance: Balance) -> Row:
    return {
        "currency": currency,
        "posted": _money(balance.posted, currency),
        "available": _money(balance.available, currency),
        "held": _money(balance.posted - balance.available, currency),
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
    names = ("reference", "pending_id", "expires_at")
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
