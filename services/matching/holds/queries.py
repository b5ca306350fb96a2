"""Reads for lists of holds: the latest first."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Protocol

from chassis.mongo import Row, collection
from services.matching.holds.domain import EndedHold, Hold
from services.matching.holds.repositories import to_hold


class HoldLists(Protocol):
    """What can be listed of holds."""

    def of_host(
        self, host_id: str, *, standing_at: datetime | None, before: str | None, limit: int
    ) -> list[Hold]:
        """A host's holds, latest first; given a moment only those that stand then."""
        ...

    def ended(self, clearing_ids: Collection[str], now: datetime) -> list[EndedHold]:
        """What became of the holds of these clearings whose time is over."""
        ...


class MongoHoldLists:
    """The ``HoldLists`` port over the ``holds`` collection."""

    def of_host(
        self, host_id: str, *, standing_at: datetime | None, before: str | None, limit: int
    ) -> list[Hold]:
        wanted: dict[str, Any] = {"host_id": host_id}
        if standing_at is not None:
            wanted |= {"until": {"$gt": standing_at}, "claim_id": None, "released_at": None}
        if before is not None:
            wanted["_id"] = {"$lt": before}
        found = collection("holds").find(wanted).sort("_id", -1).limit(limit)
        return [to_hold(row) for row in found]

    def ended(self, clearing_ids: Collection[str], now: datetime) -> list[EndedHold]:
        wanted = {"clearing_id": {"$in": list(clearing_ids)}, "until": {"$lte": now}}
        told = {"host_id": True, "why": True, "claim_id": True}
        found = collection("holds").find(wanted, told).sort("_id", 1)
        return [
            EndedHold(row["host_id"], _to_host(row["why"]), row.get("claim_id") is not None)
            for row in found
        ]


def _to_host(why: Row) -> int:
    """What it was worth to its host: whether she claims is hers alone to decide."""
    wants = why.get("host_wants")
    return int(why["value"] if wants is None else wants)
