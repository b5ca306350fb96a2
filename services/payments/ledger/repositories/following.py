"""Follow the projected entries: what reads each once, from a place in the log that it keeps."""

from __future__ import annotations

from pymongo.errors import DuplicateKeyError

from chassis.kernel.errors import Conflict
from chassis.mongo import Row, atomically, collection
from services.payments.ledger.documents import CURSORS, ENTRIES

SEGMENTS_AT_ONCE = 50


def entries_after(market: str, segment: int, where: Row) -> tuple[list[Row], int]:
    """The next entries that ``where`` asks for, and the segment up to which they were read.

    That is the same segment when nothing more is projected. Of one moment: a projection that
    is made anew meanwhile hides no entry.
    """

    def read() -> tuple[list[Row], int]:
        cursor = collection(CURSORS).find_one({"_id": market}, {"segment": 1})
        end = min(cursor["segment"] if cursor else 0, segment + SEGMENTS_AT_ONCE)
        if end <= segment:
            return [], segment
        within = {"segment": {"$gte": segment, "$lt": end}, **where}
        return list(collection(ENTRIES).find(within).sort([("segment", 1), ("index", 1)])), end

    return atomically(read)


def progress(name: str, market: str) -> Row:
    """How far a follower has come, by the collection that it keeps this in; empty at first."""
    return collection(name).find_one({"_id": market}) or {}


def go_on(name: str, market: str, *, before: int, after: int) -> None:
    """Note in the caller's transaction how far it has come; raise ``Conflict`` if others did."""
    if not before:
        try:
            collection(name).insert_one({"_id": market, "segment": after})
        except DuplicateKeyError:
            raise Conflict("another has begun") from None
        return
    where = {"_id": market, "segment": before}
    if not collection(name).update_one(where, {"$set": {"segment": after}}).matched_count:
        raise Conflict(f"segment {before} was read by another")
