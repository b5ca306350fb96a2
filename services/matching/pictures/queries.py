"""What became of hosts' gatherings: read from where each fact lies, never from a copy."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from chassis.mongo import Row, collection
from services.matching.behaviour.domain import Deed
from services.matching.communities.domain import tidy
from services.matching.pictures.domain import Claimed, Evening, HostRecord

# A gathering's states by their stored words; it took place in all of these.
_TOOK_PLACE = ["held", "disputed", "approved", "settled"]
_APPROVED = ["approved", "settled"]
CLAIMED = ["confirmed", "settled"]
"""A claim's states in which its goods went to the host, by their stored words."""
GOODS = {"goods.lot_id": 1, "lot_id": 1}
"""The fields of a claim or gathering that ``lots_of`` reads."""
Kind = tuple[str, str]
"""A brand, and a category in its tidy form."""
_COUNTED = {
    Deed.HELD: "held",
    Deed.SETTLED: "settled",
    Deed.DISPUTED: "disputed",
    Deed.CALLED_OFF: "called_off",
    Deed.RETURNED_FAIRLY: "fair_returns",
    Deed.RATED: "ratings",
}


class MongoPast:
    """The ``Past`` port over gatherings, sales, lots, cartridges and the record of behaviour."""

    def evenings_of(self, host_id: str, *, limit: int) -> list[Evening]:
        wanted = {"host_id": host_id, "status": {"$in": _TOOK_PLACE}}
        fields = ("goods", "lot_id", "cartridge.digest", "slot.starts_at", "checked_in")
        shown = dict.fromkeys((*fields, "min_checked_in"), 1)
        found = collection("gatherings").find(wanted, shown).sort("_id", -1).limit(limit)
        rows = list(found)
        sold = _sold([row["_id"] for row in rows])
        lots = _tags_of_lots({lot_id for row in rows for lot_id in lots_of(row)})
        themes = _tags_of_themes({row["cartridge"]["digest"] for row in rows})
        return [
            Evening(
                gathering_id=row["_id"],
                began_at=row["slot"]["starts_at"],
                came=row["checked_in"],
                asked=row["min_checked_in"],
                tags=frozenset().union(
                    themes.get(row["cartridge"]["digest"], frozenset()),
                    *(lots.get(lot_id, frozenset()) for lot_id in lots_of(row)),
                ),
                **sold.get(row["_id"], {}),
            )
            for row in rows
        ]

    def claimed_by(self, host_id: str, *, limit: int) -> Claimed:
        wanted = {"host_id": host_id, "status": {"$in": CLAIMED}}
        found = collection("claims").find(wanted, GOODS).sort("_id", -1).limit(limit)
        return claimed_of(kinds_of({lot_id for row in found for lot_id in lots_of(row)}).values())

    def record_of(self, host_id: str) -> HostRecord:
        deeds = list(
            collection("behaviour").aggregate(
                [
                    {
                        "$match": {
                            "organization_id": host_id,
                            "deed": {"$in": [deed.value for deed in _COUNTED]},
                        }
                    },
                    {
                        "$group": {
                            "_id": "$deed",
                            "count": {"$sum": 1},
                            "amount": {"$sum": "$amount"},
                        }
                    },
                ]
            )
        )
        counts = {_COUNTED[Deed(row["_id"])]: row["count"] for row in deeds}
        stars = sum(int(row["amount"]) for row in deeds if row["_id"] == Deed.RATED.value)
        approved = collection("gatherings").count_documents(
            {"host_id": host_id, "status": {"$in": _APPROVED}}
        )
        return HostRecord(approved=approved, stars=stars, **counts)

    def hosts_of(self, gathering_ids: Collection[str]) -> set[str]:
        wanted = {"_id": {"$in": list(gathering_ids)}}
        found = collection("gatherings").find(wanted, {"host_id": 1, "co_host_ids": 1})
        return {host for row in found for host in (row["host_id"], *row.get("co_host_ids", ()))}


def lots_of(row: Row) -> list[str]:
    """The lots of a gathering or claim; one of before there were kits names its only one."""
    if "goods" in row:
        return [each["lot_id"] for each in row["goods"]]
    return [row["lot_id"]]


def kinds_of(lot_ids: Collection[str]) -> dict[str, Kind]:
    """Of which brand and category each of these lots is, those that are known."""
    wanted = {"_id": {"$in": list(lot_ids)}}
    found = collection("offers").find(wanted, {"brand_id": 1, "category": 1})
    return {row["_id"]: (row["brand_id"], tidy(row["category"] or "")) for row in found}


def claimed_of(kinds: Iterable[Kind]) -> Claimed:
    """What a host claimed of who claimed goods of these kinds."""
    known = set(kinds)
    return Claimed(
        frozenset(brand_id for brand_id, _ in known),
        frozenset(category for _, category in known if category),
    )


def _sold(gathering_ids: Collection[str]) -> dict[str, dict[str, int]]:
    """Units and minor units by gathering; of refunds those that were paid."""
    paid = {
        "$filter": {
            "input": {"$ifNull": ["$refunds", []]},
            "cond": {"$eq": ["$$this.state", "refunded"]},
        }
    }
    rows = collection("sales").aggregate(
        [
            {"$match": {"gathering_id": {"$in": list(gathering_ids)}}},
            {"$set": {"paid": {"$map": {"input": paid, "in": "$$this.amount_minor"}}}},
            {
                "$group": {
                    "_id": "$gathering_id",
                    "units": {"$sum": "$units"},
                    "sold": {"$sum": "$amount_minor"},
                    "refunded": {"$sum": {"$sum": "$paid"}},
                }
            },
        ]
    )
    return {row.pop("_id"): {name: int(value) for name, value in row.items()} for row in rows}


def _tags_of_lots(lot_ids: Collection[str]) -> dict[str, frozenset[str]]:
    wanted = {"_id": {"$in": list(lot_ids)}}
    found = collection("offers").find(wanted, {"tags": 1, "category": 1})
    return {row["_id"]: _tidy([row["category"], *row["tags"]]) for row in found}


def _tags_of_themes(digests: Collection[str]) -> dict[str, frozenset[str]]:
    wanted = {"_id": {"$in": list(digests)}}
    found = collection("cartridges").find(wanted, {"manifest.tags": 1})
    return {row["_id"]: _tidy((row.get("manifest") or {}).get("tags", ())) for row in found}


def _tidy(tags: Iterable[Any]) -> frozenset[str]:
    return frozenset(filter(None, (tidy(str(tag)) for tag in tags)))
