"""Reads for lists of claims: the latest first."""

from __future__ import annotations

from typing import Any, Protocol

from chassis.mongo import collection
from services.matching.claims.domain import Claim
from services.matching.claims.repositories import to_claim

_PARTIES = ("host_id", "brand_id", "goods.brand_id")


class ClaimLists(Protocol):
    """What can be listed of claims."""

    def of_party(
        self, organization_id: str | None, *, status: str | None, before: str | None, limit: int
    ) -> list[Claim]:
        """Claims of a host or on a brand's lots, latest first; of everybody for None."""
        ...


class MongoClaimLists:
    """The ``ClaimLists`` port over the ``claims`` collection."""

    def of_party(
        self, organization_id: str | None, *, status: str | None, before: str | None, limit: int
    ) -> list[Claim]:
        wanted: dict[str, Any] = {}
        if organization_id is not None:
            wanted["$or"] = [{party: organization_id} for party in _PARTIES]
        if status is not None:
            wanted["status"] = status
        if before is not None:
            wanted["_id"] = {"$lt": before}
        found = collection("claims").find(wanted).sort("_id", -1).limit(limit)
        return [to_claim(row) for row in found]
