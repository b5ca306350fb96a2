"""Reads for lists of lots and journal lines: MongoDB to plain rows, no domain."""

from __future__ import annotations

from typing import Any, Protocol

from chassis.mongo import Row, collection

_SUMMARY = (
    "title",
    "category",
    "city",
    "condition",
    "units_per_pack",
    "free",
    "reserved",
    "shipped",
    "is_open",
    "closes_at",
    "best_before",
    "published_at",
)


class LotLists(Protocol):
    """What can be listed of lots."""

    def of_brand(self, brand_id: str, *, after: str | None, limit: int) -> list[dict[str, Any]]:
        """A brand's lots after an id, the oldest first, at most ``limit``."""
        ...

    def journal(self, lot_id: str, *, after: int, limit: int) -> list[dict[str, Any]]:
        """A lot's journal lines after a number, at most ``limit``."""
        ...


class MongoLotLists:
    """The ``LotLists`` port over ``stock_lots`` and ``stock_entries``."""

    def of_brand(self, brand_id: str, *, after: str | None, limit: int) -> list[dict[str, Any]]:
        found = collection("stock_lots").find(
            {"brand_id": brand_id, "_id": {"$gt": after or ""}}, dict.fromkeys(_SUMMARY, 1)
        )
        return [_named(row) for row in found.sort("_id", 1).limit(limit)]

    def journal(self, lot_id: str, *, after: int, limit: int) -> list[dict[str, Any]]:
        found = collection("stock_entries").find({"lot_id": lot_id, "number": {"$gt": after}})
        return [_named(row) for row in found.sort("number", 1).limit(limit)]


def _named(row: Row) -> dict[str, Any]:
    return {"best_before": None, **row, "id": row["_id"]}
