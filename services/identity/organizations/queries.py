"""Reads for lists of organisations and members: MongoDB to plain rows, no domain."""

from __future__ import annotations

from typing import Any, Protocol

from chassis.mongo import collection


class OrganizationLists(Protocol):
    """What can be listed of organisations."""

    def of_user(self, user_id: str, *, after: str | None, limit: int) -> list[dict[str, Any]]:
        """The organisations of a user after an id, at most ``limit``, with the user's role."""
        ...

    def members_of(
        self, organization_id: str, *, after: str | None, limit: int
    ) -> list[dict[str, Any]]:
        """Members after a user id, at most ``limit``, with their names and addresses."""
        ...


class MongoOrganizationLists:
    """The ``OrganizationLists`` port over two collections."""

    def of_user(self, user_id: str, *, after: str | None, limit: int) -> list[dict[str, Any]]:
        found = collection("organizations").find(
            {"members.user_id": user_id, "_id": {"$gt": after or ""}},
            {"kind": 1, "name": 1, "city": 1, "members.$": 1},
        )
        return [
            {
                "id": row["_id"],
                "kind": row["kind"],
                "name": row["name"],
                "city": row.get("city", ""),
                "role": row["members"][0]["role"],
            }
            for row in found.sort("_id", 1).limit(limit)
        ]

    def members_of(
        self, organization_id: str, *, after: str | None, limit: int
    ) -> list[dict[str, Any]]:
        organization = collection("organizations").find_one({"_id": organization_id})
        members = organization["members"] if organization else []
        later = sorted(
            (member for member in members if member["user_id"] > (after or "")),
            key=lambda member: str(member["user_id"]),
        )[:limit]
        people = {
            row["_id"]: row
            for row in collection("users").find(
                {"_id": {"$in": [member["user_id"] for member in later]}},
                {"name": 1, "email": 1},
            )
        }
        return [
            {
                "user_id": member["user_id"],
                "role": member["role"],
                "joined_at": member["joined_at"],
                "name": people.get(member["user_id"], {}).get("name", ""),
                "email": people.get(member["user_id"], {}).get("email", ""),
            }
            for member in later
        ]
