"""Reads for lists of shipments: MongoDB to plain rows, no domain."""

from __future__ import annotations

from typing import Any, Protocol

from chassis.mongo import collection

_SUMMARY = (
    "lot_id",
    "claim_id",
    "brand_id",
    "host_id",
    "packs",
    "units",
    "state",
    "opened_at",
    "waits_for",
    "decide_by",
    "dispatched_at",
    "received_at",
)
_UNKNOWN = {"decide_by": None, "dispatched_at": None, "received_at": None}


class ShipmentLists(Protocol):
    """What can be listed of shipments."""

    def of_party(
        self, organization_id: str | None, *, after: str | None, limit: int
    ) -> list[dict[str, Any]]:
        """Shipments from or to an organisation after an id, the oldest first."""
        ...


class MongoShipmentLists:
    """The ``ShipmentLists`` port over ``shipments``."""

    def of_party(
        self, organization_id: str | None, *, after: str | None, limit: int
    ) -> list[dict[str, Any]]:
        later = {"_id": {"$gt": after or ""}}
        ways = [{name: organization_id, **later} for name in ("brand_id", "host_id")]
        found = collection("shipments").find({"$or": ways}, dict.fromkeys(_SUMMARY, 1))
        return [{**_UNKNOWN, **row, "id": row["_id"]} for row in found.sort("_id", 1).limit(limit)]
