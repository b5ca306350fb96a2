"""Who came and what they thought: MongoDB to plain rows, no domain."""

from __future__ import annotations

from typing import Any, Protocol

from chassis.mongo import collection


class Turnouts(Protocol):
    """What can be told of a gathering's guests without naming one."""

    def of_gathering(self, gathering_id: str) -> dict[str, Any]:
        """How many were invited and came, by whom, and what they thought."""
        ...


class MongoTurnouts:
    """The ``Turnouts`` port over the ``tickets`` and ``invitations`` collections."""

    def of_gathering(self, gathering_id: str) -> dict[str, Any]:
        chosen = {"$match": {"gathering_id": gathering_id}}
        by = {"community_id": "$community_id", "brought_by": "$brought_by"}
        grouped = {
            "$group": {
                "_id": by,
                "guests": {"$sum": 1},
                "ratings": {"$sum": {"$cond": [{"$gt": ["$stars", None]}, 1, 0]}},
                "stars": {"$sum": {"$ifNull": ["$stars", 0]}},
            }
        }
        rows = list(collection("tickets").aggregate([chosen, grouped, {"$sort": {"_id": 1}}]))
        invited = collection("invitations").count_documents({"gathering_id": gathering_id})
        return {
            "invited": invited,
            "checked_in": sum(row["guests"] for row in rows),
            "ratings": sum(row["ratings"] for row in rows),
            "stars": sum(row["stars"] for row in rows),
            "came_by": [
                {
                    "community_id": row["_id"].get("community_id"),
                    "organization_id": row["_id"]["brought_by"],
                    "guests": row["guests"],
                }
                for row in rows
            ],
        }
