"""Reads for lists of communities: MongoDB to plain rows, no domain."""

from __future__ import annotations

from typing import Any, Protocol

from chassis.mongo import collection


class CommunityLists(Protocol):
    """What can be listed of communities."""

    def of_host(self, host_id: str, *, after: str | None, limit: int) -> list[dict[str, Any]]:
        """The communities of a host after an id, at most ``limit``."""
        ...


class MongoCommunityLists:
    """The ``CommunityLists`` port over the ``communities`` collection."""

    def of_host(self, host_id: str, *, after: str | None, limit: int) -> list[dict[str, Any]]:
        found = collection("communities").find({"host_id": host_id, "_id": {"$gt": after or ""}})
        return [
            {
                "id": row["_id"],
                "host_id": row["host_id"],
                "name": row["name"],
                "city": row["city"],
                "size": row["size"],
                "tags": {pair["tag"]: pair["weight"] for pair in row["tags"]},
                "founded_at": row["founded_at"],
            }
            for row in found.sort("_id", 1).limit(limit)
        ]
