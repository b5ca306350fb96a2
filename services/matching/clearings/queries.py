"""Reads for lists of clearings and of what they assigned."""

from __future__ import annotations

from typing import Any, Protocol

from chassis.mongo import collection
from services.matching.clearings.domain import Assignment, Clearing
from services.matching.clearings.repositories import ASSIGNMENTS, to_assignment, to_clearing


class ClearingLists(Protocol):
    """What can be listed of clearings."""

    def latest(self, *, before: str | None, limit: int) -> list[Clearing]:
        """Clearings, the latest first, those before an id if one is given."""
        ...

    def assignments(
        self,
        clearing: Clearing,
        organization_id: str | None,
        *,
        after: str | None,
        limit: int,
    ) -> list[Assignment]:
        """What a clearing assigned to a host or of a brand; all of it for None."""
        ...


class MongoClearingLists:
    """The ``ClearingLists`` port over both collections."""

    def latest(self, *, before: str | None, limit: int) -> list[Clearing]:
        wanted = {} if before is None else {"_id": {"$lt": before}}
        found = collection("clearings").find(wanted).sort("_id", -1).limit(limit)
        return [to_clearing(row) for row in found]

    def assignments(
        self,
        clearing: Clearing,
        organization_id: str | None,
        *,
        after: str | None,
        limit: int,
    ) -> list[Assignment]:
        if clearing.result is None:
            return []
        mine: dict[str, Any] = {"clearing_id": clearing.id, "attempt": clearing.result.attempt}
        if organization_id is not None:
            mine["$or"] = [{"host_id": organization_id}, {"brand_id": organization_id}]
        if after is not None:
            mine["_id"] = {"$gt": after}
        found = collection(ASSIGNMENTS).find(mine).sort("_id", 1).limit(limit)
        return [to_assignment(row) for row in found]
