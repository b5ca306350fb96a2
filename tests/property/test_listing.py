"""Laws of the list a host is shown: every lot once, in one order, and a fair place to be new."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.matching.offers.engine import standing
from services.matching.offers.engine.breakdown import day
from services.matching.offers.engine.facts import HostFacts
from services.matching.offers.engine.index import OfferIndex
from services.matching.offers.engine.listing import (
    EXPLORED_AMONG,
    MOST_LOST,
    Bookmark,
    Shown,
    page,
)
from services.matching.offers.engine.standing import KEPT, MOST_CHANGES, NEEDED
from services.matching.offers.engine.untried import is_untried
from tests.property.test_ranking import EVERYTHING, a_market, churn, some_change
from tests.unit.matching.offers.builders import NOW, a_host, a_subsidy, lot_id, some_lot

FEWER = settings().max_examples // 16
A_HOST = a_host(affinity={"tea": 200_000, "toys": 20})
markets = st.builds(
    lambda seed, size: (seed, *a_market(seed, size)),
    seed=st.integers(0, 10_000),
    size=st.sampled_from([30, 110, 300, 800]),
)


def pages(index: OfferIndex, host: HostFacts, limit: int, seed: int) -> list[list[Shown]]:
    found, after = [], None
    while True:
        shown, after = page(index, host, limit=limit, seed=seed if not after else 0, after=after)
        found.append(shown)
        if after is None:
            return found


@settings(max_examples=2 * FEWER)
@given(market=markets, limit=st.sampled_from([1, 7, 10, 50]), seed=st.integers(0, 2**32 - 1))
def test_the_pages_hold_every_lot_once_at_places_one_after_the_other(market, limit, seed):
    _, model, index = market

    walked = [shown for each in pages(index, A_HOST, limit, seed) for shown in each]

    ranked = {exact.lot_id: exact.score for exact in model.top(A_HOST, EVERYTHING)}
    assert Counter(shown.position.lot_id for shown in walked) == Counter(ranked.keys())
    assert [shown.place for shown in walked] == list(range(1, len(ranked) + 1))
    for (score, lot), _, variety, propensity, _ in walked:
        assert score == ranked[lot] + variety
        assert -MOST_LOST <= variety <= 0
        assert 0 < propensity <= 1


@settings(max_examples=FEWER)
@given(market=markets, limit=st.sampled_from([7, 10, 50]), seed=st.integers(0, 2**32 - 1))
def test_scores_fall_but_for_one_untried_lot_among_the_first(market, limit, seed):
    _, model, index = market

    walked = [shown for each in pages(index, A_HOST, limit, seed) for shown in each]

    ordinary = [shown.position.order for shown in walked if not shown.explored]
    explored = [shown for shown in walked if shown.explored]
    assert ordinary == sorted(ordinary)
    assert len(explored) <= (limit >= EXPLORED_AMONG)
    for shown in explored:
        assert shown.place <= EXPLORED_AMONG
        assert is_untried(model.lots[shown.position.lot_id], day(NOW))


@settings(max_examples=FEWER)
@given(market=markets, seed=st.integers(0, 2**32 - 1))
def test_the_same_lots_and_seed_give_the_same_list_in_whatever_order_they_came(market, seed):
    number, model, index = market
    other = OfferIndex(NOW)
    lots = list(model.lots.values())
    random.Random(number).shuffle(lots)
    for lot in lots:
        other.put(lot)
    for offer in model.subsidies.values():
        other.put_subsidy(offer)

    assert pages(other, A_HOST, 10, seed) == pages(index, A_HOST, 10, seed)


@settings(max_examples=FEWER)
@given(market=markets)
def test_untried_lots_are_known_through_days_of_changes(market):
    seed, model, index = market
    chance = random.Random(seed)

    for _ in range(3):
        churn(model, index, chance, len(model.lots))

        found = index.untried_of(index.standing(A_HOST))

        assert {
            index.lot_id(row): score
            for row, score in zip(found.rows.tolist(), found.scores.tolist(), strict=True)
        } == {
            exact.lot_id: exact.score
            for exact in model.top(A_HOST, EVERYTHING)
            if is_untried(model.lots[exact.lot_id], day(model.now))
        }


@settings(max_examples=2 * FEWER)
@given(
    market=st.builds(
        lambda seed, size: (seed, *a_market(seed, size)),
        seed=st.integers(0, 10_000),
        size=st.sampled_from([300, 600]),
    ),
    news=st.integers(1, MOST_CHANGES + 5),
)
def test_a_list_that_was_mended_is_the_one_that_would_be_found_anew(market, news):
    seed, model, index = market
    chance = random.Random(seed)

    for turn in range(6):
        page(index, A_HOST, limit=10, seed=0, after=None)
        some_change(model, index, chance, news)

        anew = OfferIndex(model.now)
        for offer in model.subsidies.values():
            anew.put_subsidy(offer)
        anew.fill(model.lots.values())
        assert pages(index, A_HOST, 10, turn) == pages(anew, A_HOST, 10, turn)
        assert index.first(index.standing(A_HOST), NEEDED) == model.top(A_HOST, NEEDED)


def test_untried_lots_that_are_too_many_to_keep_are_found_each_time(monkeypatch):
    _, index = a_market(3, 800)
    kept = pages(index, A_HOST, 10, 5)
    assert index.standing(A_HOST).untried is not None
    monkeypatch.setattr(standing, "MOST_UNTRIED", 0)
    _, other = a_market(3, 800)

    assert pages(other, A_HOST, 10, 5) == kept
    assert other.standing(A_HOST).untried is None


@pytest.mark.parametrize("gone", [1, KEPT - NEEDED, KEPT - NEEDED + 1, KEPT, KEPT + 1])
def test_a_list_of_which_the_best_lots_leave_is_still_exact(gone):
    model, index = a_market(7, 1_200)
    assert len(model.top(A_HOST, EVERYTHING)) > 2 * KEPT
    page(index, A_HOST, limit=10, seed=0, after=None)

    for exact in model.top(A_HOST, gone):
        index.remove(exact.lot_id)
        del model.lots[exact.lot_id]

    assert index.first(index.standing(A_HOST), NEEDED) == model.top(A_HOST, NEEDED)


@pytest.fixture
def few_untried() -> OfferIndex:
    """Twenty lots that were claimed, and three untried ones with scores far below theirs."""
    index = OfferIndex(NOW)
    index.put_subsidy(a_subsidy())
    for number in range(20):
        index.put(some_lot(number, brand_id=a_subsidy().brand_id, claims=9))
    for number, price in ((20, 1_000), (21, 100_000), (22, 900_000)):
        index.put(some_lot(number, tags=("toys",), pack_price=price))
    return index


def test_lots_are_shown_where_they_are_as_often_as_their_propensities_say(few_untried):
    seeds, seen, said = 800, Counter[tuple[str, int]](), dict[tuple[str, int], float]()

    for seed in range(seeds):
        shown, _ = page(few_untried, A_HOST, limit=12, seed=seed, after=None)
        for each in shown:
            spot = (each.position.lot_id, each.place)
            seen[spot] += 1
            assert said.setdefault(spot, each.propensity) == each.propensity

    assert len([spot for spot in said if spot[0] > lot_id(19)]) == 3 * EXPLORED_AMONG
    assert sum(said.values()) == pytest.approx(12)
    for spot, propensity in said.items():
        assert seen[spot] / seeds == pytest.approx(propensity, abs=0.06)


def test_a_lot_that_goes_while_pages_are_turned_takes_no_other_with_it(few_untried):
    first, after = page(few_untried, A_HOST, limit=10, seed=5, after=None)
    rest, _ = page(few_untried, A_HOST, limit=50, seed=0, after=after)

    few_untried.remove(rest[3].position.lot_id)
    again, _ = page(few_untried, A_HOST, limit=50, seed=0, after=after)

    shown = [each.position.lot_id for each in (*first, *again)]
    assert sorted(shown) == sorted({*map(lot_id, range(23))} - {rest[3].position.lot_id})


class TestVariety:
    def test_a_brand_does_not_fill_the_list_where_others_are_nearly_as_good(self):
        index = OfferIndex(NOW)
        for brand in ("org_a", "org_b"):
            index.put_subsidy(a_subsidy(offer_id=f"off_{brand}", brand_id=brand))
        for number in range(4):
            index.put(some_lot(number, brand_id="org_a", tags=("tea",), claims=5))
        index.put(some_lot(4, brand_id="org_b", tags=("cups", "tea"), claims=4))

        shown, after = page(index, A_HOST, limit=5, seed=1, after=None)

        assert [each.position.lot_id for each in shown] == [
            lot_id(number) for number in (0, 4, 1, 2, 3)
        ]
        assert [each.variety for each in shown] == [0, 0, -40_000, -80_000, -120_000]
        assert after is None

    def test_no_lot_falls_behind_those_that_are_not_among_the_best_hundred(self):
        index = OfferIndex(NOW)
        index.put_subsidy(a_subsidy())
        for number in range(150):
            index.put(some_lot(number, claims=9, pack_price=1_000 + number))

        first, after = page(index, A_HOST, limit=50, seed=1, after=None)
        second, after = page(index, A_HOST, limit=50, seed=1, after=after)
        third, _ = page(index, A_HOST, limit=50, seed=1, after=after)

        hundred = {each.position.lot_id for each in (*first, *second)}
        assert hundred == {lot_id(number) for number in range(100)}
        assert min(each.position.score for each in second) > third[0].position.score
        assert {each.variety for each in third} == {0}


def test_a_bookmark_keeps_the_seed_of_the_list(few_untried):
    shown, after = page(few_untried, A_HOST, limit=10, seed=7, after=None)

    (explored,) = (each.position.lot_id for each in shown if each.explored)
    assert after == Bookmark(shown[-1].position, 10, 7, explored)
