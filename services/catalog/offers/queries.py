"""Reads for lists of subsidy offers: MongoDB to plain rows, no domain."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Protocol

from chassis.kernel.money import Money
from chassis.mongo import Row, collection
from services.catalog.offers.repositories import host_limit_of, period_limit_of, ramp_of

_WHO_PAYS = {"_id": 0, "brand_id": 1, "subsidy_minor": 1}  # what an index tells by itself


class OfferLists(Protocol):
    """What can be listed of offers."""

    def of_brand(self, brand_id: str, *, after: str | None, limit: int) -> list[dict[str, Any]]:
        """A brand's offers after an id, the oldest first, at most ``limit``."""
        ...

    def brands_paying(self, subsidy: int, *, at: datetime) -> set[str]:
        """Brands with an open offer that pays at least so many minor units."""
        ...

    def best_subsidies(self, brand_ids: Collection[str], *, at: datetime) -> dict[str, int]:
        """The most an open offer pays, in minor units, of those brands that have one."""
        ...


class MongoOfferLists:
    """The ``OfferLists`` port over ``subsidy_offers``."""

    def of_brand(self, brand_id: str, *, after: str | None, limit: int) -> list[dict[str, Any]]:
        found = collection("subsidy_offers").find(
            {"brand_id": brand_id, "_id": {"$gt": after or ""}}
        )
        return [_named(row) for row in found.sort("_id", 1).limit(limit)]

    def brands_paying(self, subsidy: int, *, at: datetime) -> set[str]:
        wanted = {**_open(at), "subsidy_minor": {"$gte": subsidy}}
        found = collection("subsidy_offers").find(wanted, _WHO_PAYS).hint("paying")
        return {row["brand_id"] for row in found}

    def best_subsidies(self, brand_ids: Collection[str], *, at: datetime) -> dict[str, int]:
        wanted = {**_open(at), "brand_id": {"$in": sorted(brand_ids)}}
        found = collection("subsidy_offers").find(wanted, _WHO_PAYS).hint("best")
        best: dict[str, int] = {}
        for row in found:
            best[row["brand_id"]] = max(best.get(row["brand_id"], 0), int(row["subsidy_minor"]))
        return best


def _open(at: datetime) -> Row:
    return {"is_open": True, "opens_at": {"$lte": at}, "closes_at": {"$gt": at}}


def _named(row: Row) -> dict[str, Any]:
    money = {
        "subsidy": Money(int(row["subsidy_minor"]), row["currency"]),
        "total_cap": Money(int(row["total_cap_minor"]), row["currency"]),
        "ramp": ramp_of(row.get("ramp"), row["currency"]),
        "most_per_host": host_limit_of(row.get("most_per_host_minor"), row["currency"]),
        "most_per_period": period_limit_of(
            row.get("most_per_period_minor"), row.get("period_days"), row["currency"]
        ),
    }
    return {"closed": None, "eligibility": [], **row, **money, "id": row["_id"]}
