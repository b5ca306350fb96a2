"""Hosts' records kept in MongoDB."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from pymongo import UpdateOne

from chassis.mongo import collection
from services.catalog.hosts.domain import HostRecord

NAME = "host_records"


class MongoHosts:
    """The ``Hosts`` port over ``host_records``."""

    def with_record(self, host_ids: Collection[str]) -> frozenset[str]:
        found = collection(NAME).find({"_id": {"$in": sorted(host_ids)}}, {"_id": 1})
        return frozenset(row["_id"] for row in found)

    def note(self, records: Sequence[HostRecord]) -> None:
        collection(NAME).bulk_write(
            [
                UpdateOne({"_id": record.host_id}, {"$min": {"since": record.since}}, upsert=True)
                for record in records
            ]
        )
