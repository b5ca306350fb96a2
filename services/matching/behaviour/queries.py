"""Reads of the record of behaviour."""

from __future__ import annotations

from typing import Any

from services.matching.behaviour.documents import BehaviourDocument


class BehaviourQueries:
    """What an organisation did, latest first."""

    def of_organization(
        self, organization_id: str, *, before: str | None, limit: int
    ) -> list[dict[str, Any]]:
        """Up to ``limit`` lines older than the line ``before``."""
        wanted: dict[str, Any] = {"organization_id": organization_id}
        if before is not None:
            wanted["_id"] = {"$lt": before}
        found = BehaviourDocument._get_collection().find(wanted).sort("_id", -1).limit(limit)
        return [{"id": line.pop("_id"), **line} for line in found]
