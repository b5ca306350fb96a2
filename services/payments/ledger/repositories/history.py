"""Balances at any time, on both axes: from the pages of past eras, and from the log since."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import numpy as np

from chassis.mongo import collection
from services.payments.ledger.documents import BACKDATED, NUMBERED, PAGES, SEGMENTS
from services.payments.ledger.domain.times import to_milliseconds
from services.payments.ledger.engine.accounts import Balance
from services.payments.ledger.engine.backdating import COLUMNS, backdated
from services.payments.ledger.engine.columns import I64, Entries, unpack
from services.payments.ledger.engine.eras import BLOCK, LONGEST_ERA, Era, Page
from services.payments.ledger.engine.segments import Segment
from services.payments.ledger.repositories.keeper import (
    BLOCK_SHIFT,
    is_of_the_log,
    last_era,
    page_id,
)
from services.payments.ledger.use_cases import EffectiveTooFar, HistoryBehind, Log, Moment

MAX_BACKDATED_LEGS = 1 << 22  # that one question reads: some tenths of a second
NOTHING: I64 = np.zeros(0, np.int64)
Row = Mapping[str, Any]


class MongoHistory:
    """The ``History`` port over the pages that the keeper writes.

    What came after the last whole era is kept here, read from the log as it is asked for.
    Safe for several threads.
    """

    def __init__(self, log: Log) -> None:
        self._log = log
        self._lock = threading.Lock()
        self._tail = _Tail(0, 0)
        self._era: Row = {}

    def moment(self, at: datetime) -> Moment:
        """See ``History.moment``."""
        stored = collection(SEGMENTS)
        until = {"at": {"$lte": to_milliseconds(at)}}
        last = stored.find_one(until, {"_id": 1}, sort=[("at", -1), ("_id", -1)])
        sequence = last["_id"] if last else -1
        later = stored.find_one({"_id": sequence + 1}, {"_id": 1})
        return Moment(at, sequence, is_final=later is not None)

    def balances(self, path: str, moment: Moment) -> dict[str, Balance]:
        """See ``History.balances``."""
        sequence = moment.segment
        era = self._last_era()
        rows = collection(NUMBERED).find({"path": path, "opened": {"$lte": sequence}})
        numbers = {row["currency"]: row["_id"] for row in rows}
        if sequence < era["next"]:
            return {currency: _paged(number, sequence) for currency, number in numbers.items()}
        with self._lock:
            tail = self._followed(era, sequence)
            numbers |= tail.opened(path, sequence)
            return {
                currency: _sum(_paged(number, era["next"] - 1), tail.era.balance(number, sequence))
                for currency, number in numbers.items()
            }

    def effective(self, path: str, at: datetime, booked: Moment) -> dict[str, int]:
        """See ``History.effective``.

        Nothing takes effect after it is booked: so it is what was booked by then, and what
        was booked later with an earlier time of effect, which is read from the log.
        """
        if to_milliseconds(at) >= to_milliseconds(booked.at):
            return _posted(self.balances(path, booked))
        before = self.moment(at)
        found = Counter(_posted(self.balances(path, before)))
        numbers = self._numbers(path, booked.segment)
        for entries in _backdated(at, booked) if numbers else ():
            moved = backdated(entries, numbers, until=to_milliseconds(at))
            for number, minor in moved.items():
                found[numbers[number]] += minor
        return dict(found)

    def _numbers(self, path: str, sequence: int) -> dict[int, str]:
        """The currency of each account of this path that was open by then, by its number."""
        era = self._last_era()
        rows = collection(NUMBERED).find({"path": path, "opened": {"$lte": sequence}})
        numbers = {row["_id"]: row["currency"] for row in rows}
        if sequence >= era["next"]:
            with self._lock:
                opened = self._followed(era, sequence).opened(path, sequence)
            numbers |= {number: currency for currency, number in opened.items()}
        return numbers

    def _last_era(self) -> Row:
        """The last whole era; it is looked for in the log when it is a new one."""
        era = last_era()
        if era != self._era:
            if not is_of_the_log(era):
                raise HistoryBehind("kept of another log")
            self._era = era
        return era

    def _followed(self, era: Row, sequence: int) -> _Tail:
        """The log since the last whole era, at least up to this segment."""
        if sequence - era["next"] >= 2 * LONGEST_ERA:
            raise HistoryBehind(f"kept up to segment {era['next']}, asked for {sequence}")
        if self._tail.era.first != era["next"]:
            self._tail = _Tail(era["next"], era["accounts"])
        if self._tail.era.next_sequence <= sequence:
            for segment in self._log.since(self._tail.era.next_sequence):
                self._tail.take_in(segment)
        return self._tail


class _Tail:
    """An era that has not ended, and the accounts it opened."""

    def __init__(self, first: int, accounts: int) -> None:
        self.era = Era(first, NOTHING, NOTHING)
        self._count = accounts
        self._opened: dict[str, dict[str, tuple[int, int]]] = {}

    def take_in(self, segment: Segment) -> None:
        """Add the next segment."""
        self.era.take_in(segment)
        for account in segment.accounts:
            currencies = self._opened.setdefault(account.path, {})
            currencies[account.currency] = (self._count, segment.sequence)
            self._count += 1

    def opened(self, path: str, sequence: int) -> dict[str, int]:
        """The numbers of the accounts of this path that were opened here by then."""
        return {
            currency: number
            for currency, (number, opened) in self._opened.get(path, {}).items()
            if opened <= sequence
        }


def _backdated(after: datetime, booked: Moment) -> Iterator[Entries]:
    """The segments with times of effect of their own that were booked since, in order.

    Only the columns are read that tell of them. Raises ``EffectiveTooFar``.
    """
    wanted = {
        "columns.effective_at": {"$exists": True},
        "at": {"$gt": to_milliseconds(after), "$lte": to_milliseconds(booked.at)},
        "_id": {"$lte": booked.segment},
    }
    told = {"entries": 1, "legs": 1} | {f"columns.{name}": 1 for name in COLUMNS}
    legs = 0
    for row in collection(SEGMENTS).find(wanted, told).sort("at", 1).hint(BACKDATED):
        legs += row["legs"]
        if legs > MAX_BACKDATED_LEGS:
            raise EffectiveTooFar(f"more than {MAX_BACKDATED_LEGS} legs", limit=MAX_BACKDATED_LEGS)
        yield unpack(row["columns"], entries=row["entries"], legs=row["legs"])


def _posted(balances: Mapping[str, Balance]) -> dict[str, int]:
    return {currency: balance.posted for currency, balance in balances.items()}


def _paged(number: int, sequence: int) -> Balance:
    """The balances of an account once this segment, of a whole era, was booked."""
    block = number // BLOCK
    row = collection(PAGES).find_one(
        {"_id": {"$gte": page_id(block, 0), "$lte": page_id(block, max(sequence, 0))}},
        sort=[("_id", -1)],
    )
    return _page(row).balance(number, sequence) if row else Balance(0, 0)


def _page(row: Row) -> Page:
    """The inverse of ``page_row``."""
    opening, posted = row["opening_posted"], row["posted"]
    return Page(
        block=row["_id"] >> BLOCK_SHIFT,
        first=row["_id"] & (1 << BLOCK_SHIFT) - 1,
        opening_posted=np.frombuffer(opening, np.int64),
        opening_available=np.frombuffer(row.get("opening_available", opening), np.int64),
        account=np.frombuffer(row["account"], np.uint8),
        segment=np.frombuffer(row["segment"], np.uint16),
        posted=np.frombuffer(posted, np.int64),
        available=np.frombuffer(row.get("available", posted), np.int64),
    )


def _sum(before: Balance, since: Balance) -> Balance:
    return Balance(before.posted + since.posted, before.available + since.available)
