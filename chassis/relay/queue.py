"""The outbox as the relay sees it: what waits, what was sent, what was forgotten."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from pymongo import WriteConcern

from chassis import metrics
from chassis.mongo import Row, collection
from chassis.outbox import PARKED, PENDING, SENT

_FIELDS = {"subject": 1, "sequence": 1, "topic": 1, "key": 1, "type": 1, "event": 1}


class Queue:
    """Waiting rows by subject, then sequence; where it stopped, the next read goes on.

    ``is_drained`` says that the last read took all there was.

    Reading in that order and by state, not past a watermark, is what finds a row whose
    transaction began earlier and committed later.
    """

    def __init__(self, limit: int = 2000) -> None:
        self._limit = limit
        self._after = ""
        self.is_drained = False

    def read(self) -> list[Row]:
        """The next waiting rows; every subject has its turn before one has a second."""
        rows = self._read_after(self._after)
        if not rows and self._after:
            rows = self._read_after("")
        self.is_drained = len(rows) < self._limit
        self._after = "" if self.is_drained else rows[-1]["subject"]
        return rows

    def _read_after(self, subject: str) -> list[Row]:
        found = (
            collection("outbox")
            .find({"state": PENDING, "subject": {"$gt": subject}}, _FIELDS)
            .sort([("subject", 1), ("sequence", 1), ("place", 1)])
            .limit(self._limit)
            .hint("pending")
            .batch_size(self._limit + 1)
        )
        return list(found)


def mark_sent(rows: Iterable[Row], incarnations: dict[str, str], *, epoch: int) -> None:
    """Note that the broker acknowledged these rows.

    ``incarnations`` are the broker's topic ids known *before* the send: a mark that comes
    late then names a broker that is gone, and the sweep takes it back. It is written
    without waiting for a majority, for a lost mark only means a duplicate.
    """
    by_topic: dict[str, list[str]] = {}
    for row in rows:
        by_topic.setdefault(row["topic"], []).append(row["_id"])
    outbox = collection("outbox").with_options(write_concern=WriteConcern(1))
    now = datetime.now(UTC)
    for topic, ids in by_topic.items():
        outbox.update_many(
            {"_id": {"$in": ids}, "state": PENDING},
            {
                "$set": {
                    "state": SENT,
                    "incarnation": incarnations[topic],
                    "epoch": epoch,
                    "sent_at": now,
                }
            },
        )
        metrics.EVENTS_PUBLISHED.inc(len(ids))


def park(refused: Iterable[tuple[Row, str]]) -> None:
    """Set aside what the broker will never take; consumers read it from here instead."""
    for row, error in refused:
        collection("outbox").update_one(
            {"_id": row["_id"], "state": PENDING}, {"$set": {"state": PARKED, "error": error}}
        )


def sweep(incarnations: dict[str, str], *, refeed: timedelta) -> int:
    """Have everything sent again that went to a broker which has forgotten it.

    Answers how many rows that were. It runs for ever, not once a wipe: a mark written
    late would hide its event from a single sweep.
    """
    since = datetime.now(UTC) - refeed
    forgotten = 0
    for topic, incarnation in incarnations.items():
        done = collection("outbox").update_many(
            {
                "topic": topic,
                "state": SENT,
                "incarnation": {"$ne": incarnation},
                "created_at": {"$gte": since},
            },
            {"$set": {"state": PENDING}},
            hint="sent_to",
        )
        forgotten += done.modified_count
    return forgotten


def measure() -> None:
    """Set the gauges of what waits; reads only the index."""
    found = collection("outbox").aggregate(
        [
            {"$match": {"state": PENDING}},
            {"$group": {"_id": None, "count": {"$sum": 1}, "place": {"$min": "$place"}}},
        ],
        hint="pending",
    )
    waiting = next(iter(found), {"count": 0, "place": time.time_ns()})
    metrics.OUTBOX_PENDING.set(waiting["count"])
    metrics.OUTBOX_OLDEST_SECONDS.set(max(0.0, (time.time_ns() - waiting["place"]) / 1e9))
