"""Reads for lists of gatherings."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from chassis.mongo import collection
from services.matching.gatherings.domain import Gathering
from services.matching.gatherings.repositories import to_gathering

_PARTIES = (
    "host_id",
    "co_host_ids",
    "brand_id",
    "goods.brand_id",
    "slot.venue_org_id",
    "cartridge.payees",
)


class GatheringLists(Protocol):
    """What can be listed of gatherings."""

    def of_party(
        self, organization_id: str | None, *, status: str | None, before: str | None, limit: int
    ) -> list[Gathering]:
        """Gatherings an organisation has a part in, latest first; all of them for None."""
        ...

    def consented(self, now: datetime, *, limit: int) -> list[str]:
        """Gatherings held whose brand's time to object is over."""
        ...

    def unheld(self, ended_before: datetime, *, limit: int) -> list[str]:
        """Gatherings opened whose slot ended by then, and which nobody says took place."""
        ...


class MongoGatheringLists:
    """The ``GatheringLists`` port over the ``gatherings`` collection."""

    def of_party(
        self, organization_id: str | None, *, status: str | None, before: str | None, limit: int
    ) -> list[Gathering]:
        wanted: dict[str, Any] = {}
        if organization_id is not None:
            wanted["$or"] = [{party: organization_id} for party in _PARTIES]
        if status is not None:
            wanted["status"] = status
        if before is not None:
            wanted["_id"] = {"$lt": before}
        found = collection("gatherings").find(wanted).sort("_id", -1).limit(limit)
        return [to_gathering(row) for row in found]

    def consented(self, now: datetime, *, limit: int) -> list[str]:
        return _due("held", "approve_by", now, limit)

    def unheld(self, ended_before: datetime, *, limit: int) -> list[str]:
        return _due("opened", "slot.ends_at", ended_before, limit)


def _due(status: str, field: str, moment: datetime, limit: int) -> list[str]:
    """Ids of those in this state whose time came by then, the longest due first."""
    wanted = {"status": status, field: {"$lte": moment}}
    found = collection("gatherings").find(wanted, {"_id": 1}).sort(field, 1)
    return [row["_id"] for row in found.limit(limit)]
