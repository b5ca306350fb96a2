"""What can be had and who is there, read from where matching keeps it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from cartridges.versions import version_of
from chassis.mongo import Row, collection
from services.matching.communities.domain import tidy
from services.matching.fits.domain import Assortment, IdleRoom, IdleSlot
from services.matching.offers.repositories import LOTS, SUBSIDIES, lot_of, subsidy_of
from services.matching.pictures.domain import Picture
from services.matching.pictures.repositories import PICTURES, to_picture
from services.matching.supply.documents import ANY_CASE
from services.matching.supply.domain import CartridgeVersion, Kit
from services.matching.supply.repositories import to_kit, to_version

LOTS_OF_A_BRAND = 50
MOST_KITS = 50
MOST_ROOMS = 20
SLOTS_LOOKED_AT = 200
SLOTS_TOLD = 3
MOST_THEMES = 20


class MongoSupply:
    """The ``Supply`` port over lots, subsidy offers, kits, venues, slots and cartridges."""

    def assortments(self, brand_ids: Iterable[str]) -> dict[str, Assortment]:
        return {brand_id: _assortment(brand_id) for brand_id in brand_ids}

    def kits_of(self, brand_ids: Collection[str]) -> list[Kit]:
        wanted = {
            "lines.brand_id": {"$in": list(brand_ids)},
            "closed": None,
            "terms_digest": {"$exists": True},
        }
        found = collection("kits").find(wanted).sort("_id", -1).limit(MOST_KITS)
        return [to_kit(row["_id"], row) for row in found]

    def rooms_in(self, cities: Collection[str], now: datetime) -> list[IdleRoom]:
        found = collection("venues").find({"city": {"$in": sorted(cities)}}, collation=ANY_CASE)
        venues = {row["_id"]: row for row in found}
        if not venues:
            return []
        idle: dict[str, list[IdleSlot]] = defaultdict(list)
        for row in _idle_slots(venues, now):
            idle[row["venue_id"]].append(IdleSlot(row["_id"], row["starts_at"], row["ends_at"]))
        return [
            IdleRoom(
                venue_id=venue_id,
                venue_org_id=venues[venue_id]["venue_org_id"],
                city=tidy(venues[venue_id]["city"]),
                capacity=venues[venue_id]["capacity"],
                slots=tuple(slots[:SLOTS_TOLD]),
            )
            for venue_id, slots in list(idle.items())[:MOST_ROOMS]
        ]

    def themes_about(self, tags: Collection[str]) -> list[CartridgeVersion]:
        wanted = {"manifest.tags": {"$in": list(tags)}, "author_id": {"$exists": True}}
        found = collection("cartridges").find(wanted | {"is_yanked": {"$ne": True}})
        latest: dict[str, CartridgeVersion] = {}
        for row in found:
            version = to_version(row)
            known = latest.get(version.cartridge_id)
            if known is None or version_of(known.version) < version_of(version.version):
                latest[version.cartridge_id] = version
        return list(latest.values())[:MOST_THEMES]


class MongoGallery:
    """The ``Gallery`` port over the ``pictures`` collection."""

    def sharing(self, tags: Collection[str], *, limit: int) -> list[Picture]:
        found = collection(PICTURES).find({"tags": {"$in": sorted(tags)}})
        return [to_picture(row) for row in found.sort([("largest", -1), ("_id", 1)]).limit(limit)]

    def these(self, host_ids: Collection[str]) -> dict[str, Picture]:
        drawn = {"_id": {"$in": list(host_ids)}, "record": {"$exists": True}}
        return {row["_id"]: to_picture(row) for row in collection(PICTURES).find(drawn)}

    def all(self, *, limit: int) -> Iterator[Picture]:
        wanted = {"_id": {"$gt": ""}, "largest": {"$gt": 0}}
        yield from map(to_picture, collection(PICTURES).find(wanted).sort("_id", 1).limit(limit))


def _assortment(brand_id: str) -> Assortment:
    mine = {"brand_id": brand_id, "closed": None}
    lots = collection(LOTS).find(mine, {"holdings": 0}).sort("_id", -1).limit(LOTS_OF_A_BRAND)
    return Assortment(
        brand_id=brand_id,
        lots=tuple(map(lot_of, lots)),
        offers=tuple(map(subsidy_of, collection(SUBSIDIES).find(mine))),
    )


def _idle_slots(venue_ids: Iterable[str], now: datetime) -> Iterable[Row]:
    ahead = {"venue_id": {"$in": list(venue_ids)}, "starts_at": {"$gt": now}}
    unheld = {"$or": [{"hold": None}, {"hold.expires_at": {"$lte": now}}]}
    found = collection("slots").find(ahead | unheld | {"gathering_id": None})
    return found.sort("starts_at", 1).limit(SLOTS_LOOKED_AT)
