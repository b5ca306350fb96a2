"""Snapshots of the books over MongoDB: a quick start, trusted no further than the log."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping

from pymongo import ReplaceOne

from chassis.logging import logger
from chassis.mongo import collection
from services.payments.ledger.documents import SNAPSHOT_PARTS, SNAPSHOTS
from services.payments.ledger.engine.books import Books
from services.payments.ledger.engine.segments import ChainBroken, Segment, digest
from services.payments.ledger.engine.snapshots import SnapshotUnfit, freeze, thaw

KEPT = 2
PIECE_BYTES = 8 << 20  # half of what a document may hold

Read = Callable[[int], Segment]


class MongoSnapshots:
    """The ``Snapshots`` port over two collections."""

    def __init__(self, market: str) -> None:
        self._market = market

    def latest(self, read: Read) -> Books | None:
        """See ``Snapshots.latest``."""
        for row in collection(SNAPSHOTS).find().sort("_id", -1):
            try:
                books = thaw(self._market, _parts(row["parts"]), read)
                _check_head(books, row["_id"], read)
            except (SnapshotUnfit, ChainBroken, LookupError) as unfit:
                logger("ledger").warning("snapshot unfit", at=row["_id"], error=str(unfit))
            else:
                return books
        return None

    def store(self, books: Books) -> None:
        """See ``Snapshots.store``."""
        parts = freeze(books)
        hashes = {name: hashlib.sha256(data).hexdigest() for name, data in parts.items()}
        stored = collection(SNAPSHOT_PARTS)
        for name, data in parts.items():
            pieces = _pieces(hashes[name], len(data))
            if stored.count_documents({"_id": {"$in": pieces}}) < len(pieces):
                for at, piece in enumerate(pieces):
                    cut = data[at * PIECE_BYTES : (at + 1) * PIECE_BYTES]
                    stored.replace_one({"_id": piece}, {"data": cut}, upsert=True)
        listed = {f"{at}": [name, hashes[name], len(parts[name])] for at, name in enumerate(parts)}
        row = {"_id": books.next_sequence, "parts": listed}
        collection(SNAPSHOTS).bulk_write([ReplaceOne({"_id": row["_id"]}, row, upsert=True)])
        self._tidy()

    def forget(self) -> None:
        """See ``Snapshots.forget``."""
        collection(SNAPSHOTS).delete_many({})
        collection(SNAPSHOT_PARTS).delete_many({})

    def _tidy(self) -> None:
        """Drop all but the newest snapshots, then the pieces that none of them needs."""
        newest = list(collection(SNAPSHOTS).find().sort("_id", -1).limit(KEPT))
        collection(SNAPSHOTS).delete_many({"_id": {"$lt": newest[-1]["_id"]}})
        needed = [
            piece
            for row in newest
            for _, mark, size in row["parts"].values()
            for piece in _pieces(mark, size)
        ]
        collection(SNAPSHOT_PARTS).delete_many({"_id": {"$nin": needed}})


def _parts(listed: Mapping[str, tuple[str, str, int]]) -> dict[str, bytes]:
    found = {}
    for name, mark, size in listed.values():
        pieces = _pieces(mark, size)
        rows = collection(SNAPSHOT_PARTS).find({"_id": {"$in": pieces}})
        there = {row["_id"]: row["data"] for row in rows}
        data = b"".join(there.get(piece, b"") for piece in pieces)
        if hashlib.sha256(data).hexdigest() != mark:
            raise SnapshotUnfit(f"part {name} is not what was stored")
        found[name] = data
    return found


def _pieces(mark: str, size: int) -> list[str]:
    return [f"{mark}.{at}" for at in range(max(1, -(-size // PIECE_BYTES)))]


def _check_head(books: Books, sequence: int, read: Read) -> None:
    """The log has the very segment that the books end with, and it is whole."""
    last = read(sequence - 1)
    if books.next_sequence != sequence or digest(last) != last.hash or last.hash != books.head:
        raise SnapshotUnfit("its head is not that of the log")
