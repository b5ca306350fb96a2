"""The market of a clearing, its digest, and what it gives beside first-come-first-served."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from services.matching.clearings.domain import (
    digest,
    first_come,
    market_of,
    outcome_of,
    within_caps,
)
from tests.unit.matching.clearings.builders import a_candidate, gathered

# The first host could do without the lot that the second wants; alone she takes it.
CONTESTED = (
    a_candidate("h1", "l1", 900),
    a_candidate("h1", "l2", 800),
    a_candidate("h2", "l1", 850),
)


def told(market, edges):
    return {(market.hosts[market.edge_host[e]], market.lots[market.edge_lot[e]]) for e in edges}


class TestMarketOf:
    def test_keeps_the_order_of_candidates_and_every_limit(self):
        market = market_of(gathered(*CONTESTED, capacity=2, packs=3))

        assert (market.hosts, market.lots, market.brands) == (("h1", "h2"), ("l1", "l2"), ("b",))
        assert market.capacity.tolist() == [2, 2]
        assert market.units.tolist() == [3, 3]
        assert market.value.tolist() == [900, 800, 850]
        assert market.cost.tolist() == [500, 500, 500]
        assert told(market, range(3)) == {("h1", "l1"), ("h1", "l2"), ("h2", "l1")}

    @pytest.mark.parametrize(("money", "budget"), [(1_500, None), (1_499, [1_499])])
    def test_has_budgets_only_where_money_may_bind(self, money, budget):
        market = market_of(gathered(*CONTESTED, money=money))

        assert (None if market.budget is None else market.budget.tolist()) == budget

    def test_may_be_of_nobody(self):
        market = market_of(gathered())

        assert (market.edges, market.budget) == (0, None)
        assert first_come(market, "seed").tolist() == []


class TestBothSides:
    def test_are_told_to_the_market_where_brands_were_asked(self):
        asked = [replace(each, brand_accepts=400 + n) for n, each in enumerate(CONTESTED)]

        market, alone = market_of(gathered(*asked)), market_of(gathered(*CONTESTED))

        assert market.to_host.tolist() == [900, 800, 850]
        assert market.to_brand.tolist() == [400, 401, 402]
        assert alone.brand_value is None
        assert digest(market) != digest(alone)


class TestDigest:
    def test_is_the_same_for_the_same_market_and_no_other(self):
        known = digest(market_of(gathered(*CONTESTED)))
        others = (
            gathered(*CONTESTED[:2], replace(CONTESTED[2], value=851)),
            gathered(*CONTESTED[:2], replace(CONTESTED[2], subsidy=501)),
            gathered(*CONTESTED, packs=2),
            gathered(*CONTESTED, capacity=2),
            gathered(*CONTESTED, money=1),
            gathered(*CONTESTED[:2], replace(CONTESTED[2], host_id="h3")),
        )

        assert known == digest(market_of(gathered(*CONTESTED)))
        assert len({known, *(digest(market_of(each)) for each in others)}) == 7


class TestWithinCaps:
    def test_puts_up_no_more_than_a_host_can_have_of_an_offer(self):
        candidates = [
            a_candidate("h1", f"l{number}", 100 * number, host_left=1_200)
            for number in range(1, 5)
        ]

        kept = within_caps(candidates)

        assert [each.lot_id for each in kept] == ["l4", "l3"]

    def test_passes_over_what_is_too_dear_for_what_is_not(self):
        dear = a_candidate("h1", "l1", 900, subsidy=2_000, host_left=1_000)
        cheap = a_candidate("h1", "l2", 100, host_left=1_000)

        assert within_caps([dear, cheap]) == [cheap]

    def test_leaves_offers_without_a_cap_alone(self):
        assert len(within_caps(list(CONTESTED))) == 3


class TestFirstCome:
    def test_lets_each_take_the_best_for_her_at_her_turn(self):
        market = market_of(gathered(*CONTESTED))
        seeds = [str(number) for number in range(20)]

        found = {frozenset(told(market, first_come(market, seed))) for seed in seeds}

        assert found == {
            frozenset({("h1", "l1")}),
            frozenset({("h2", "l1"), ("h1", "l2")}),
        }

    def test_is_the_same_for_the_same_seed(self):
        market = market_of(gathered(*CONTESTED))

        assert first_come(market, "a").tolist() == first_come(market, "a").tolist()

    def test_stops_where_the_money_ends(self):
        market = market_of(gathered(*CONTESTED, capacity=9, packs=9, money=999))

        assert len(first_come(market, "seed")) == 1


class TestOutcomeOf:
    def test_counts_what_is_given_and_who_has_nothing(self):
        market = market_of(gathered(*CONTESTED))

        best = outcome_of(market, np.array([1, 2]))
        poor = outcome_of(market, np.array([0]))

        assert (best.value, best.assignments, best.hosts_with_nothing) == (1_650, 2, 0)
        assert (poor.value, poor.assignments, poor.hosts_with_nothing) == (900, 1, 1)
        assert poor.brands_with_nothing == 0
        assert best.gini < poor.gini == 0.5
