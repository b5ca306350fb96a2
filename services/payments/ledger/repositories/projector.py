"""The projector: tails the log into balances, entries, holds and published facts."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from pymongo import InsertOne, UpdateOne

from chassis import metrics, outbox
from chassis.mongo import atomically, collection
from services.payments.ledger.documents import ACCOUNTS, CURSORS, ENTRIES, HOLDS
from services.payments.ledger.domain.times import from_milliseconds
from services.payments.ledger.engine.segments import Segment, check_link, genesis
from services.payments.ledger.repositories.folding import (
    Account,
    Fold,
    Position,
    Slice,
    slices,
    touched_by,
)
from services.payments.ledger.use_cases import Log

ENTRIES_A_TRANSACTION = 500
TRANSACTION_SECONDS = 20.0
Row = dict[str, Any]


class Overtaken(Exception):
    """Another projector moved the cursor first."""


class Projector:
    """Keeps what is read of the books in step with the log.

    One transaction takes up to 500 entries and moves the cursor from where it stood, so
    that every entry is projected and published exactly once, whoever runs and however
    often. Raises ``ChainBroken`` rather than project a segment that does not follow.
    """

    def __init__(self, market: str, log: Log, *, entries: int = ENTRIES_A_TRANSACTION) -> None:
        self._market = market
        self._log = log
        self._entries = entries

    def run(self) -> None:
        """Project until nothing is left."""
        while self.step():
            pass
        metrics.LEDGER_PROJECTION_LAG.set(0)

    def step(self) -> bool:
        """Project the next entries; False when there are none."""
        cursor = self._cursor()
        if cursor["resetting"]:
            self._forget(cursor)
            return True
        parts = list(self._next(cursor))
        if not parts:
            return False
        fold = Fold(
            accounts=self._accounts(touched_by(parts)),
            words=cursor["words"],
            account_count=cursor["accounts"],
            published=Position(*cursor["published"]),
        )
        for part in parts:
            fold.take_in(part)
        moved = _moved(cursor, parts[-1], fold)
        with contextlib.suppress(Overtaken):
            atomically(lambda: _write(cursor, moved, fold), timeout_seconds=TRANSACTION_SECONDS)
        return True

    def rebuild(self) -> None:
        """Forget every projection and make it anew; what was published stays published.

        May be interrupted at any moment: the next step goes on with it.
        """
        self.forget()
        self.run()

    def forget(self) -> None:
        """Have the next step, whoever runs it, throw every projection away and begin anew."""
        self._cursor()
        collection(CURSORS).update_one({"_id": self._market}, {"$set": {"resetting": True}})

    def _cursor(self) -> Row:
        cursors = collection(CURSORS)
        found = cursors.find_one({"_id": self._market})
        if found is None:
            found = _beginning(self._market, published=Position(0, 0))
            cursors.update_one({"_id": self._market}, {"$setOnInsert": found}, upsert=True)
        return found

    def _forget(self, cursor: Row) -> None:
        for name in (ACCOUNTS, ENTRIES, HOLDS):
            collection(name).delete_many({})
        reached = Position(cursor["segment"], cursor["index"])
        published = max(Position(*cursor["published"]), reached)
        beginning = _beginning(self._market, published=published)
        collection(CURSORS).replace_one(_standing(cursor), beginning)

    def _next(self, cursor: Row) -> Iterator[Slice]:
        return slices(self._linked(cursor), index=cursor["index"], entries=self._entries)

    def _linked(self, cursor: Row) -> Iterator[Segment]:
        """The segments from the cursor on, each checked to follow the one before."""
        sequence, head = cursor["segment"], cursor["head"]
        for segment in self._log.since(sequence):
            check_link(segment, sequence=sequence, previous=head)
            yield segment
            sequence, head = sequence + 1, segment.hash

    def _accounts(self, numbers: set[int]) -> dict[int, Account]:
        found = collection(ACCOUNTS).find({"_id": {"$in": list(numbers)}})
        return {row.pop("_id"): Account(**row, is_new=False) for row in found}


def _beginning(market: str, *, published: Position) -> Row:
    return {
        "_id": market,
        "segment": 0,
        "index": 0,
        "head": genesis(market),
        "at": None,
        "entries": 0,
        "accounts": 0,
        "words": [""],
        "closed_until": None,
        "published": [published.segment, published.index],
        "resetting": False,
    }


def _standing(cursor: Row) -> Row:
    names = ("_id", "segment", "index", "resetting")
    return {name: cursor[name] for name in names}


def _moved(cursor: Row, last: Slice, fold: Fold) -> Row:
    """What the cursor becomes once the fold up to this slice is written."""
    segment = last.segment
    moved: Row = {
        "at": from_milliseconds(segment.at),
        "entries": cursor["entries"] + len(fold.entry_rows),
        "accounts": fold.account_count,
        "words": fold.words,
    }
    if fold.closed_until is not None:
        moved["closed_until"] = fold.closed_until
    if last.stop == segment.entry_count:
        return moved | {"segment": segment.sequence + 1, "index": 0, "head": segment.hash}
    # Within a segment the head stays that of the one before.
    return moved | {"segment": segment.sequence, "index": last.stop, "head": segment.previous}


def _write(cursor: Row, moved: Row, fold: Fold) -> None:
    """Move the cursor and write what belongs to it, in the caller's transaction."""
    if not collection(CURSORS).update_one(_standing(cursor), {"$set": moved}).matched_count:
        raise Overtaken
    if fold.touched:
        collection(ACCOUNTS).bulk_write([_account_write(fold, number) for number in fold.touched])
    collection(ENTRIES).insert_many(fold.entry_rows)
    changes = [UpdateOne({"_id": hold}, change) for hold, change in fold.changed_holds]
    if fold.new_holds or changes:
        collection(HOLDS).bulk_write([*map(InsertOne, fold.new_holds), *changes])
    outbox.append_numbered((fact, 1) for fact in fold.facts)


def _account_write(fold: Fold, number: int) -> InsertOne[Row] | UpdateOne:
    account = fold.accounts[number]
    balance = {
        "posted": account.posted,
        "available": account.available,
        "entries": account.entries,
        "floor": account.floor,
        "ceiling": account.ceiling,
        "limits_version": account.limits_version,
    }
    if not account.is_new:
        return UpdateOne({"_id": number}, {"$set": balance})
    names = {"path": account.path, "currency": account.currency}
    return InsertOne({"_id": number, **names, **balance})
