"""Reads for lists of slots and holds: MongoDB to plain rows, no domain."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from chassis.mongo import Row, collection

_SHARE_OF_TERMS = {"rent": None, "share_basis_points": 0, "naming": None}


class SlotLists(Protocol):
    """What can be listed of slots."""

    def slots(
        self, venue_id: str, *, from_moment: datetime, after: datetime, limit: int
    ) -> list[dict[str, Any]]:
        """A venue's slots that end after a moment and start after another, in order of time."""
        ...

    def holds(
        self, venue_id: str, *, host_id: str | None, after: str | None, limit: int
    ) -> list[dict[str, Any]]:
        """Holds at a venue, of all hosts or of one, after an id, at most ``limit``."""
        ...


class MongoSlotLists:
    """The ``SlotLists`` port over ``slots`` and ``slot_holds``."""

    def slots(
        self, venue_id: str, *, from_moment: datetime, after: datetime, limit: int
    ) -> list[dict[str, Any]]:
        where = {
            "venue_id": venue_id,
            "starts_at": {"$gt": after},
            "ends_at": {"$gt": from_moment},
        }
        found = collection("slots").find(where)
        return [_slot(row) for row in found.sort("starts_at", 1).limit(limit)]

    def holds(
        self, venue_id: str, *, host_id: str | None, after: str | None, limit: int
    ) -> list[dict[str, Any]]:
        where: Row = {"venue_id": venue_id, "_id": {"$gt": after or ""}}
        found = collection("slot_holds").find(
            where | ({} if host_id is None else {"host_id": host_id})
        )
        return [{**row, "id": row["_id"]} for row in found.sort("_id", 1).limit(limit)]


def _slot(row: Row) -> dict[str, Any]:
    slot = {"ask": _SHARE_OF_TERMS, "is_planned": False, "hold_id": "", **row}
    return {**slot, "id": row["_id"], "is_free": not (slot["gathering_id"] or slot["hold_id"])}
