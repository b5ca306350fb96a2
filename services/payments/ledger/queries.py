"""What is read of the books: balances, entries with their reasons, the log."""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import chain

from chassis.kernel.errors import NotFound
from chassis.kernel.time import Clock, system_clock, to_rfc3339
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
from services.payments.ledger.engine.accounts import Balance
from services.payments.ledger.engine.columns import NO_FLOOR
from services.payments.ledger.engine.segments import FORMAT, Segment, genesis
from services.payments.ledger.repositories.history import MongoHistory
from services.payments.ledger.use_cases import Log, Moment, TimeNotOver

EXPORT_KIND = "teahouse-ledger-export"


class EntryNotFound(NotFound):
    """No entry has that id, or it has not been projected yet."""

    code = "entry-not-found"
    hint = "Check the id; an entry can be read a moment after it was booked."
    chinese = "没有该分录，或尚未完成投影。"


class LedgerQueries:
    """Reads the projections, which follow the log by a moment, and the log itself.

    ``annex`` is what an export says besides: lines between its header and the log.
    """

    def __init__(
        self,
        market: str,
        log: Log,
        clock: Clock = system_clock,
        *,
        annex: Callable[[], Iterable[Row]] = tuple,
    ) -> None:
        self._market = market
        self._log = log
        self._clock = clock
        self._annex = annex
        self._history = MongoHistory(log)

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

    def account_booked(self, path: str, booked_at: datetime) -> Row:
        """The balances of an account after all that was booked at that time or before.

        With the last segment they contain, None before any. Raises ``AccountNotInChart``,
        ``TimeNotOver`` or ``HistoryBehind``.
        """
        floor_of(path)
        self._check_over(booked_at)
        moment = self._history.moment(booked_at)
        balances = self._history.balances(path, moment)
        told = [_past(currency, balances[currency]) for currency in sorted(balances)]
        return _as_of(path, moment, told)

    def account_effective(
        self, path: str, effective_at: datetime, booked_at: datetime | None = None
    ) -> Row:
        """What takes effect on an account at that time or before, as booked until another.

        Only what is posted: holds have no time of effect. Without ``booked_at`` all counts
        that has been booked; the answer is final then once the period is closed. Raises as
        ``account_booked`` does, and ``EffectiveTooFar``.
        """
        floor_of(path)
        self._check_over(effective_at)
        if booked_at is not None:
            self._check_over(booked_at)
        # Read before the log is: a period that was closed by then stays as it is read here.
        is_closed = booked_at is None and self._is_closed(effective_at)
        moment = self._history.moment(booked_at or self._clock())
        posted = self._history.effective(path, effective_at, moment)
        told = [
            {"currency": currency, "posted": _money(posted[currency], currency)}
            for currency in sorted(posted)
        ]
        found = _as_of(path, moment, told)
        return found | {"effective_at": effective_at, "final": moment.is_final or is_closed}

    def _check_over(self, at: datetime) -> None:
        if at > self._clock():
            raise TimeNotOver(f"{to_rfc3339(at)} is not over")

    def _is_closed(self, at: datetime) -> bool:
        cursor = collection(CURSORS).find_one({"_id": self._market}, {"closed_until": 1}) or {}
        closed_until = cursor.get("closed_until")
        return closed_until is not None and at < closed_until

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

    def trial_balance(self) -> Row:
        """The sum of all balances for each currency, and the head they belong to."""
        return atomically(self._trial_balance)

    def export(self) -> Iterator[str]:
        """The whole log, one JSON text a line: header, annex, segments, trailer."""
        head, count, entries = genesis(self._market), 0, 0
        yield _line(
            {
                "kind": EXPORT_KIND,
                "format": FORMAT,
                "market": self._market,
                "genesis": head.hex(),
            }
        )
        yield from map(_line, self._annex())
        for segment in self._log.since(0):
            yield _line(_exported(segment))
            head, count, entries = segment.hash, count + 1, entries + segment.entry_count
        yield _line({"kind": "end", "segments": count, "entries": entries, "head": head.hex()})

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


def _past(currency: str, balance: Balance) -> Row:
    return {
        "currency": currency,
        "posted": _money(balance.posted, currency),
        "available": _money(balance.available, currency),
        "held": _money(balance.posted - balance.available, currency),
    }


def _as_of(path: str, moment: Moment, balances: list[Row]) -> Row:
    return {
        "path": path,
        "balances": balances,
        "booked_at": moment.at,
        "segment": moment.segment if moment.segment >= 0 else None,
        "final": moment.is_final,
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
