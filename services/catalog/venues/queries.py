"""Reads for lists of venues: MongoDB to plain rows, no domain."""

from __future__ import annotations

from typing import Any, Protocol

from cartridges.venues import Needs
from chassis.mongo import Row, collection
from services.catalog.venues.domain import HOME_ZONE, PolicyName

# What venues of earlier versions do not say.
_EARLIER = {
    "time_zone": HOME_ZONE,
    "indoor": True,
    "rules": [],
    "policy": PolicyName.FLEXIBLE.value,
    "accepts_at_once": True,
}


class VenueLists(Protocol):
    """What can be listed of venues."""

    def venues(
        self,
        needs: Needs,
        *,
        city: str | None,
        organization_id: str | None,
        after: str | None,
        limit: int,
    ) -> list[dict[str, Any]]:
        """Venues that fit, after an id, the oldest first, at most ``limit``."""
        ...


class MongoVenueLists:
    """The ``VenueLists`` port over ``venues``."""

    def venues(
        self,
        needs: Needs,
        *,
        city: str | None,
        organization_id: str | None,
        after: str | None,
        limit: int,
    ) -> list[dict[str, Any]]:
        wanted = {"city": city, "organization_id": organization_id}
        where: Row = {name: value for name, value in wanted.items() if value}
        found = collection("venues").find(where | _fitting(needs) | {"_id": {"$gt": after or ""}})
        return [{**_EARLIER, **row, "id": row["_id"]} for row in found.sort("_id", 1).limit(limit)]


def _fitting(needs: Needs) -> Row:
    """What ``misfits`` asks, in MongoDB's words."""
    where: Row = {"capacity": {"$gte": needs.people}}
    if needs.equipment:
        where["equipment"] = {"$all": list(needs.equipment)}
    if needs.indoor is not None:
        where["indoor"] = {"$ne": False} if needs.indoor else False
    return where
