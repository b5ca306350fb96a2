"""Reads for lists of subsidy offers: MongoDB to plain rows, no domain."""

from __future__ import annotations

from typing import Any, Protocol

from chassis.kernel.money import Money
from chassis.mongo import Row, collection
from services.catalog.offers.repositories import ramp_of


class OfferLists(Protocol):
    """What can be listed of offers."""

    def of_brand(self, brand_id: str, *, after: str | None, limit: int) -> list[dict[str, Any]]:
        """A brand's offers after an id, the oldest first, at most ``limit``."""
        ...


class MongoOfferLists:
    """The ``OfferLists`` port over ``subsidy_offers``."""

    def of_brand(self, brand_id: str, *, after: str | None, limit: int) -> list[dict[str, Any]]:
        found = collection("subsidy_offers").find(
            {"brand_id": brand_id, "_id": {"$gt": after or ""}}
        )
        return [_named(row) for row in found.sort("_id", 1).limit(limit)]


def _named(row: Row) -> dict[str, Any]:
    money = {
        "subsidy": Money(int(row["subsidy_minor"]), row["currency"]),
        "total_cap": Money(int(row["total_cap_minor"]), row["currency"]),
        "ramp": ramp_of(row.get("ramp"), row["currency"]),
    }
    return {"closed": None, **row, **money, "id": row["_id"]}
