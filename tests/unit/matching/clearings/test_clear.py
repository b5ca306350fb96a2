from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from services.matching.clearings.engine import programme
from services.matching.clearings.engine.certificate import (
    CertificateRefused,
    bound_of,
    check_limits,
)
from services.matching.clearings.engine.clear import Binding, Policy, Reason, Rule, clear
from services.matching.clearings.engine.market import Bonuses
from services.matching.clearings.engine.potentials import prices_of
from tests.unit.matching.clearings.markets import a_market

# Host 0 likes lot 0 a little better than lot 1; host 1 can do nothing with lot 1.
RIVALS = [(0, 0, 500), (0, 1, 450), (1, 0, 400)]


class TestClear:
    def test_sends_a_host_to_her_second_lot_where_that_serves_both(self):
        clearing = clear(a_market(RIVALS), Policy())

        assert clearing.chosen.tolist() == [1, 2]
        assert (clearing.value, clearing.bound, clearing.gap) == (850, 850.0, 0.0)

    def test_tells_what_one_more_would_be_worth(self):
        market = a_market(RIVALS)

        clearing = clear(market, Policy())
        with_one_more = clear(replace(market, units=market.units + np.array([1, 0])), Policy())

        assert with_one_more.value - clearing.value == clearing.lot_price[0] == 50
        assert clearing.reasons[1] == Reason(Binding.HOST_CAPACITY, others=1)

    def test_reaches_one_more_host_for_her_bonus(self):
        market = a_market([(0, 0, 500), (0, 1, 500), (1, 0, 400)], capacity=[2, 1])

        assert clear(market, Policy()).chosen.tolist() == [0, 1]
        fair = clear(market, Policy(first_host_bonus=200))
        assert fair.chosen.tolist() == [1, 2]
        assert (fair.value, fair.objective, fair.gap) == (900, 1_300, 0.0)

    def test_reaches_one_more_brand_for_its_bonus(self):
        market = a_market([(0, 0, 500), (0, 1, 400)], units=[1, 1], brand_of=[0, 1])

        assert clear(market, Policy()).chosen.tolist() == [0]
        sole = a_market(
            [(0, 0, 500), (0, 1, 490), (0, 2, 400)],
            capacity=[2],
            units=[1] * 3,
            brand_of=[0, 0, 1],
        )
        assert clear(sole, Policy(first_brand_bonus=100)).chosen.tolist() == [0, 2]

    def test_spends_a_budget_on_what_it_serves_best(self):
        edges = [(0, 0, 600), (1, 0, 400), (2, 0, 350)]
        market = a_market(edges, capacity=[1] * 3, units=[3], cost=[100, 60, 40], budget=[100])

        clearing = clear(market, Policy())

        assert clearing.chosen.tolist() == [1, 2]
        assert clearing.bound >= 750
        assert {reason.bound_by for reason in clearing.reasons} == {Binding.BRAND_BUDGET}

    def test_asks_the_solver_again_where_the_quick_way_leads_nowhere(self, monkeypatch):
        edges = [(0, 0, 600), (1, 0, 400), (2, 0, 350)]
        market = a_market(edges, capacity=[1] * 3, units=[3], cost=[100, 60, 40], budget=[110])
        usual = clear(market, Policy())
        monkeypatch.setattr(programme, "STEPS_A_ROW", 0)

        again = clear(market, Policy())

        assert again.bound == pytest.approx(usual.bound)
        assert again.value == usual.value == 750

    def test_asks_no_programme_where_every_brand_can_pay_all(self):
        clearing = clear(a_market(RIVALS, budget=[30]), Policy())

        assert clearing.solver == "minimum-cost flow"
        assert clearing.budget_price.tolist() == [0.0]

    def test_passes_nobody_over_under_no_envy(self):
        clearing = clear(a_market(RIVALS), Policy(rule=Rule.NO_ENVY))

        assert clearing.chosen.tolist() == [0]
        assert (clearing.value, clearing.bound) == (500, 850.0)

    def test_hears_each_side_for_itself_under_no_envy(self):
        edges = [(0, 0, 5), (0, 1, 5), (1, 0, 5), (1, 1, 5)]
        market = a_market(edges, host_value=[2, 1, 2, 1], brand_value=[1, 9, 2, 9])

        assert clear(market, Policy(rule=Rule.NO_ENVY)).chosen.tolist() == [1, 2]

    def test_gives_money_that_cannot_pay_somebody_to_those_liked_less(self):
        edges = [(0, 0, 9), (1, 0, 8), (2, 0, 7)]
        market = a_market(edges, capacity=[1] * 3, units=[3], cost=[20, 20, 10], budget=[30])

        assert clear(market, Policy(rule=Rule.NO_ENVY)).chosen.tolist() == [0, 2]

    def test_clears_a_market_without_edges(self):
        for budget in (None, [0]):
            clearing = clear(a_market([], budget=budget), Policy(first_host_bonus=5))

            assert (clearing.chosen.tolist(), clearing.bound, clearing.gap) == ([], 0.0, 0.0)

    def test_keeps_within_all_limits_of_a_larger_market(self):
        chance = np.random.default_rng(5)
        pairs = chance.choice(100 * 60, 1_500, replace=False)
        market = a_market(
            [(*divmod(int(pair), 60), int(chance.integers(1, 1_000))) for pair in pairs],
            capacity=[3] * 100,
            units=[2] * 60,
            brand_of=[lot % 12 for lot in range(60)],
            cost=chance.integers(20, 200, 1_500),
            budget=[400] * 12,
        )

        clearing = clear(market, Policy(first_host_bonus=100, first_brand_bonus=100))

        clearing.verify(market, Policy(first_host_bonus=100, first_brand_bonus=100))
        assert clearing.gap < 0.05


class TestPolicy:
    def test_refuses_a_bonus_below_nothing(self):
        with pytest.raises(ValueError, match="negative"):
            Policy(first_host_bonus=-1)

    def test_has_no_bonuses_under_no_envy(self):
        assert Policy(rule=Rule.NO_ENVY, first_host_bonus=5).bonuses == Bonuses()


class TestCertificate:
    @pytest.mark.parametrize(
        ("chosen", "why"),
        [
            ([0, 2], "a lot is matched beyond its units"),
            ([0, 1], "a host is matched beyond her capacity"),
            ([1, 2], "a budget is overspent"),
            ([3], "does not exist"),
            ([-1], "does not exist"),
            ([1, 1], "chosen twice"),
            ([2, 1], "not in order"),
        ],
    )
    def test_refuses_what_breaks_a_limit(self, chosen, why):
        with pytest.raises(CertificateRefused, match=why):
            check_limits(a_market(RIVALS, budget=[15]), np.array(chosen))

    @pytest.mark.parametrize("chosen", [[], [0], [2]])
    def test_has_no_prices_that_prove_less_than_the_best(self, chosen):
        market = a_market(RIVALS)

        prices = prices_of(market, np.array(chosen, np.int64), Bonuses())

        assert bound_of(market, prices, Bonuses()) >= 850

    def test_gives_up_on_prices_that_would_rise_without_end(self):
        crossed = a_market([(0, 0, 1), (0, 1, 9), (1, 0, 9), (1, 1, 1)])

        with pytest.raises(ValueError, match="not the best"):
            prices_of(crossed, np.array([0, 3]), Bonuses())
