"""Reads for lists of claims: the latest first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Protocol

from chassis.mongo import collection
from services.matching.claims.domain import Claim, Status
from services.matching.claims.repositories import to_claim
from services.matching.offers.domain import OfferedLot

_PARTIES = ("host_id", "brand_id", "goods.brand_id")
_OPEN = [Status.REQUESTED.value, Status.CONFIRMED.value]
_STANDING = [*_OPEN, Status.SETTLED.value]


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

    def count_open(self, host_id: str) -> int:
        """A host's claims that are asked for or wait for their gathering to be settled."""
        wanted = {"host_id": host_id, "status": {"$in": _OPEN}}
        return collection("claims").count_documents(wanted)


class MongoAsked:
    """The ``Asked`` port of the holds over the ``claims`` collection.

    Catalog tells of packs that a claim took a moment later than the claim is made.
    """

    def packs(self, lots: Collection[OfferedLot]) -> Mapping[str, int]:
        by_id = {lot.id: lot for lot in lots}
        wanted = {"goods.lot_id": {"$in": list(by_id)}, "status": {"$in": _OPEN}}
        asked: Counter[str] = Counter()
        for row in collection("claims").find(wanted, {"goods": 1}):
            for goods in row["goods"]:
                lot = by_id.get(goods["lot_id"])
                if lot is not None and row["_id"] not in lot.holdings:
                    asked[lot.id] += goods["packs"]
        return asked

    def of_host(self, host_id: str, lot_id: str, *, since: datetime) -> list[str]:
        wanted = {
            "host_id": host_id,
            "goods.lot_id": lot_id,
            "status": {"$in": _OPEN},
            "requested_at": {"$gte": since},
        }
        found = collection("claims").find(wanted, {"_id": 1}).sort("_id", 1)
        return [row["_id"] for row in found]


class MongoTaken:
    """The ``Taken`` port of the offers over the ``claims`` collection.

    A claim of before there were kits was made before there were caps, and is not looked at.
    """

    def of_offer(
        self, offer_id: str, *, host_id: str | None = None, since: datetime | None = None
    ) -> int:
        mine: dict[str, Any] = {"subsidies.offer_id": offer_id}
        where = mine | {"status": {"$in": _STANDING}}
        if host_id is not None:
            where["host_id"] = host_id
        if since is not None:
            where["requested_at"] = {"$gte": since}
        found = collection("claims").aggregate(
            [
                {"$match": where},
                {"$unwind": "$subsidies"},
                {"$match": mine},
                {"$group": {"_id": None, "minor": {"$sum": "$subsidies.minor"}}},
            ]
        )
        return sum(int(row["minor"]) for row in found)
