"""Reads for lists of venues and slots: MongoDB to plain rows, no domain."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from chassis.mongo import Row, collection
from services.catalog.venues.domain import VenueNotFound


class VenueLists(Protocol):
    """What can be read of venues."""

    def venue(self, venue_id: str) -> dict[str, Any]:
        """One venue; raise ``VenueNotFound``."""
        ...

    def venues(
        self, *, city: str | None, organization_id: str | None, after: str | None, limit: int
    ) -> list[dict[str, Any]]:
        """Venues after an id, the oldest first, at most ``limit``."""
        ...

    def slots(
        self, venue_id: str, *, from_moment: datetime, after: str | None, limit: int
    ) -> list[dict[str, Any]]:
        """A venue's slots that end after a moment, in the order they were opened."""
        ...


class MongoVenueLists:
    """The ``VenueLists`` port over ``venues`` and ``slots``."""

    def venue(self, venue_id: str) -> dict[str, Any]:
        row = collection("venues").find_one({"_id": venue_id})
        if row is None:
            raise VenueNotFound(f"no venue {venue_id}")
        return _named(row)

    def venues(
        self, *, city: str | None, organization_id: str | None, after: str | None, limit: int
    ) -> list[dict[str, Any]]:
        wanted = {"city": city, "organization_id": organization_id}
        where: dict[str, Any] = {name: value for name, value in wanted.items() if value}
        found = collection("venues").find(where | {"_id": {"$gt": after or ""}})
        return [_named(row) for row in found.sort("_id", 1).limit(limit)]

    def slots(
        self, venue_id: str, *, from_moment: datetime, after: str | None, limit: int
    ) -> list[dict[str, Any]]:
        self.venue(venue_id)
        found = collection("slots").find(
            {
                "venue_id": venue_id,
                "ends_at": {"$gt": from_moment},
                "_id": {"$gt": after or ""},
            }
        )
        rows = found.sort("_id", 1).limit(limit)
        return [{**_named(row), "is_free": not row["gathering_id"]} for row in rows]


def _named(row: Row) -> dict[str, Any]:
    return {**row, "id": row["_id"]}
