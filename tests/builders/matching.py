"""Valid things of matching to start a test from; a test names only what it is about."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

from chassis.kernel.ids import Ids, make_id
from chassis.kernel.money import Money
from services.matching.claims.domain import Claim, Goods, Subsidy
from services.matching.claims.domain import Status as ClaimStatus
from services.matching.communities.domain import Community, Portrait
from services.matching.doors.domain import Invitation
from services.matching.gatherings.domain import Cartridge, Evidence, Gathering, Slot
from services.matching.gatherings.domain import Status as GatheringStatus
from services.matching.holds.domain import Hold, Why
from services.matching.offers.domain import OfferedLot, SubsidyOffer
from services.matching.sales.domain import Sale
from services.matching.supply.domain import CartridgeVersion, Kit, KitLine
from services.matching.supply.domain import Slot as OpenSlot

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
STARTS_AT = NOW + timedelta(days=3)
TERMS = {"brand": 6000, "host": 2000, "venue": 800, "co_host": 500, "platform": 500, "author": 200}
DIGEST = "sha256:" + "a" * 64


def an_id(prefix: str, number: int = 1) -> str:
    """The same identifier for the same number."""
    return make_id(prefix, now=NOW, random=lambda bits: number if bits > 12 else 0)


def counting_ids(start: int = 1000) -> Ids:
    """Identifiers in order, none of them used by the builders."""
    numbers = itertools.count(start)
    return lambda prefix: an_id(prefix, next(numbers))


BRAND, HOST, CO_HOST = an_id("org", 1), an_id("org", 2), an_id("org", 3)
VENUE_OWNER, AUTHOR, STRANGER = an_id("org", 4), an_id("org", 5), an_id("org", 6)
OTHER_BRAND, PLATFORM_ORG = an_id("org", 8), an_id("org", 9)


def a_lot(**changes: Any) -> OfferedLot:
    """Tea cups of a brand, three packs of them free."""
    given: dict[str, Any] = {
        "id": an_id("lot"),
        "brand_id": BRAND,
        "title": "Tea cups",
        "category": "porcelain",
        "tags": ("tea",),
        "city": "",
        "condition": "new",
        "unit_price": Money(2_000, "CNY"),
        "units_per_pack": 6,
        "packs_total": 3,
        "packs_free": 3,
        "max_packs_per_host": 3,
        "min_community_size": 10,
        "best_before": None,
        "closes_at": NOW + timedelta(days=7),
        "published_at": NOW - timedelta(days=1),
    }
    return OfferedLot(**given | changes)


def an_offer(**changes: Any) -> SubsidyOffer:
    """800.00 yuan for each gathering with twelve guests or more."""
    given: dict[str, Any] = {
        "id": an_id("off"),
        "brand_id": BRAND,
        "subsidy": Money(80_000, "CNY"),
        "min_checked_in": 12,
        "total_cap": Money(800_000, "CNY"),
        "terms": TERMS,
        "opens_at": NOW - timedelta(days=1),
        "closes_at": NOW + timedelta(days=7),
        "committed": Money(0, "CNY"),
    }
    return SubsidyOffer(**given | changes)


def a_community(**changes: Any) -> Community:
    """Forty people of the host's who like tea."""
    portrait = Portrait(
        name="Tea friends", city="Beijing", size=changes.pop("size", 40), tags={"tea": 50}
    )
    given: dict[str, Any] = {
        "id": an_id("com"),
        "host_id": HOST,
        "portrait": portrait,
        "founded_at": NOW - timedelta(days=30),
    }
    return Community(**given | changes)


def some_goods(packs: int = 2) -> tuple[Goods, ...]:
    """Packs of the lot of tea cups."""
    return (Goods(lot_id=an_id("lot"), brand_id=BRAND, packs=packs),)


def a_claim(**changes: Any) -> Claim:
    """A confirmed claim of two packs, free for a gathering."""
    given: dict[str, Any] = {
        "id": an_id("clm"),
        "goods": some_goods(packs=changes.pop("packs", 2)),
        "subsidies": (
            Subsidy(offer_id=an_id("off"), amount=Money(80_000, "CNY"), base=Money(80_000, "CNY")),
        ),
        "currency": "CNY",
        "host_id": HOST,
        "community_id": an_id("com"),
        "min_checked_in": 12,
        "terms": TERMS,
        "requested_at": NOW,
        "status": ClaimStatus.CONFIRMED,
        "decided_at": NOW,
        "reservation_id": an_id("rsv"),
    }
    return Claim(**given | changes)


def a_hold(**changes: Any) -> Hold:
    """One pack of the tea cups, held for the host for 48 hours."""
    given: dict[str, Any] = {
        "id": an_id("shd"),
        "host_id": HOST,
        "lot_id": an_id("lot"),
        "brand_id": BRAND,
        "offer_id": an_id("off"),
        "packs": 1,
        "subsidy": Money(80_000, "CNY"),
        "clearing_id": an_id("clr"),
        "why": Why(value=420, price=12.5, others=3, bound_by="lot-units"),
        "placed_at": NOW,
        "until": NOW + timedelta(hours=48),
    }
    return Hold(**given | changes)


def a_kit(**changes: Any) -> Kit:
    """Two packs of tea cups and one of another brand's pans, as both brands signed."""
    given: dict[str, Any] = {
        "id": an_id("kit"),
        "title": "A good pan and a chef",
        "lines": (
            KitLine(an_id("lot"), BRAND, 2, 3500),
            KitLine(an_id("lot", 2), OTHER_BRAND, 1, 2500),
        ),
        "capacity": 12,
        "equipment": ("stove",),
        "cartridge_digest": DIGEST,
        "price": Money(100_001, "CNY"),
        "terms": {"host": 2000, "venue": 1000, "author": 500, "platform": 500},
        "royalties": {AUTHOR: 10_000},
        "terms_digest": "sha256:" + "5a" * 32,
    }
    return Kit(**given | changes)


def a_kit_claim(**changes: Any) -> Claim:
    """A confirmed claim of that kit, with a subsidy of the tea cups' brand."""
    kit = a_kit()
    goods = tuple(
        Goods(lot_id=line.lot_id, brand_id=line.brand_id, packs=line.packs) for line in kit.lines
    )
    given = {"goods": goods, "kit": kit, "terms": kit.terms_by_role, "reservation_id": None}
    return a_claim(**given | changes)


def a_slot(**changes: Any) -> Slot:
    """Three hours at a venue for thirty people, three days from now."""
    given: dict[str, Any] = {
        "id": an_id("slt"),
        "venue_id": an_id("ven"),
        "venue_org_id": VENUE_OWNER,
        "starts_at": STARTS_AT,
        "ends_at": STARTS_AT + timedelta(hours=3),
        "capacity": 30,
    }
    return Slot(**given | changes)


def a_cartridge(**changes: Any) -> Cartridge:
    """A theme for eight to twenty people."""
    given: dict[str, Any] = {
        "id": an_id("crt"),
        "digest": DIGEST,
        "author_id": AUTHOR,
        "min_people": 8,
        "max_people": 20,
        "royalties": {AUTHOR: 10_000},
    }
    return Cartridge(**given | changes)


def a_gathering(**changes: Any) -> Gathering:
    """An open gathering of a host and one co-host, for up to twenty guests."""
    given: dict[str, Any] = {
        "id": an_id("gth"),
        "title": "Tea under the lanterns",
        "claim_id": an_id("clm"),
        "goods": some_goods(packs=changes.pop("packs", 2)),
        "offer_id": an_id("off"),
        "host_id": HOST,
        "co_host_ids": (CO_HOST,),
        "community_id": an_id("com"),
        "min_checked_in": 12,
        "cartridge": a_cartridge(),
        "slot": a_slot(),
        "naming_rights_id": None,
        "capacity": 20,
        "planned_at": NOW,
        "status": GatheringStatus.OPENED,
    }
    return Gathering(**given | changes)


def some_evidence(**changes: Any) -> Evidence:
    """A photo, by its digest."""
    given: dict[str, Any] = {
        "id": an_id("evd"),
        "kind": "photo",
        "text": None,
        "digest": DIGEST,
        "added_by": HOST,
        "added_at": STARTS_AT,
    }
    return Evidence(**given | changes)


def an_invitation(number: int = 1, **changes: Any) -> Invitation:
    """A place for a guest of the host's community."""
    given: dict[str, Any] = {
        "id": an_id("inv", number),
        "gathering_id": an_id("gth"),
        "community_id": an_id("com"),
        "organization_id": HOST,
    }
    return Invitation(**given | changes)


def a_sale(**changes: Any) -> Sale:
    """Two units for 312.50 yuan."""
    given: dict[str, Any] = {
        "id": an_id("sal"),
        "gathering_id": an_id("gth"),
        "ticket_id": None,
        "units": 2,
        "amount": Money(31_250, "CNY"),
        "sold_by": HOST,
        "sold_at": STARTS_AT,
    }
    return Sale(**given | changes)


def an_open_slot(**changes: Any) -> OpenSlot:
    """The slot of ``a_slot``, as the catalog tells of it."""
    slot = a_slot()
    given: dict[str, Any] = {
        "id": slot.id,
        "venue_id": slot.venue_id,
        "venue_org_id": slot.venue_org_id,
        "city": "Beijing",
        "capacity": slot.capacity,
        "equipment": (),
        "starts_at": slot.starts_at,
        "ends_at": slot.ends_at,
        "gathering_id": None,
    }
    return OpenSlot(**given | changes)


def a_version(**changes: Any) -> CartridgeVersion:
    """The cartridge of ``a_cartridge``, as the catalog tells of it."""
    cartridge = a_cartridge()
    given: dict[str, Any] = {
        "digest": cartridge.digest,
        "cartridge_id": cartridge.id,
        "author_id": cartridge.author_id,
        "name": "tea-under-lanterns",
        "version": "1.0.0",
        "min_people": cartridge.min_people,
        "max_people": cartridge.max_people,
        "royalties": cartridge.royalties,
    }
    return CartridgeVersion(**given | changes)
