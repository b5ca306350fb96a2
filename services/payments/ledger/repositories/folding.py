"""What segments do to the projections: rows to write, facts to publish. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np

from chassis.kernel.ids import from_int
from services.payments.ledger.documents import OPEN
from services.payments.ledger.domain import Kind
from services.payments.ledger.domain.times import from_milliseconds
from services.payments.ledger.engine.columns import NO_CEILING, Entries, movements
from services.payments.ledger.engine.reading import Entry, each_entry
from services.payments.ledger.engine.segments import Segment
from services.payments.ledger.events import EntryPosted, PostedLeg

Row = dict[str, Any]
ENDED = {Kind.POST: "posted", Kind.VOID: "voided", Kind.EXPIRE: "expired"}


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in the log: the entry of this index in this segment."""

    segment: int
    index: int


@dataclass(frozen=True, slots=True)
class Slice:
    """Some entries of a segment, one after the other."""

    segment: Segment
    start: int
    stop: int

    @property
    def entries(self) -> Entries:
        """The entries themselves."""
        place = np.arange(len(self.segment.entries))
        return self.segment.entries.take((place >= self.start) & (place < self.stop))


@dataclass(slots=True)
class Account:
    """An account as it is projected."""

    path: str
    currency: str
    floor: int
    posted: int = 0
    available: int = 0
    entries: int = 0
    ceiling: int | None = None
    limits_version: int = 0
    is_new: bool = True


@dataclass(slots=True)
class Fold:
    """Takes in slices in their order and gathers what is to be written.

    ``accounts`` holds the touched accounts as they stood before, ``words`` all words of
    the log so far; both go along with the slices. Facts are made only of entries from
    ``published`` on.
    """

    accounts: dict[int, Account]
    words: list[str]
    account_count: int
    published: Position
    touched: set[int] = field(default_factory=set)
    entry_rows: list[Row] = field(default_factory=list)
    new_holds: list[Row] = field(default_factory=list)
    changed_holds: list[tuple[str, Row]] = field(default_factory=list)
    closed_until: datetime | None = None
    facts: list[EntryPosted] = field(default_factory=list)

    def take_in(self, part: Slice) -> None:
        """Project the entries of a slice."""
        if part.start == 0:
            self._open(part.segment)
        entries = part.entries
        at = from_milliseconds(part.segment.at)
        posted, available = movements(entries)
        deltas = zip(posted.tolist(), available.tolist(), strict=True)
        for index, entry in enumerate(each_entry(entries), start=part.start):
            place = Position(part.segment.sequence, index)
            legs = [
                self._leg(number, minor, next(deltas))
                for number, minor in zip(entry.accounts, entry.amounts, strict=True)
            ]
            row = self._row(entry, place, at, legs)
            row["explained"] = index in part.segment.reasons
            self.entry_rows.append(row)
            self._hold(entry, row)
            self._limit(entry)
            if entry.kind is Kind.CLOSE:
                self.closed_until = from_milliseconds(entry.effective_at)
            if place >= self.published:
                self.facts.append(_fact(row, at))

    def _open(self, segment: Segment) -> None:
        for opened in segment.accounts:
            self.accounts[self.account_count] = Account(*opened)
            self.touched.add(self.account_count)
            self.account_count += 1
        self.words.extend(segment.words)

    def _leg(self, number: int, minor: int, delta: tuple[int, int]) -> Row:
        account = self.accounts[number]
        posted, available = delta
        account.posted += posted
        account.available += available
        self.touched.add(number)
        return {
            "number": number,
            "account": account.path,
            "currency": account.currency,
            "minor": minor,
            "posted": posted,
            "balance": account.posted,
        }

    def _row(self, entry: Entry, place: Position, at: datetime, legs: list[Row]) -> Row:
        for number in {leg.pop("number") for leg in legs}:
            self.accounts[number].entries += 1
        row: Row = {
            "_id": from_int("ent", entry.number),
            "segment": place.segment,
            "index": place.index,
            "at": at,
            "kind": entry.kind.word,
            "code": self.words[entry.code],
            "legs": legs,
        }
        prefix, reference = entry.reference
        if prefix:
            row["reference"] = from_int(self.words[prefix], reference)
        if entry.pending is not None:
            row["pending_id"] = from_int("ent", entry.pending)
        if entry.expires_at:
            row["expires_at"] = from_milliseconds(entry.expires_at)
        if entry.effective_at:
            row["effective_at"] = from_milliseconds(entry.effective_at)
        return row

    def _hold(self, entry: Entry, row: Row) -> None:
        """What the entry does to a hold, if it is about one.

        The parts that were posted stand beside the hold, so that what is left of it
        follows from the legs of the hold and of those.
        """
        if entry.kind is Kind.HOLD:
            hold = {"_id": row["_id"], "state": OPEN}
            if "expires_at" in row:
                hold["expires_at"] = row["expires_at"]
            self.new_holds.append(hold)
        elif entry.kind is Kind.EXTEND:
            change = {"$set": {"expires_at": row["expires_at"]}}
            self.changed_holds.append((row["pending_id"], change))
        elif entry.kind in ENDED and not entry.ends_hold:
            self.changed_holds.append((row["pending_id"], {"$push": {"parts": row["_id"]}}))
        elif entry.ends_hold:
            end = {"state": ENDED[entry.kind], "ended_by": row["_id"], "ended_at": row["at"]}
            self.changed_holds.append((row["pending_id"], {"$set": end}))

    def _limit(self, entry: Entry) -> None:
        if entry.limits is None:
            return
        number, floor, ceiling, version = entry.limits
        account = self.accounts[number]
        account.floor, account.limits_version = floor, version
        account.ceiling = None if ceiling == NO_CEILING else ceiling
        self.touched.add(number)


def touched_by(parts: Iterable[Slice]) -> set[int]:
    """The numbers of all accounts that the slices have legs on."""
    numbers: set[int] = set()
    for part in parts:
        numbers.update(part.entries.account.tolist())
        numbers.update(part.entries.limit_account.tolist())
    return numbers


def slices(segments: Iterable[Segment], *, index: int, entries: int) -> Iterator[Slice]:
    """Cut segments, the first from ``index`` on, into at most so many entries in all."""
    for segment in segments:
        stop = min(segment.entry_count, index + entries)
        yield Slice(segment, index, stop)
        entries -= stop - index
        index = 0
        if not entries:
            return


def _fact(row: Mapping[str, Any], at: datetime) -> EntryPosted:
    return EntryPosted(
        occurred_at=at,
        entry_id=row["_id"],
        kind=row["kind"],
        code=row["code"],
        segment=row["segment"],
        legs=tuple(
            PostedLeg(leg["account"], leg["minor"], leg["currency"]) for leg in row["legs"]
        ),
        reference=row.get("reference"),
        pending_id=row.get("pending_id"),
        effective_at=row.get("effective_at"),
    )
