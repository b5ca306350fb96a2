"""Made-up markets that matching is measured on, and the peers that answer the same question.

A host has three communities in as many cities with four weighted tags each, out of 2,000; a
lot has six. Half of the lots are for one of 200 cities only. Expiry, free packs, the least
size of a community and an open subsidy leave about one lot in twelve for a host.
"""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from pymongo.collection import Collection

from chassis.mongo import Row
from services.matching.communities.domain import Community, Portrait
from services.matching.offers.domain import host_facts
from services.matching.offers.engine import points
from services.matching.offers.engine.facts import NATIONAL, HostFacts, LotFacts, SubsidyFacts
from services.matching.offers.engine.index import OfferIndex
from services.matching.offers.engine.kinships import Kindred
from services.matching.offers.engine.points import Weights
from services.matching.offers.engine.search import Position, Search

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
HOSTS = 64
TAGS = [f"tag-{number}" for number in range(2_000)]
CITIES = [f"city-{number}" for number in range(200)]
TAGS_A_LOT, TAGS_A_COMMUNITY, COMMUNITIES = 6, 4, 3
LOTS_A_BRAND = 100
KINDRED_BRANDS, KINDRED_CATEGORIES = 40, 15
WITH_KINDRED = Weights(475_000, 190_000, 95_000, 76_000, 57_000, 38_000, 19_000, 50_000)
"""Weights of a model that counts what is kindred too."""
PAYING, SPENT, NATIONWIDE, KEEPING = 0.4, 0.1, 0.5, 0.5
"""Shares of brands that subsidise, of subsidies used up, of lots."""


class Market:
    """Lots, subsidies and hosts, the same for the same size and seed."""

    def __init__(self, size: int, seed: int = 1) -> None:
        self.chance = random.Random(seed)
        brands = [f"org_{number:026d}" for number in range(max(300, size // LOTS_A_BRAND))]
        self.subsidies = [
            self._subsidy(brand) for brand in brands if self.chance.random() < PAYING
        ]
        self.portraits: dict[str, list[Portrait]] = {}
        self.hosts = [self._host(number) for number in range(HOSTS)]
        self.lots = _lots(size, brands, np.random.default_rng(seed))

    def _subsidy(self, brand: str) -> SubsidyFacts:
        return SubsidyFacts(
            offer_id=f"off_{brand[4:]}",
            brand_id=brand,
            subsidy=self.chance.randrange(5_000, 300_000),
            opens_at=NOW - timedelta(days=1),
            closes_at=NOW + timedelta(days=30),
            is_exhausted=self.chance.random() < SPENT,
        )

    def _host(self, number: int) -> HostFacts:
        chance, host_id = self.chance, f"org_{number + 10**9:026d}"
        portraits = []
        for _ in range(COMMUNITIES):
            size, city = chance.choice([30, 60, 150, 400]), chance.choice(CITIES)
            tags = {chance.choice(TAGS): chance.randrange(1, 101) for _ in range(TAGS_A_COMMUNITY)}
            portraits.append(Portrait("People", city, size, tags))
        self.portraits[host_id] = portraits
        return host_facts(
            host_id, [Community(host_id, host_id, portrait, NOW) for portrait in portraits]
        )

    def with_kindred(self) -> list[HostFacts]:
        """The same hosts, to whom some brands and categories drawn at random are kindred."""
        chance, most = random.Random(len(self.lots)), WITH_KINDRED.kindred
        brands = sorted({lot.brand_id for lot in self.lots})
        return [
            replace(
                host,
                kindred=Kindred(
                    {
                        each: chance.randrange(most)
                        for each in chance.sample(brands, KINDRED_BRANDS)
                    },
                    {
                        each: chance.randrange(most)
                        for each in chance.sample(TAGS, KINDRED_CATEGORIES)
                    },
                ),
            )
            for host in self.hosts
        ]

    def index(self, search: type[Search] = Search) -> OfferIndex:
        """The index of this market."""
        index = OfferIndex(NOW, search=search)
        for offer in self.subsidies:
            index.put_subsidy(offer)
        index.fill(self.lots)
        return index


def _lots(size: int, brands: list[str], random: np.random.Generator) -> list[LotFacts]:
    """One draw a column, for a million lots one at a time take minutes."""
    columns = zip(
        random.integers(0, len(brands), size).tolist(),
        random.integers(0, len(TAGS), (size, TAGS_A_LOT)).tolist(),
        (random.random(size) < NATIONWIDE).tolist(),
        random.integers(0, len(CITIES), size).tolist(),
        random.choice([1, 20, 50, 150, 300, 500, 800], size).tolist(),
        random.integers(1_000, 200_000, size).tolist(),
        random.integers(0, 5, (size, 2)).tolist(),
        random.integers(0, 60, size).tolist(),
        (random.random(size) < KEEPING).tolist(),
        random.integers(61, 400, size).tolist(),
        random.integers(-2, 60, size).tolist(),
        strict=True,
    )
    days = {number: timedelta(days=number) for number in range(-2, 400)}
    return [
        LotFacts(
            lot_id=f"lot_{number:026d}",
            brand_id=brands[brand],
            tags=tuple(dict.fromkeys(TAGS[tag] for tag in tags)),
            city=NATIONAL if is_national else CITIES[city],
            min_community_size=least,
            pack_price=price,
            packs_free=free,
            claims=claims,
            published_at=NOW - days[old],
            best_before=None if keeps else NOW + days[left],
            ends_at=NOW + days[ends] + timedelta(hours=1),
        )
        for number, (
            brand, tags, is_national, city, least, price, (free, claims), old, keeps, left, ends
        ) in enumerate(columns)
    ]  # fmt: skip


class Scan:
    """The peer that must be right: every rule and point for every lot, column by column."""

    def __init__(self, market: Market) -> None:
        lots = market.lots
        subsidies = {s.brand_id: s.subsidy for s in market.subsidies if not s.is_exhausted}
        self._ids = [lot.lot_id for lot in lots]
        self._tag_of = {tag: code for code, tag in enumerate(TAGS)}
        self._city_of = {city: code for code, city in enumerate([NATIONAL, *CITIES])}
        # One more tag, which nobody cares about, fills the rows of lots with fewer.
        self._tags = np.full((len(lots), TAGS_A_LOT), len(TAGS))
        for row, lot in enumerate(lots):
            self._tags[row, : len(lot.tags)] = [self._tag_of[tag] for tag in lot.tags]
        self._city = np.array([self._city_of[lot.city] for lot in lots])
        self._min_size = np.array([lot.min_community_size for lot in lots])
        self._pack_price = np.array([lot.pack_price for lot in lots])
        self._subsidy = np.array([subsidies.get(lot.brand_id, 0) for lot in lots])
        self._is_open = np.array([lot.packs_free > 0 and lot.ends_at > NOW for lot in lots])
        self._claims = np.array([lot.claims for lot in lots])
        self._days_old = np.array([(NOW - lot.published_at).days for lot in lots])
        never = timedelta(days=10**9 - 1)
        self._days_left = np.array(
            [((lot.best_before - NOW) if lot.best_before else never).days for lot in lots]
        )

    def top(self, host: HostFacts, limit: int) -> list[Position]:
        """The best lots, found by looking at all of them."""
        reach, passing = self._reach_and_passing(host)
        worth = np.zeros(len(TAGS) + 1, np.int64)
        for tag, tag_points in host.affinity.items():
            worth[self._tag_of[tag]] = tag_points
        scores = (
            np.minimum(worth[self._tags].sum(axis=1), points.DEFAULT.affinity)
            + points.price_points(self._pack_price, np.maximum(reach, 1))
            + points.subsidy_points(self._subsidy)
            + points.urgency_points(self._days_left)
            + points.DEFAULT.local * (self._city > 0)
            + points.popularity_points(self._claims)
            + points.freshness_points(self._days_old)
        )
        rows = np.flatnonzero(passing)
        if len(rows) > limit:
            last = len(rows) - limit
            rows = rows[scores[rows] >= np.partition(scores[rows], last)[last]]
        found = [Position(int(scores[row]), self._ids[row]) for row in rows]
        return sorted(found, key=lambda position: position.order)[:limit]

    def share_passing(self, host: HostFacts) -> float:
        """Which share of all lots no rule keeps from this host."""
        return float(self._reach_and_passing(host)[1].mean())

    def _reach_and_passing(self, host: HostFacts) -> tuple[Any, Any]:
        reach_of = np.zeros(len(self._city_of), np.int64)
        reach_of[0] = host.largest
        for city, size in host.reach.items():
            reach_of[self._city_of[city]] = size
        reach = reach_of[self._city]
        passing = self._is_open & (self._subsidy > 0) & (reach > 0) & (reach >= self._min_size)
        return reach, passing


class Aggregation:
    """The peer of MongoDB: the same rules and points as one pipeline over one collection.

    Each document knows its subsidy already; only what depends on the host is worked out when
    she asks.
    """

    def __init__(self, market: Market, documents: Collection[Row]) -> None:
        subsidies = {s.brand_id: s.subsidy for s in market.subsidies if not s.is_exhausted}
        self._documents = documents
        documents.insert_many(
            _document(lot, subsidies.get(lot.brand_id, 0)) for lot in market.lots
        )

    def keep_an_index(self) -> None:
        """Let MongoDB find the lots that pass by an index of what the rules look at."""
        self._documents.create_index([("city", 1), ("is_open", 1), ("min_size", 1)])

    def top(self, host: HostFacts, limit: int) -> list[Position]:
        """The best lots, found by MongoDB."""
        reach = {NATIONAL: host.largest, **host.reach}
        within = [
            {"city": city, "is_open": True, "min_size": {"$lte": size}}
            for city, size in reach.items()
        ]
        size_of = {
            "$switch": {
                "branches": [
                    {"case": {"$eq": ["$city", city]}, "then": size}
                    for city, size in host.reach.items()
                ],
                "default": host.largest,
            }
        }
        affinity = [
            {"$cond": [{"$in": [tag, "$tags"]}, tag_points, 0]}
            for tag, tag_points in host.affinity.items()
        ]
        comfortable = {"$multiply": [points.HALF_PRICE_A_HEAD, size_of]}
        price = _floor(
            {"$multiply": [points.DEFAULT.price, comfortable]},
            {"$add": [comfortable, "$pack_price"]},
        )
        score = {
            "$add": [{"$min": [{"$add": affinity}, points.DEFAULT.affinity]}, price, *_SHARED]
        }
        pipeline: list[Row] = [
            {"$match": {"$or": within}},
            {"$addFields": {"score": score}},
            {"$sort": {"score": -1, "_id": 1}},
            {"$limit": limit},
            {"$project": {"score": 1}},
        ]
        found = self._documents.aggregate(pipeline)
        return [Position(int(row["score"]), row["_id"]) for row in found]


def _floor(dividend: object, divisor: object) -> dict[str, Any]:
    return {"$floor": {"$divide": [dividend, divisor]}}


_SHARED = (
    _floor(
        {"$multiply": [points.DEFAULT.subsidy, "$subsidy"]},
        {"$add": ["$subsidy", points.HALF_SUBSIDY]},
    ),
    _floor(
        points.DEFAULT.urgency * points.HALF_URGENCY_DAYS,
        {"$add": [points.HALF_URGENCY_DAYS, "$days_left"]},
    ),
    {"$cond": [{"$eq": ["$city", NATIONAL]}, 0, points.DEFAULT.local]},
    _floor(
        {"$multiply": [points.DEFAULT.popularity, "$claims"]},
        {"$add": ["$claims", points.HALF_POPULARITY_CLAIMS]},
    ),
    _floor(
        points.DEFAULT.freshness * points.HALF_FRESHNESS_DAYS,
        {"$add": [points.HALF_FRESHNESS_DAYS, "$days_old"]},
    ),
)


def _document(lot: LotFacts, subsidy: int) -> dict[str, Any]:
    never = 10**9
    return {
        "_id": lot.lot_id,
        "tags": list(lot.tags),
        "city": lot.city,
        "is_open": lot.packs_free > 0 and lot.ends_at > NOW and subsidy > 0,
        "min_size": lot.min_community_size,
        "pack_price": lot.pack_price,
        "subsidy": subsidy,
        "claims": lot.claims,
        "days_old": (NOW - lot.published_at).days,
        "days_left": (lot.best_before - NOW).days if lot.best_before else never,
    }
