"""Who decides for a market: a lease by the server's clock, with an epoch."""

from __future__ import annotations

import time

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from chassis import mongo
from services.payments.ledger.documents import LEASES
from services.payments.ledger.use_cases import Leader

LEASE_SECONDS = 6.0
RENEW_AT = 0.5


class MongoLease:
    """The ``Lease`` port over one document a market.

    Whoever submits takes a lease that has run out, and renews its own on the way; no
    thread keeps it alive. Safe for several threads.
    """

    def __init__(
        self, market: str, *, holder: str, url: str, seconds: float = LEASE_SECONDS
    ) -> None:
        self._market = market
        self._holder = holder
        self._url = url
        self._seconds = seconds
        self._known: tuple[float, Leader] | None = None

    def leader(self) -> Leader:
        """See ``Lease.leader``."""
        known = self._known
        if known is not None and time.monotonic() < known[0]:
            return known[1]
        asked_at = time.monotonic()
        found = self._take()
        # Another's lease is asked for again soon: it may end any moment.
        trusted = self._seconds * (RENEW_AT if found.is_here else RENEW_AT / 10)
        self._known = (asked_at + trusted, found)
        return found

    @property
    def epoch(self) -> int:
        """The epoch last heard of; zero before any."""
        return self._known[1].epoch if self._known else 0

    def _take(self) -> Leader:
        try:
            return self._taken()
        except DuplicateKeyError:  # both made the first lease of this market
            return self._taken()

    def _taken(self) -> Leader:
        mine = {"$eq": ["$holder", self._holder]}
        free = {"$lt": [{"$ifNull": ["$expires_at", "$$NOW"]}, "$$NOW"]}
        absent = {"$eq": [{"$type": "$holder"}, "missing"]}
        take = {"$or": [mine, free, absent]}
        epoch = {"$add": [{"$ifNull": ["$epoch", 0]}, {"$cond": [mine, 0, 1]}]}
        ends = {"$add": ["$$NOW", int(self._seconds * 1000)]}
        row = mongo.collection(LEASES).find_one_and_update(
            {"_id": self._market},
            [
                {
                    "$set": {
                        "holder": {"$cond": [take, self._holder, "$holder"]},
                        "url": {"$cond": [take, self._url, "$url"]},
                        "epoch": {"$cond": [take, epoch, "$epoch"]},
                        "expires_at": {"$cond": [take, ends, "$expires_at"]},
                    }
                }
            ],
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        if row is None:  # not after an upsert
            raise LookupError(self._market)
        return Leader(row["url"], row["epoch"], row["holder"] == self._holder)
