"""Lots, subsidies and hosts for tests: valid by default, a test names only what it is about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from chassis.kernel.money import Money
from services.matching.offers.domain import OfferedLot, SubsidyOffer
from services.matching.offers.engine.facts import Held, HostFacts, LotFacts, SubsidyFacts

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
BRAND = "org_01m80t6qxcevrs0fn3mtvw1bj0"
HOST = "org_01m80t6qxcevrs0fn3mtvw1bjz"
OTHER_HOST = "org_01m80t6qxcevrs0fn3mtvw1bjy"
LOT = "lot_01m80t6qxcevrs0fn3mtvw1bj1"
OFFER = "off_01m80t6qxcevrs0fn3mtvw1bj2"


def lot_id(number: int) -> str:
    """The id of the lot with this number; ids and numbers order alike."""
    return f"lot_01m80t6qxc{number:016d}"


def some_lot(lot: int | str = LOT, **facts: Any) -> LotFacts:
    usual: dict[str, Any] = {
        "lot_id": lot if isinstance(lot, str) else lot_id(lot),
        "brand_id": BRAND,
        "tags": ("tea",),
        "city": "",
        "min_community_size": 1,
        "pack_price": 10_000,
        "packs_free": 5,
        "claims": 0,
        "published_at": NOW,
        "best_before": None,
        "ends_at": NOW + timedelta(days=30),
    }
    return LotFacts(**usual | facts)


def a_hold(**facts: Any) -> Held:
    """One pack for another host, for 48 hours."""
    usual: dict[str, Any] = {
        "host_id": OTHER_HOST,
        "packs": 1,
        "until": NOW + timedelta(hours=48),
    }
    return Held(**usual | facts)


def a_subsidy(**facts: Any) -> SubsidyFacts:
    usual: dict[str, Any] = {
        "offer_id": OFFER,
        "brand_id": BRAND,
        "subsidy": 50_000,
        "opens_at": NOW - timedelta(days=1),
        "closes_at": NOW + timedelta(days=30),
    }
    return SubsidyFacts(**usual | facts)


def a_host(**facts: Any) -> HostFacts:
    usual: dict[str, Any] = {
        "host_id": HOST,
        "affinity": {"tea": 300_000},
        "reach": {"suzhou": 60},
        "largest": 60,
    }
    return HostFacts(**usual | facts)


def an_offered_lot(**fields: Any) -> OfferedLot:
    usual: dict[str, Any] = {
        "id": LOT,
        "brand_id": BRAND,
        "title": "Tea cups",
        "category": "Porcelain",
        "tags": ("tea", "cups"),
        "city": "",
        "condition": "new",
        "unit_price": Money(2_000, "CNY"),
        "units_per_pack": 5,
        "packs_total": 10,
        "packs_free": 10,
        "max_packs_per_host": 2,
        "min_community_size": 1,
        "best_before": None,
        "closes_at": NOW + timedelta(days=30),
        "published_at": NOW,
    }
    return OfferedLot(**usual | fields)


def an_offer(**fields: Any) -> SubsidyOffer:
    usual: dict[str, Any] = {
        "id": OFFER,
        "brand_id": BRAND,
        "subsidy": Money(50_000, "CNY"),
        "min_checked_in": 10,
        "total_cap": Money(100_000, "CNY"),
        "terms": {"brand": 6000, "host": 2000, "venue": 1000, "platform": 1000},
        "opens_at": NOW - timedelta(days=1),
        "closes_at": NOW + timedelta(days=30),
        "committed": Money(0, "CNY"),
    }
    return SubsidyOffer(**usual | fields)
