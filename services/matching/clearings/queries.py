"""Reads for lists of clearings and of what they assigned."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from chassis.mongo import collection
from services.matching.clearings.domain import Assignment, Clearing, Valuation
from services.matching.clearings.repositories import ASSIGNMENTS, to_assignment, to_clearing
from services.matching.holds.domain import EndedHold

LOOKED_BACK = timedelta(days=90)


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


@dataclass(frozen=True, slots=True)
class MongoEnded:
    """The ``Ended`` port: what ``of_clearings`` says of those of the last 90 days."""

    of_clearings: Callable[[Collection[str], datetime], list[EndedHold]]

    def __call__(self, valuation: Valuation, model: str, now: datetime) -> list[EndedHold]:
        """The holds that ended of clearings by this valuation and model."""
        wanted = {
            "order.valuation": valuation.value,
            "order.dry_run": False,
            "result.evidence.model": model,
            "asked_at": {"$gte": now - LOOKED_BACK},
        }
        found = collection("clearings").find(wanted, {"_id": True})
        return self.of_clearings([row["_id"] for row in found], now)
