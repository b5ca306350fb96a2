"""The time a service lives by: real, or moved forward in a sandbox."""

from __future__ import annotations

import contextvars
import time
from datetime import UTC, datetime, timedelta

import pymongo
from mongoengine import Document, FloatField, StringField
from pymongo.errors import PyMongoError

from chassis.kernel.time import Clock, in_milliseconds, system_clock
from chassis.mongo import collection
from chassis.settings import Settings

READ_AGAIN_SECONDS = 0.5
READ_WITHIN_SECONDS = 1.0
ONLY = "offset"


class SandboxClockDocument(Document):
    """How far this service's clock has been moved."""

    meta = {"collection": "sandbox_clock", "auto_create_index": False}
    id = StringField(primary_key=True)
    offset_seconds = FloatField(required=True)


def clock_of(settings: Settings) -> Clock:
    """The clock of a service: the sandbox one only where ``TEAHOUSE_SANDBOX`` is set.

    Slots, approvals and expiries live by it; leases and tokens stay on real time.
    """
    return SandboxClock() if settings.sandbox else system_clock


def move(offset_seconds: float) -> None:
    """Set the offset that every process of this service will follow within a second."""
    collection("sandbox_clock").update_one(
        {"_id": ONLY}, {"$set": {"offset_seconds": offset_seconds}}, upsert=True
    )


class SandboxClock:
    """Real time plus an offset kept in the service's database."""

    def __init__(self) -> None:
        self._offset = timedelta()
        self._read_at = float("-inf")

    def __call__(self) -> datetime:
        """The present moment of the sandbox."""
        if time.monotonic() - self._read_at >= READ_AGAIN_SECONDS:
            # In a context of its own, for in the caller's it would join a transaction's snapshot.
            contextvars.Context().run(self._read)
        return in_milliseconds(datetime.now(UTC) + self._offset)

    def _read(self) -> None:
        self._read_at = time.monotonic()
        try:
            with pymongo.timeout(READ_WITHIN_SECONDS):
                found = collection("sandbox_clock").find_one({"_id": ONLY})
        except PyMongoError:
            return
        if found is not None:
            self._offset = timedelta(seconds=found["offset_seconds"])
