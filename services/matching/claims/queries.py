"""Reads for lists of claims: MongoDB to plain rows, no domain."""

from __future__ import annotations

from typing import Any, Protocol

from chassis.kernel.money import Money
from chassis.mongo import Row, collection


class ClaimLists(Protocol):
    """What can be listed of claims."""

    def of_party(
        self, organization_id: str | None, *, status: str | None, before: str | None, limit: int
    ) -> list[dict[str, Any]]:
        """Claims of a host or on a brand's lots, latest first; of everybody for None."""
        ...


class MongoClaimLists:
    """The ``ClaimLists`` port over the ``claims`` collection."""

    def of_party(
        self, organization_id: str | None, *, status: str | None, before: str | None, limit: int
    ) -> list[dict[str, Any]]:
        wanted: dict[str, Any] = {}
        if organization_id is not None:
            wanted["$or"] = [{"host_id": organization_id}, {"brand_id": organization_id}]
        if status is not None:
            wanted["status"] = status
        if before is not None:
            wanted["_id"] = {"$lt": before}
        found = collection("claims").find(wanted).sort("_id", -1).limit(limit)
        return [_named(row) for row in found]


def _named(row: Row) -> dict[str, Any]:
    usual = {"base_subsidy_minor": row["subsidy_minor"], "urgency_basis_points": 0}
    known = usual | {"region": "", "channel": "gathering"} | row
    money = {
        "subsidy": Money(int(known["subsidy_minor"]), known["currency"]),
        "base_subsidy": Money(int(known["base_subsidy_minor"]), known["currency"]),
    }
    return known | money | {"id": known["_id"]}
