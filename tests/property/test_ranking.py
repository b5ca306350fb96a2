"""Laws of ranking: the index answers what scoring every lot would answer, whatever happened."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.matching.offers.engine.breakdown import day, score_terms
from services.matching.offers.engine.compiled import CompiledSearch
from services.matching.offers.engine.facts import Demand, Held, HostFacts, LotFacts, SubsidyFacts
from services.matching.offers.engine.index import OfferIndex
from services.matching.offers.engine.kinships import NONE_KINDRED, Kindred
from services.matching.offers.engine.points import DEFAULT, Weights, affinity_of_tags
from services.matching.offers.engine.ramp import Ramp, Step
from services.matching.offers.engine.rules import brand_subsidy, is_left_out, reasons_against
from services.matching.offers.engine.search import Position, Search
from services.matching.offers.engine.standing import NEEDED
from services.matching.offers.engine.untried import is_untried
from tests.unit.matching.offers.builders import NOW, a_host, a_subsidy, lot_id, some_lot

BRANDS = ("org_a", "org_b", "org_c")
CITIES = ("", "suzhou", "beijing", "xian")
TAGS = ("tea", "cups", "shoes", "brushes", "toys", "hair")
HOSTS = ("org_h", "org_i")
EVERYTHING = 10_000
MIDDLE = 40
PRICED = Weights(250_000, 150_000, 400_000, 0, 1, 199_998, 1)
LEARNED = Weights(300_000, 100_000, 100_000, 50_000, 50_000, 50_000, 50_000, 300_000)
MEASURED = Weights(999_994, 1, 1, 1, 1, 1, 1)
# Each of these examples is a whole market.
FEWER = settings().max_examples // 16


REGULARS = tuple(
    a_host(host_id=HOSTS[0], reach={"suzhou": size}, largest=size, has_record=size > MIDDLE)
    for size in (10, MIDDLE, 100)
)
"""Some are one host whose picture was drawn anew."""


class Model:
    """Plain dictionaries, and every lot looked at for every question."""

    def __init__(self) -> None:
        self.now = NOW
        self.weights, self.version = DEFAULT, ""
        self.lots: dict[str, LotFacts] = {}
        self.subsidies: dict[str, SubsidyFacts] = {}

    def top(self, host: HostFacts, limit: int, after: Position | None = None) -> list[Position]:
        found = [self.position(lot, host) for lot in self.lots.values()]
        ranked = sorted((p for p in found if p), key=lambda position: position.order)
        return [p for p in ranked if after is None or p.order > after.order][:limit]

    def position(self, lot: LotFacts, host: HostFacts) -> Position | None:
        subsidy = brand_subsidy(self.offers_of(lot.brand_id), self.now)
        if reasons_against(lot, subsidy, host, self.now):
            return None
        worth = subsidy.amount_for(lot, self.now)
        score = sum(score_terms(lot, worth, host, day(self.now), self.weights).values())
        if is_left_out(lot, host, score, self.now, self.version):
            return None
        return Position(score, lot.lot_id)

    def offers_of(self, brand_id: str) -> Iterable[SubsidyFacts]:
        return [offer for offer in self.subsidies.values() if offer.brand_id == brand_id]


def moments(earliest: int, latest: int) -> st.SearchStrategy[datetime]:
    """Whole hours around now, so that several fall together."""
    return st.integers(earliest, latest).map(lambda hours: NOW + timedelta(hours=hours))


holds = st.builds(
    Held,
    host_id=st.sampled_from((*HOSTS, "org_j")),
    packs=st.sampled_from([1, 3, 7]),
    until=moments(1, 30),
    is_newcomer=st.booleans(),
)
demands = st.builds(
    Demand,
    points=st.sampled_from([1, 70_000, 1_000_000]),
    last_day=st.integers(-2, 3).map(lambda days: day(NOW) + days),
    least=st.sampled_from([None, -400_000, -10_000, 0]),
    model=st.sampled_from(["", "", "mdl_2"]),
)
lots = st.builds(
    some_lot,
    lot=st.integers(1, 12),
    brand_id=st.sampled_from(BRANDS),
    tags=st.lists(st.sampled_from(TAGS), max_size=len(TAGS), unique=True).map(tuple),
    city=st.sampled_from(CITIES),
    regions=st.frozensets(st.sampled_from(CITIES[1:]), max_size=2),
    min_community_size=st.sampled_from([0, 1, 20, 60]),
    pack_price=st.sampled_from([0, 1_000, 10_000, 500_000]),
    packs_free=st.sampled_from([9, 8, 7, 0]),
    claims=st.integers(0, 2),
    published_at=moments(-60, 0),
    best_before=st.none() | moments(1, 90),
    ends_at=moments(1, 9) | moments(10, 900),
    is_closed=st.sampled_from([False, False, False, False, True]),
    capped_hosts=st.sampled_from([(), (), (), HOSTS[:1], HOSTS]).map(frozenset),
    packs_kept=st.sampled_from([0, 7, 8, 9]),
    kept_until=st.none() | moments(1, 30),
    held=st.just(()) | st.lists(holds, max_size=3).map(tuple),
    demand=st.none() | demands,
)
RAMP = Ramp((Step(3, 1_000), Step(2, 4_000), Step(1, 9_000)), most=1_500_000)
kindred_points = st.sampled_from([1, 40_000, 299_999])
subsidies = st.builds(
    a_subsidy,
    offer_id=st.sampled_from(["off_1", "off_2", "off_3", "off_4"]),
    brand_id=st.just(""),
    subsidy=st.sampled_from([1, 20_000, 50_000, 900_000]),
    opens_at=st.just(NOW) | moments(-20, 9),
    closes_at=moments(10, 900),
    is_exhausted=st.sampled_from([False, False, True]),
    ramp=st.none() | st.sampled_from([RAMP, RAMP._replace(most=30_000)]),
    left=st.sampled_from([0, 60_000, 10_000_000]),
)
kindred = st.builds(
    Kindred,
    st.dictionaries(st.sampled_from((*BRANDS, "org_never_seen")), kindred_points, max_size=3),
    st.dictionaries(st.sampled_from((*TAGS, "", "seen never")), kindred_points, max_size=4),
)
hosts = st.builds(
    lambda host_id, tags, reach, has_record, kindred: HostFacts(
        host_id=host_id,
        affinity=affinity_of_tags([(10, tags)]),
        reach=reach,
        largest=max(reach.values(), default=0),
        has_record=has_record,
        kindred=kindred,
    ),
    kindred=st.just(NONE_KINDRED) | kindred,
    has_record=st.booleans(),
    host_id=st.sampled_from(HOSTS),
    tags=st.dictionaries(st.sampled_from(TAGS), st.integers(1, 100), max_size=len(TAGS)),
    reach=st.dictionaries(st.sampled_from(CITIES[1:]), st.sampled_from([20, 60]), max_size=3),
)

A_HOST_WITH_KINDRED = a_host(
    affinity={"tea": 20}, kindred=Kindred({"org_b": 290_000, "org_c": 9}, {"toys": 20_000})
)


class Ranking(RuleBasedStateMachine):
    """Anything may happen in any order; then anybody may ask."""

    search: type[Search] = Search

    @initialize(lots=st.lists(lots, max_size=20), offers=st.lists(subsidies, max_size=6))
    def begin(self, lots: list[LotFacts], offers: list[SubsidyFacts]) -> None:
        self.model, self.index = Model(), OfferIndex(NOW, search=self.search)
        for offer in offers:
            self.put_a_subsidy(offer)
        self.index.fill(lots)
        # Of two with one id the later counts, but a closed one says nothing of another.
        self.model.lots = {lot.lot_id: lot for lot in lots if not lot.is_closed}

    @rule(lot=lots)
    def put_a_lot(self, lot: LotFacts) -> None:
        self.index.put(lot)
        self.model.lots[lot.lot_id] = lot
        if lot.is_closed:
            del self.model.lots[lot.lot_id]

    @rule(number=st.integers(1, 12), news=lots)
    def packs_of_a_lot_move(self, number: int, news: LotFacts) -> None:
        known = self.model.lots.get(lot_id(number))
        if known is None:
            return
        self.put_a_lot(
            replace(
                known,
                packs_free=news.packs_free,
                claims=news.claims,
                capped_hosts=news.capped_hosts,
                packs_kept=news.packs_kept,
                kept_until=news.kept_until,
                held=news.held,
            )
        )

    @rule(number=st.integers(1, 12))
    def remove_a_lot(self, number: int) -> None:
        self.index.remove(lot_id(number))
        self.model.lots.pop(lot_id(number), None)

    @rule(offer=subsidies)
    def put_a_subsidy(self, offer: SubsidyFacts) -> None:
        # An offer stays its brand's for ever.
        offer = replace(offer, brand_id=BRANDS[int(offer.offer_id[-1]) % len(BRANDS)])
        self.index.put_subsidy(offer)
        self.model.subsidies[offer.offer_id] = offer

    @rule(offer_id=st.sampled_from(["off_1", "off_2", "off_3", "off_4"]))
    def remove_a_subsidy(self, offer_id: str) -> None:
        self.index.remove_subsidy(offer_id)
        self.model.subsidies.pop(offer_id, None)

    @rule(hours=st.integers(1, 5) | st.integers(-3, 30))
    def time_passes_or_is_set_back(self, hours: int) -> None:
        self.model.now += timedelta(hours=hours)
        self.index.advance(self.model.now)

    @rule(
        weights=st.sampled_from([DEFAULT, PRICED, MEASURED, LEARNED]),
        version=st.sampled_from(["", "mdl_2"]),
    )
    def another_model_is_promoted(self, weights: Weights, version: str) -> None:
        self.model.weights, self.model.version = weights, version
        self.index.weigh(weights, version)

    @rule()
    def tiers_are_sorted_anew(self) -> None:
        self.index.rebalance()

    @rule(host=hosts, limit=st.integers(1, 5))
    def somebody_asks(self, host: HostFacts, limit: int) -> None:
        assert self.index.top(host, limit) == self.model.top(host, limit)

    @rule(host=st.sampled_from(REGULARS))
    def a_regular_asks_again(self, host: HostFacts) -> None:
        standing = self.index.standing(host)

        ranked = self.model.top(host, EVERYTHING)
        assert self.index.first(standing, NEEDED) == ranked
        assert self.index.standing(host) is standing
        untried = self.index.untried_of(standing)
        scored = zip(untried.rows.tolist(), untried.scores.tolist(), strict=True)
        assert {Position(score, self.index.lot_id(row)) for row, score in scored} == {
            each
            for each in ranked
            if is_untried(self.model.lots[each.lot_id], day(self.model.now))
        }

    @rule(host=hosts, limit=st.integers(1, 3))
    def somebody_turns_the_pages(self, host: HostFacts, limit: int) -> None:
        pages: list[Position] = []
        while page := self.index.top(host, limit, pages[-1] if pages else None):
            pages += page

        assert pages == self.model.top(host, EVERYTHING)

    @invariant()
    def everything_is_counted(self) -> None:
        assert len(self.index) == len(self.model.lots)


class CompiledRanking(Ranking):
    """The same market, asked by machine code."""

    search = CompiledSearch


TestRanking = Ranking.TestCase
TestRanking.settings = settings(stateful_step_count=25)
TestCompiledRanking = CompiledRanking.TestCase
TestCompiledRanking.settings = TestRanking.settings


def a_market(seed: int, size: int, search: type[Search] = Search) -> tuple[Model, OfferIndex]:
    """Enough lots for the index to grow and for every tier to be opened."""
    chance = random.Random(seed)
    model, index = Model(), OfferIndex(NOW, search=search)
    for number, brand in enumerate(BRANDS):
        offer = a_subsidy(offer_id=f"off_{number}", brand_id=brand, subsidy=30_000 * number + 1)
        model.subsidies[offer.offer_id] = offer
        index.put_subsidy(offer)
    model.lots = {lot_id(n): some_lot(n, **_anything(chance)) for n in range(size)}
    lots = list(model.lots.values())
    index.fill(lots[::2])
    for lot in lots[1::2]:
        index.put(lot)
    return model, index


def _anything(chance: random.Random) -> dict[str, Any]:
    return {
        "brand_id": chance.choice(BRANDS),
        "tags": tuple(chance.sample(TAGS, chance.randrange(3))),
        "city": chance.choice(CITIES),
        "min_community_size": chance.choice([1, 30, 100]),
        "pack_price": chance.choice([1_000, 20_000, 300_000]),
        "claims": chance.randrange(9),
        "published_at": NOW - timedelta(days=chance.randrange(40)),
        "best_before": NOW + timedelta(days=chance.randrange(1, 200)),
        "demand": chance.choice([None, None, _demand(chance)]),
    }


def _demand(chance: random.Random) -> Demand:
    return Demand(
        points=chance.choice([5_000, 90_000, 800_000]),
        last_day=day(NOW) + chance.randrange(6),
        least=chance.choice([None, None, -250_000, 0]),
    )


def churn(model: Model, index: OfferIndex, chance: random.Random, size: int) -> None:
    """Change lots and subsidies, as a market does all day; the tiers are not sorted anew."""
    for number in chance.sample(range(size), size // 5):
        lot = replace(model.lots[lot_id(number)], **_anything(chance))
        index.put(lot)
        model.lots[lot.lot_id] = lot
    for known in list(model.subsidies.values()):
        offer = replace(known, subsidy=chance.choice([1, 5_000, 300_000]))
        index.put_subsidy(offer)
        model.subsidies[offer.offer_id] = offer
    model.now += timedelta(days=chance.randrange(3))
    index.advance(model.now)


def some_change(model: Model, index: OfferIndex, chance: random.Random, news: int) -> None:
    """Change so many lots; some of them leave, or only packs of them move."""
    for name in chance.sample(sorted(model.lots), news):
        known = model.lots[name]
        lot = replace(known, **_anything(chance))
        if chance.random() < 0.2:
            index.remove(name)
            del model.lots[name]
            continue
        if chance.random() < 0.5:
            lot = replace(known, claims=lot.claims, packs_free=chance.randrange(3))
        index.put(lot)
        model.lots[name] = lot


@pytest.mark.parametrize("search", [Search, CompiledSearch])
class TestAGrownIndex:
    @settings(max_examples=FEWER)
    @given(seed=st.integers(0, 10_000))
    def test_stays_exact_through_a_day_of_changes(self, search, seed):
        model, index = a_market(seed, 1_200, search)
        chance = random.Random(seed)
        index.rebalance()
        model.weights = LEARNED
        index.weigh(LEARNED)

        for _ in range(3):
            churn(model, index, chance, 1_200)

            fans = a_host(affinity={"toys": 400_000})
            for host in (a_host(affinity={}), a_host(), fans, A_HOST_WITH_KINDRED):
                assert index.top(host, 3) == model.top(host, 3)
                assert index.top(host, EVERYTHING) == model.top(host, EVERYTHING)

    @settings(max_examples=FEWER)
    @given(seed=st.integers(0, 10_000))
    def test_ranks_exactly_with_and_without_shared_tags(self, search, seed):
        model, index = a_market(seed, 2_100, search)
        strangers = a_host(affinity={})
        fans = a_host(affinity={"tea": 200_000, "toys": 20})
        model.weights = LEARNED
        index.weigh(LEARNED)

        for host in (strangers, fans, A_HOST_WITH_KINDRED):
            assert index.top(host, 10) == model.top(host, 10)

            middle = model.top(host, 400)[-1]
            assert index.top(host, 25, middle) == model.top(host, 25, middle)

    @settings(max_examples=FEWER)
    @given(seed=st.integers(0, 10_000))
    def test_breaks_a_thousand_ties_by_the_lot_id(self, search, seed):
        index = OfferIndex(NOW, search=search)
        index.put_subsidy(a_subsidy())
        numbers = random.Random(seed).sample(range(5_000), 1_500)
        for number in numbers:
            index.put(some_lot(number))

        found = index.top(a_host(), 20)

        assert [position.lot_id for position in found] == [
            lot_id(number) for number in sorted(numbers)[:20]
        ]
