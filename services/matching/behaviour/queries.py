"""Reads of the record of behaviour."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from chassis.mongo import collection
from chassis.web import Place
from services.matching.behaviour.domain import Deed


class BehaviourQueries:
    """What an organisation did, latest first."""

    def of_organization(
        self, organization_id: str, *, before: Place | None, limit: int
    ) -> list[dict[str, Any]]:
        """Up to ``limit`` lines, those older than a place if one is given."""
        wanted: dict[str, Any] = {"organization_id": organization_id}
        if before is not None:
            wanted["at"] = {"$lte": before.at}
            wanted["$or"] = [{"at": {"$lt": before.at}}, {"_id": {"$lt": before.id}}]
        # Without the hint the alternatives are looked up one by one and sorted in memory.
        order = [("at", -1), ("_id", -1)]
        found = collection("behaviour").find(wanted).sort(order).limit(limit)
        lines = found.hint([("organization_id", 1), *order])
        return [{"id": line.pop("_id"), **line} for line in lines]

    def count(self, organization_id: str, deed: Deed, *, since: datetime | None = None) -> int:
        """How often an organisation did this, in all or since a moment."""
        wanted: dict[str, Any] = dict(_of(organization_id, deed))
        if since is not None:
            wanted["at"] = {"$gte": since}
        return collection("behaviour").count_documents(wanted)


def _of(organization_id: str, deed: Deed) -> dict[str, str]:
    return {"organization_id": organization_id, "deed": deed.value}
