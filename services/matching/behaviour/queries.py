"""Reads of the record of behaviour."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from chassis.mongo import collection


class Place(NamedTuple):
    """Where a line stands: an id alone keeps the time of what the deed followed from."""

    at: datetime
    id: str


class BehaviourQueries:
    """What an organisation did, latest first."""

    def of_organization(
        self, organization_id: str, *, before: Place | None, limit: int
    ) -> list[dict[str, Any]]:
        """Up to ``limit`` lines, those older than a place if one is given."""
        wanted: dict[str, Any] = {"organization_id": organization_id}
        if before is not None:
            older = {"at": {"$lt": before.at}}
            wanted["$or"] = [older, {"at": before.at, "_id": {"$lt": before.id}}]
        found = collection("behaviour").find(wanted).sort([("at", -1), ("_id", -1)]).limit(limit)
        return [{"id": line.pop("_id"), **line} for line in found]
