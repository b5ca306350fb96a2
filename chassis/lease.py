"""Leases: at most one process at a time does a job, judged by MongoDB's clock."""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import threading
import time
from datetime import UTC, datetime

from mongoengine import DateTimeField, Document, LongField, StringField
from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError, PyMongoError

from chassis.mongo import collection

# A holder stops this much earlier than others may start.
MARGIN = 0.2
RENEW_AFTER = 0.3
LONGEST_TRY = 1.0
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class LeaseRow(Document):
    """Who does a job, and until when."""

    meta = {"collection": "leases", "auto_create_index": False}
    id = StringField(primary_key=True)
    owner = StringField()
    epoch = LongField(required=True)
    until = DateTimeField(required=True)


class Lease:
    """One job's lease, as one holder sees it. Safe to use from several threads.

    It bounds how long a job stands still after its holder died, and keeps two from doing
    it at once as a rule. It is no proof: a paused holder wakes up late, so what the job
    does must be harmless twice.
    """

    def __init__(self, name: str, *, seconds: float = 10.0) -> None:
        self._name = name
        self._seconds = seconds
        self._owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._lock = threading.Lock()
        self._is_known = False
        self._mine_until = self._renew_at = self._try_at = float("-inf")
        self.epoch = 0

    def hold(self) -> bool:
        """Take or renew it when that is due; answer whether the job is ours just now.

        A database that does not answer is asked again; the lease runs out meanwhile.
        """
        with self._lock:
            now = time.monotonic()
            if now >= self._renew_at and now >= self._try_at:
                with contextlib.suppress(PyMongoError):
                    self._ask(now)
            return time.monotonic() < self._mine_until

    def release(self) -> None:
        """Let another take it at once."""
        self._mine_until = self._renew_at = float("-inf")
        with contextlib.suppress(PyMongoError):
            collection("leases").update_one(
                {"_id": self._name, "owner": self._owner}, {"$set": {"until": _BEGINNING}}
            )

    def _ask(self, now: float) -> None:
        self._make_known()
        free_or_mine = {"$or": [{"$eq": ["$owner", self._owner]}, {"$lt": ["$until", "$$NOW"]}]}
        mine = {"$eq": ["$owner", self._owner]}
        row = collection("leases").find_one_and_update(
            {"_id": self._name, "$expr": free_or_mine},
            [
                {
                    "$set": {
                        "epoch": {"$cond": [mine, "$epoch", {"$add": ["$epoch", 1]}]},
                        "owner": self._owner,
                        "until": {"$add": ["$$NOW", int(self._seconds * 1000)]},
                    }
                }
            ],
            return_document=ReturnDocument.AFTER,
        )
        if row is None:
            self._mine_until = self._renew_at = float("-inf")
            self._try_at = now + min(LONGEST_TRY, self._seconds / 4)
            return
        # Counted from before the question: the answer may have taken its time.
        self.epoch = row["epoch"]
        self._mine_until = now + self._seconds * (1 - MARGIN)
        self._renew_at = now + self._seconds * RENEW_AFTER

    def _make_known(self) -> None:
        """MongoDB refuses an upsert with ``$expr``, so the row is made beforehand."""
        if not self._is_known:
            with contextlib.suppress(DuplicateKeyError):
                collection("leases").update_one(
                    {"_id": self._name},
                    {"$setOnInsert": {"owner": None, "epoch": 0, "until": _BEGINNING}},
                    upsert=True,
                )
            self._is_known = True
