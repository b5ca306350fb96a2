"""The log over MongoDB: appending by compare-and-swap, reading back what became of it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

import pymongo
from pymongo.errors import ConnectionFailure, DuplicateKeyError, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.read_preferences import ReadPreference
from pymongo.write_concern import WriteConcern

from chassis import mongo
from services.payments.ledger.documents import PROBES, SEGMENTS
from services.payments.ledger.domain import LedgerUnavailable
from services.payments.ledger.engine.segments import FORMAT, ChainBroken, Segment
from services.payments.ledger.use_cases import Superseded

APPEND_SECONDS = 8.0
READ_SECONDS = 5.0
PAUSE_SECONDS = 0.02
PROBE = "log"


class MongoLog:
    """The ``Log`` port over the ``ledger_segments`` collection.

    A stored segment is acknowledged by a majority, on disk. Reads go to the primary and
    see only what a majority has. Safe for several threads and processes.
    """

    def __init__(self, *, append_seconds: float = APPEND_SECONDS) -> None:
        self._append_seconds = append_seconds
        stored = mongo.collection(SEGMENTS)
        self._durable = stored.with_options(
            write_concern=WriteConcern("majority", j=True),
            read_concern=ReadConcern("majority"),
            read_preference=ReadPreference.PRIMARY,
        )
        self._probes = mongo.collection(PROBES).with_options(
            write_concern=WriteConcern("majority")
        )

    def append(self, segment: Segment) -> None:
        """Insert at its place, again until it is known whether it is stored.

        An insert whose reply was lost is inserted again: the same ``_id`` is either free,
        ours by its hash, or another writer's.
        """
        row = to_row(segment)
        deadline = time.monotonic() + self._append_seconds
        while True:
            try:
                with pymongo.timeout(max(0.05, deadline - time.monotonic())):
                    if self._stored(row):
                        return
            except PyMongoError as error:
                self._wait(error, deadline)

    def read(self, sequence: int) -> Segment:
        """One segment; raise ``LookupError`` when there is none."""
        with pymongo.timeout(READ_SECONDS):
            row = self._durable.find_one({"_id": sequence})
        if row is None:
            raise LookupError(f"no segment {sequence}")
        return from_row(row)

    def since(self, sequence: int) -> Iterator[Segment]:
        """The durable segments from this one on, in order."""
        for row in self._durable.find({"_id": {"$gte": sequence}}).sort("_id", 1):
            yield from_row(row)

    def has(self, sequence: int) -> bool:
        """Whether there is such a segment, as of now and not of a moment ago."""
        with pymongo.timeout(READ_SECONDS):
            return self._latest(sequence) is not None

    def _latest(self, sequence: int) -> Mapping[str, Any] | None:
        """The hash of a segment, as of now: no primary that was deposed can answer this.

        A majority first takes a write that says nothing, and the read comes after it. A
        linearizable read promises the same and takes 100 ms where nobody else writes.
        """
        with mongo.client().start_session(causal_consistency=True) as session:
            self._probes.update_one(
                {"_id": PROBE}, {"$inc": {"n": 1}}, upsert=True, session=session
            )
            return self._durable.find_one({"_id": sequence}, {"hash": 1}, session=session)

    def _stored(self, row: dict[str, Any]) -> bool:
        """Insert, or find out whose segment is there; False when it just went away."""
        try:
            self._durable.insert_one(row)
        except DuplicateKeyError:
            there = self._latest(row["_id"])
            if there is None:
                return False
            if there["hash"] != row["hash"]:
                raise Superseded(f"segment {row['_id']} is another writer's") from None
        return True

    def _wait(self, error: PyMongoError, deadline: float) -> None:
        passing = isinstance(error, ConnectionFailure) or error.timeout or _says_retry(error)
        if not passing:
            raise error
        if time.monotonic() >= deadline:
            raise LedgerUnavailable(f"the log cannot be reached: {error}") from error
        time.sleep(PAUSE_SECONDS)


def _says_retry(error: PyMongoError) -> bool:
    return error.has_error_label("RetryableWriteError") or error.has_error_label("RetryableError")


def to_row(segment: Segment) -> dict[str, Any]:
    """The segment as it is stored."""
    return {
        "_id": segment.sequence,
        "format": FORMAT,
        "at": segment.at,
        "epoch": segment.epoch,
        "entries": segment.entry_count,
        "legs": segment.leg_count,
        "previous": segment.previous,
        "hash": segment.hash,
        "columns": dict(segment.columns),
    }


def from_row(row: Mapping[str, Any]) -> Segment:
    """The inverse of ``to_row``; raise ``ChainBroken`` for a format we do not know."""
    if row["format"] != FORMAT:
        raise ChainBroken(f"segment {row['_id']} has format {row['format']}")
    return Segment(
        sequence=row["_id"],
        at=row["at"],
        epoch=row["epoch"],
        entry_count=row["entries"],
        leg_count=row["legs"],
        previous=row["previous"],
        hash=row["hash"],
        columns=row["columns"],
    )
