"""Organisations kept in MongoDB."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pymongo import UpdateOne

from chassis.mongo import collection
from services.matching.organizations.domain import HOST, Organization


class MongoOrganizations:
    """The ``Organizations`` port over the ``organizations`` collection."""

    def hosts_among(self, organization_ids: Iterable[str]) -> set[str]:
        wanted = {"_id": {"$in": list(organization_ids)}, "kind": HOST}
        return {row["_id"] for row in collection("organizations").find(wanted, {"_id": 1})}

    def put_all(self, organizations: Sequence[Organization]) -> None:
        collection("organizations").bulk_write(
            [
                UpdateOne({"_id": found.id}, {"$set": {"kind": found.kind}}, upsert=True)
                for found in organizations
            ]
        )
