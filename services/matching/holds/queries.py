"""Reads for lists of holds: the latest first."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from chassis.mongo import collection
from services.matching.holds.domain import Hold
from services.matching.holds.repositories import to_hold


class HoldLists(Protocol):
    """What can be listed of holds."""

    def of_host(
        self, host_id: str, *, standing_at: datetime | None, before: str | None, limit: int
    ) -> list[Hold]:
        """A host's holds, latest first; given a moment only those that stand then."""
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
