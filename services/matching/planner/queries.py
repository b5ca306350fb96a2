"""Reads what could be put together: lots with offers, slots with venues, themes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cartridges.versions import version_of
from chassis.kernel.time import CALENDAR
from chassis.mongo import Row, collection
from services.matching.claims.domain import Claim, Status
from services.matching.claims.repositories import to_claim
from services.matching.offers.domain import OfferedLot, SubsidyOffer
from services.matching.offers.repositories import (
    LOTS,
    SUBSIDIES,
    MongoOfferBook,
    lot_of,
    subsidy_of,
)
from services.matching.planner.use_cases import (
    Deal,
    Goods,
    KitDeal,
    Kits,
    OwnClaim,
    Rooms,
    Shelf,
)
from services.matching.supply.documents import ANY_CASE
from services.matching.supply.domain import CartridgeVersion, Kit, Slot
from services.matching.supply.repositories import to_kit, to_slot, to_version

MOST_DEALS, MOST_KITS, MOST_OWN, MOST_SLOTS, MOST_THEMES = 5_000, 100, 100, 2_000, 200
BRANDS_AT_ONCE = 100
WIDEST_ZONE = timedelta(hours=14)  # no clock is further from UTC


class MongoParts:
    """The ``Parts`` port over what the catalog told of lots, offers, kits, slots and themes.

    It leaves out what is closed, over or taken; all other rules are the judge's.
    """

    def goods(self, now: datetime) -> Goods:
        offers = _running({}, now)
        brands = sorted(offers, key=lambda brand: (-max(map(_highest, offers[brand])), brand))
        deals: list[Deal] = []
        for row in _lots_of(brands, now):
            lot = lot_of(row)
            if len(deals) >= MOST_DEALS:
                return Goods(deals, left_out=max(map(_highest, offers[lot.brand_id])))
            deals += (Deal(lot, offer) for offer in offers[lot.brand_id])
        return Goods(deals)

    def own(self, host_id: str, community_id: str) -> list[OwnClaim]:
        wanted = {
            "host_id": host_id,
            "community_id": community_id,
            "status": Status.CONFIRMED.value,
            "gathering_id": None,
        }
        found = collection("claims").find(wanted).sort("_id", -1).limit(MOST_OWN)
        claims = [to_claim(row) for row in found]
        lots = MongoOfferBook().lots([each.goods[0].lot_id for each in claims])
        titles = ((each, _title(each, lots)) for each in claims)
        return [OwnClaim(each, title) for each, title in titles if title]

    def kits(self, now: datetime) -> Kits:
        wanted = {"closed": None, "terms_digest": {"$exists": True}}
        found = collection("kits").find(wanted).sort("_id", -1).limit(MOST_KITS + 1)
        kits = [to_kit(row["_id"], row) for row in found]
        read = kits[:MOST_KITS]
        lots = MongoOfferBook().whole_lots({line.lot_id for kit in read for line in kit.lines})
        brands = {brand for kit in read for brand in kit.brand_ids}
        offers = _running({"brand_id": {"$in": list(brands)}}, now)
        whole = (kit for kit in read if all(line.lot_id in lots for line in kit.lines))
        deals = [_kit_deal(kit, lots, offers) for kit in whole]
        return Kits(deals, is_whole=len(kits) <= MOST_KITS)

    def rooms(self, city: str, first_day: date, last_day: date, now: datetime) -> Rooms:
        venues = {
            row["_id"]: row
            for row in collection("venues").find({"city": city}).collation(ANY_CASE)
        }
        if not venues:
            return Rooms([])
        wanted = {
            "venue_id": {"$in": list(venues)},
            "gathering_id": None,
            "starts_at": {
                "$gt": max(now, datetime.combine(first_day, time(), CALENDAR) - WIDEST_ZONE),
                "$lt": datetime.combine(last_day, time.max, CALENDAR) + WIDEST_ZONE,
            },
        }
        found = collection("slots").find(wanted).sort([("starts_at", 1), ("_id", 1)])
        slots: list[Slot] = []
        all_priced = True
        for row in found:
            slot = to_slot(row, venues[row["venue_id"]])
            if not first_day <= _day_of(slot) <= last_day:
                continue
            if slot.is_priced:
                slots.append(slot)
            else:
                all_priced = False
            if len(slots) > MOST_SLOTS:
                return Rooms(slots[:MOST_SLOTS], is_whole=False, all_priced=all_priced)
        return Rooms(slots, all_priced=all_priced)

    def themes(self, people: int) -> Shelf:
        wanted: dict[str, Any] = {
            "min_people": {"$lte": people},
            "max_people": {"$gte": people},
            "is_yanked": {"$ne": True},
        }
        newest: dict[str, CartridgeVersion] = {}
        for row in collection("cartridges").find(wanted):
            version = to_version(row)
            known = newest.get(version.cartridge_id)
            if known is None or version_of(known.version) < version_of(version.version):
                newest[version.cartridge_id] = version
        by_name = sorted(newest.values(), key=lambda one: (one.name, one.digest))
        return Shelf(by_name[:MOST_THEMES], is_whole=len(by_name) <= MOST_THEMES)


def _title(claim: Claim, lots: Mapping[str, OfferedLot]) -> str | None:
    """What the goods are called; None of a lot that was never told."""
    if claim.kit:
        return claim.kit.title
    lot = lots.get(claim.goods[0].lot_id)
    return lot.title if lot else None


def _kit_deal(
    kit: Kit, lots: Mapping[str, OfferedLot], offers: Mapping[str, list[SubsidyOffer]]
) -> KitDeal:
    lot_ids = dict.fromkeys(line.lot_id for line in kit.lines)
    of_brands = [each for brand in kit.brand_ids for each in offers.get(brand, ())]
    return KitDeal(kit, [lots[each] for each in lot_ids], of_brands)


def _running(wanted: Row, now: datetime) -> dict[str, list[SubsidyOffer]]:
    """The offers that are open now and as ``wanted``, by brand."""
    running = {"closed": None, "opens_at": {"$lte": now}, "closes_at": {"$gt": now}}
    offers: dict[str, list[SubsidyOffer]] = {}
    for row in collection(SUBSIDIES).find(running | wanted):
        offer = subsidy_of(row)
        offers.setdefault(offer.brand_id, []).append(offer)
    return offers


def _lots_of(brands: list[str], now: datetime) -> Iterator[Row]:
    """Lots that take claims, brand by brand in this order."""
    for start in range(0, len(brands), BRANDS_AT_ONCE):
        some = brands[start : start + BRANDS_AT_ONCE]
        place = {brand: number for number, brand in enumerate(some)}
        found = collection(LOTS).find(
            {"brand_id": {"$in": some}, "closed": None, "closes_at": {"$gt": now}}
        )
        yield from sorted(found, key=lambda row: (place[row["brand_id"]], row["_id"]))


def _highest(offer: SubsidyOffer) -> int:
    """What a claim on any goods can get of it at most."""
    return max(offer.subsidy.minor, offer.ramp.most if offer.ramp else 0)


def _day_of(slot: Slot) -> date:
    return slot.starts_at.astimezone(ZoneInfo(slot.time_zone)).date()
