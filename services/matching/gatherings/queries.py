"""Reads for lists of gatherings: MongoDB to plain rows, no domain."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from chassis.mongo import collection

_PARTIES = ("host_id", "co_host_ids", "brand_id", "slot.venue_org_id", "cartridge.author_id")


class GatheringLists(Protocol):
    """What can be listed of gatherings."""

    def of_party(
        self, organization_id: str | None, *, status: str | None, before: str | None, limit: int
    ) -> list[dict[str, Any]]:
        """Gatherings an organisation has a part in, latest first; all of them for None."""
        ...

    def consented(self, now: datetime, *, limit: int) -> list[str]:
        """Gatherings held whose brand's time to object is over."""
        ...


class MongoGatheringLists:
    """The ``GatheringLists`` port over the ``gatherings`` collection."""

    def of_party(
        self, organization_id: str | None, *, status: str | None, before: str | None, limit: int
    ) -> list[dict[str, Any]]:
        wanted: dict[str, Any] = {}
        if organization_id is not None:
            wanted["$or"] = [{party: organization_id} for party in _PARTIES]
        if status is not None:
            wanted["status"] = status
        if before is not None:
            wanted["_id"] = {"$lt": before}
        found = collection("gatherings").find(wanted).sort("_id", -1).limit(limit)
        return [row | {"id": row["_id"]} for row in found]

    def consented(self, now: datetime, *, limit: int) -> list[str]:
        wanted = {"status": "held", "approve_by": {"$lte": now}}
        found = collection("gatherings").find(wanted, {"_id": 1}).sort("approve_by", 1)
        return [row["_id"] for row in found.limit(limit)]
