"""Ranking: the exact top ten for a host, beside a plain numpy scan of all lots.

``python -m benchmarks.ranking [LOTS ...]`` (25000 and 100000 unless said). Both answer the
same question about the same 64 hosts, round by round in turns, and every answer is
compared. About one lot in twelve passes the rules for a host, who has three communities with
four tags each out of 2,000. Times are of one core, wall clock and processor, in milliseconds.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np

from services.matching.offers.engine import points
from services.matching.offers.engine.facts import NATIONAL, HostFacts, LotFacts, SubsidyFacts
from services.matching.offers.engine.index import OfferIndex
from services.matching.offers.engine.search import Position

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
SIZES = (25_000, 100_000)
TOP, HOSTS, ROUNDS, UPDATES = 10, 64, 10, 5_000
TAGS = [f"tag-{number}" for number in range(2_000)]
CITIES = [f"city-{number}" for number in range(200)]
TAGS_A_LOT = 6
PAYING, SPENT, NATIONWIDE, KEEPING = 0.4, 0.1, 0.5, 0.5
"""Shares of brands that subsidise, of subsidies used up, of lots."""


class Market:
    """Made-up lots, subsidies and hosts, the same for the same seed."""

    def __init__(self, size: int, seed: int = 1) -> None:
        self.chance = random.Random(seed)
        brands = [f"org_{number:05d}" for number in range(max(300, size // 100))]
        self.subsidies = [
            self._subsidy(brand) for brand in brands if self.chance.random() < PAYING
        ]
        self.lots = [self._lot(number, brands) for number in range(size)]
        self.hosts = [self._host(number) for number in range(HOSTS)]

    def _subsidy(self, brand: str) -> SubsidyFacts:
        return SubsidyFacts(
            offer_id=f"off_{brand}",
            brand_id=brand,
            subsidy=self.chance.randrange(5_000, 300_000),
            opens_at=NOW - timedelta(days=1),
            closes_at=NOW + timedelta(days=30),
            is_exhausted=self.chance.random() < SPENT,
        )

    def _lot(self, number: int, brands: Sequence[str]) -> LotFacts:
        chance = self.chance
        keeps, national = chance.random() < KEEPING, chance.random() < NATIONWIDE
        return LotFacts(
            lot_id=f"lot_{number:026d}",
            brand_id=chance.choice(brands),
            tags=tuple(chance.sample(TAGS, TAGS_A_LOT)),
            city=NATIONAL if national else chance.choice(CITIES),
            min_community_size=chance.choice([1, 20, 50, 150, 300, 500, 800]),
            pack_price=chance.randrange(1_000, 200_000),
            packs_free=chance.choice([0, 1, 2, 3, 4]),
            claims=chance.randrange(5),
            published_at=NOW - timedelta(days=chance.randrange(60)),
            best_before=None if keeps else NOW + timedelta(days=chance.randrange(61, 400)),
            ends_at=NOW + timedelta(days=chance.randrange(-2, 60), hours=1),
        )

    def _host(self, number: int) -> HostFacts:
        chance = self.chance
        sizes = [chance.choice([30, 60, 150, 400]) for _ in range(3)]
        reach = {chance.choice(CITIES): size for size in sizes}
        tags = [{chance.choice(TAGS): chance.randrange(1, 101) for _ in range(4)} for _ in sizes]
        return HostFacts(
            host_id=f"org_host_{number}",
            affinity=points.affinity_of_tags(zip(sizes, tags, strict=True)),
            reach=reach,
            largest=max(reach.values()),
        )


class Scan:
    """The peer: every rule and every point for every lot, one numpy column after another."""

    def __init__(self, market: Market) -> None:
        lots = market.lots
        subsidies = {s.brand_id: s.subsidy for s in market.subsidies if not s.is_exhausted}
        self._ids = [lot.lot_id for lot in lots]
        self._tag_of = {tag: code for code, tag in enumerate(TAGS)}
        self._city_of = {city: code for code, city in enumerate([NATIONAL, *CITIES])}
        self._tags = np.array([[self._tag_of[tag] for tag in lot.tags] for lot in lots])
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
        reach_of = np.zeros(len(self._city_of), np.int64)
        reach_of[0] = host.largest
        for city, size in host.reach.items():
            reach_of[self._city_of[city]] = size
        reach = reach_of[self._city]
        passing = self._is_open & (self._subsidy > 0) & (reach > 0) & (reach >= self._min_size)
        worth = np.zeros(len(TAGS), np.int64)
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


class Clocked:
    """Wall and processor times of many calls, in milliseconds."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.wall: list[float] = []
        self.processor: list[float] = []

    def run(
        self, top: Callable[[HostFacts, int], list[Position]], host: HostFacts
    ) -> list[Position]:
        """Time one question and give its answer."""
        wall, processor = time.perf_counter(), time.thread_time()
        answer = top(host, TOP)
        self.processor.append((time.thread_time() - processor) * 1000)
        self.wall.append((time.perf_counter() - wall) * 1000)
        return answer

    def report(self) -> str:
        """Median and 99th percentile."""
        ordered = sorted(self.wall)
        return (
            f"  {self.name:<28} wall median {statistics.median(ordered):7.3f}"
            f"  p99 {ordered[len(ordered) * 99 // 100]:7.3f}"
            f"  processor median {statistics.median(self.processor):7.3f}"
        )


def build(market: Market) -> OfferIndex:
    """The index of a market."""
    index = OfferIndex(NOW)
    for offer in market.subsidies:
        index.put_subsidy(offer)
    for lot in market.lots:
        index.put(lot)
    index.rebalance()
    return index


def compare(market: Market, index: OfferIndex) -> None:
    """Ask both about every host, in turns; raise ``AssertionError`` where they differ."""
    scan, ours, peer = Scan(market), Clocked("index"), Clocked("plain numpy scan")
    for _ in range(ROUNDS):
        found = [ours.run(index.top, host) for host in market.hosts]
        if found != [peer.run(scan.top, host) for host in market.hosts]:
            raise AssertionError("different answers")
    print(ours.report())
    print(peer.report())
    ratio = statistics.median(peer.processor) / statistics.median(ours.processor)
    print(
        f"  {len(ours.wall)} answers each, all the same; the index takes 1/{ratio:.0f} of the time"
    )


def change(market: Market, index: OfferIndex) -> None:
    """Time one lot's news: its packs went or came back."""
    news = [
        replace(lot, packs_free=market.chance.randrange(3))
        for lot in market.chance.choices(market.lots, k=UPDATES)
    ]
    began = time.thread_time()
    for lot in news:
        index.put(lot)
    print(f"  one lot's change             {(time.thread_time() - began) / UPDATES * 1e6:7.1f} us")


def measure(size: int) -> None:
    """One market: how large, how fast to build, to ask and to change."""
    tracemalloc.start()
    index = build(Market(size))
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    market = Market(size)
    began = time.thread_time()
    build(market)
    seconds = time.thread_time() - began
    passing = statistics.mean(len(index.top(host, size)) / size for host in market.hosts)
    print(f"{size:,} lots, {passing:.1%} pass, {HOSTS} hosts, top {TOP}")
    print(f"  memory of the index with its lots: {kept / 2**20:.1f} MiB")
    print(f"  built in {seconds:.2f} s ({seconds / size * 1e6:.0f} us a lot)")
    compare(market, index)
    change(market, index)


if __name__ == "__main__":
    for argument in sys.argv[1:] or SIZES:
        measure(int(argument))
