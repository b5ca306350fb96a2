"""The outbox as the relay sees it: what waits, what was sent, what was forgotten."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta

from pymongo import WriteConcern

from chassis import metrics
from chassis.mongo import Row, collection
from chassis.outbox import PARKED, PENDING, SENT

WHOLE_SECONDS = 1.0
LATE_NANOSECONDS = 1_000_000_000
MARK_SECONDS = 0.25
MARK_ROWS = 1_000
_FIELDS = {"subject": 1, "sequence": 1, "topic": 1, "key": 1, "type": 1, "event": 1, "place": 1}


class Queue:
    """What waits, oldest first; as a rule only the latest, once a second all of it.

    A row may commit later than one made after it, so no read trusts a watermark for long:
    the rule looks a second back, and the reading of everything finds the rest. Reading
    everything each time would wade through what was sent since the last checkpoint.
    ``is_drained`` says that the last read took all there was.
    """

    def __init__(self, limit: int = 2000) -> None:
        self._limit = limit
        self._after = 0
        self._newest = 0
        self._whole_at = float("-inf")
        self.is_drained = False

    def read(self, *, but: Collection[str] = ()) -> list[Row]:
        """The next waiting rows but some, sorted by subject and sequence.

        In a backlog each read goes on after the last, so that rows which cannot be sent
        keep no others waiting.
        """
        now = time.monotonic()
        floor = self._after
        if not floor and now < self._whole_at:
            floor = self._newest - LATE_NANOSECONDS
        elif not floor:
            self._whole_at = now + WHOLE_SECONDS
        rows = self._above(floor, but)
        self.is_drained = len(rows) < self._limit
        if rows:
            self._newest = max(self._newest, rows[-1]["place"])
        if self._after and self.is_drained:
            self._whole_at = now  # from the start again: something may have failed there
        self._after = 0 if self.is_drained else rows[-1]["place"]
        return sorted(rows, key=_order)

    def start_over(self) -> None:
        """Read from the oldest again: what failed or was forgotten lies behind the last read."""
        self._after = 0
        self._whole_at = float("-inf")

    def _above(self, floor: int, but: Collection[str]) -> list[Row]:
        query: Row = {"state": PENDING, "place": {"$gt": floor}}
        if but:
            query["_id"] = {"$nin": list(but)}
        found = (
            collection("outbox")
            .find(query, _FIELDS)
            .sort("place", 1)
            .limit(self._limit)
            .hint("waiting")
            .batch_size(self._limit + 1)
        )
        return list(found)


def _order(row: Row) -> tuple[str, int, int]:
    return row["subject"], row.get("sequence", 0), row["place"]


class Marks:
    """Acknowledged rows whose mark is still to be written, a few times a second for all.

    A relay that dies before loses the marks, and those rows are sent again.
    """

    def __init__(self) -> None:
        self._rows: dict[str, str] = {}
        self._due_at = 0.0

    @property
    def ids(self) -> Collection[str]:
        """The rows that look as if they waited."""
        return self._rows.keys()

    def add(self, rows: Iterable[Row], incarnations: Mapping[str, str]) -> None:
        """Note that the broker acknowledged these rows.

        ``incarnations`` are the broker's topic ids known *before* the send: a mark that
        comes late then names a broker that is gone, and the sweep takes it back.
        """
        if not self._rows:
            self._due_at = time.monotonic() + MARK_SECONDS
        for row in rows:
            self._rows[row["_id"]] = incarnations[row["topic"]]

    @property
    def is_due(self) -> bool:
        """Whether it is time to write them."""
        return len(self._rows) >= MARK_ROWS or (
            bool(self._rows) and time.monotonic() >= self._due_at
        )

    def write(self, *, epoch: int) -> None:
        """Mark the rows as sent; without waiting for a majority, as a mark may get lost."""
        by_incarnation: dict[str, list[str]] = {}
        for row_id, incarnation in self._rows.items():
            by_incarnation.setdefault(incarnation, []).append(row_id)
        outbox = collection("outbox").with_options(write_concern=WriteConcern(1))
        mark = {"state": SENT, "epoch": epoch, "sent_at": datetime.now(UTC)}
        for incarnation, ids in by_incarnation.items():
            outbox.update_many(
                {"_id": {"$in": ids}, "state": PENDING},
                {"$set": {**mark, "incarnation": incarnation}},
            )
            metrics.EVENTS_PUBLISHED.inc(len(ids))
        self._rows.clear()


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
        hint="waiting",
    )
    waiting = next(iter(found), {"count": 0, "place": time.time_ns()})
    metrics.OUTBOX_PENDING.set(waiting["count"])
    metrics.OUTBOX_OLDEST_SECONDS.set(max(0.0, (time.time_ns() - waiting["place"]) / 1e9))
