"""Reads for lists of kits: MongoDB to plain rows, no domain."""

from __future__ import annotations

from typing import Any, Protocol

from chassis.kernel.money import Money
from chassis.mongo import Row, collection


class KitLists(Protocol):
    """What can be listed of kits."""

    def published(self, *, after: str | None, limit: int) -> list[dict[str, Any]]:
        """Kits that may be claimed, after an id, the oldest first, at most ``limit``."""
        ...

    def of_party(
        self, organization_id: str, *, after: str | None, limit: int
    ) -> list[dict[str, Any]]:
        """Kits in any state that an organisation drafted or has goods in."""
        ...


class MongoKitLists:
    """The ``KitLists`` port over ``kits``."""

    def published(self, *, after: str | None, limit: int) -> list[dict[str, Any]]:
        return _listed({"state": "published"}, after, limit)

    def of_party(
        self, organization_id: str, *, after: str | None, limit: int
    ) -> list[dict[str, Any]]:
        return _listed({"parties": organization_id}, after, limit)


def _listed(where: Row, after: str | None, limit: int) -> list[dict[str, Any]]:
    found = collection("kits").find({**where, "_id": {"$gt": after or ""}})
    return [
        {**row, "id": row["_id"], "price": Money(int(row["price_minor"]), row["currency"])}
        for row in found.sort("_id", 1).limit(limit)
    ]
