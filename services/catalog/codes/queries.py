"""Reads for lists of batches, and counts of scans: MongoDB to plain rows, no domain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from chassis.mongo import Row, collection
from services.catalog.codes.domain import CODES_A_SHEET

SCANS_AT_ONCE = 500


class CodeLists(Protocol):
    """What can be listed and counted of codes."""

    def of_owner(self, owner_id: str, *, after: str | None, limit: int) -> list[dict[str, Any]]:
        """An organisation's batches after an id, the oldest first, at most ``limit``."""
        ...

    def by_day(self, batch_id: str) -> list[dict[str, Any]]:
        """Scans of a batch, and how many different codes were scanned, day by day."""
        ...

    def scanned_codes(self, batch_id: str) -> int:
        """How many different codes of a batch were ever scanned."""
        ...

    def scans(self, batch_id: str) -> Iterator[dict[str, Any]]:
        """Every scan of a batch, by its id, read as they are asked for."""
        ...

    def by_part(self, owner_id: str, part: str) -> list[dict[str, Any]]:
        """Scans of all an organisation's codes by ``lot``, ``host`` or ``community``."""
        ...


class MongoCodeLists:
    """The ``CodeLists`` port over ``code_batches`` and ``code_scans``."""

    def of_owner(self, owner_id: str, *, after: str | None, limit: int) -> list[dict[str, Any]]:
        found = collection("code_batches").find(
            {"owner_id": owner_id, "_id": {"$gt": after or ""}}
        )
        return [_named(row) for row in found.sort("_id", 1).limit(limit)]

    def by_day(self, batch_id: str) -> list[dict[str, Any]]:
        each_code = {"_id": {"day": "$day", "serial": "$serial"}, "scans": {"$sum": 1}}
        each_day = {"_id": "$_id.day", "codes": {"$sum": 1}, "scans": {"$sum": "$scans"}}
        stages: list[Mapping[str, Any]] = [
            {"$match": {"batch_id": batch_id}},
            {"$group": each_code},
            {"$group": each_day},
            {"$sort": {"_id": 1}},
        ]
        return [
            {"day": row.pop("_id"), **row} for row in collection("code_scans").aggregate(stages)
        ]

    def scanned_codes(self, batch_id: str) -> int:
        stages: list[Mapping[str, Any]] = [
            {"$match": {"batch_id": batch_id}},
            {"$group": {"_id": "$serial"}},
            {"$count": "codes"},
        ]
        return sum(row["codes"] for row in collection("code_scans").aggregate(stages))

    def scans(self, batch_id: str) -> Iterator[dict[str, Any]]:
        found = collection("code_scans").find({"batch_id": batch_id}).sort("_id", 1)
        # Left to itself MongoDB sends 16 MiB at a time.
        return iter(found.batch_size(SCANS_AT_ONCE))

    def by_part(self, owner_id: str, part: str) -> list[dict[str, Any]]:
        stages: list[Mapping[str, Any]] = [
            {"$match": {"owner_id": owner_id}},
            {"$group": {"_id": f"${part}_id", "scans": {"$sum": 1}}},
            {"$sort": {"scans": -1, "_id": 1}},
        ]
        return [
            {"id": row.pop("_id"), **row} for row in collection("code_scans").aggregate(stages)
        ]


def _named(row: Row) -> dict[str, Any]:
    sheets = -(-row["count"] // CODES_A_SHEET)
    empty = dict.fromkeys(("lot_id", "host_id", "community_id", "withdrawn_at"))
    return {**empty, **row, "id": row["_id"], "sheets": sheets}
