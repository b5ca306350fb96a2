from __future__ import annotations

import numpy as np
import pytest

from services.matching.clearings.engine.certificate import check_limits, objective_of
from services.matching.clearings.engine.choice import Choice
from services.matching.clearings.engine.market import Bonuses
from services.matching.clearings.engine.swaps import improve
from tests.unit.matching.clearings.markets import a_market

NO_BONUS = Bonuses()


def swapped(market, chosen, bonuses=NO_BONUS):
    choice = Choice.of(market, bonuses, np.array(chosen, np.int64))
    improve(choice, market.value.astype(float))
    check_limits(market, choice.chosen)
    return choice.chosen.tolist()


class TestImprove:
    def test_takes_one_for_one(self):
        edges = [(0, 0, 300), (1, 0, 500)]

        assert swapped(a_market(edges, units=[1]), [0]) == [1]

    def test_takes_two_for_one(self):
        edges = [(0, 0, 500), (1, 0, 400), (2, 0, 300)]
        market = a_market(edges, capacity=[1] * 3, units=[3], cost=[90, 50, 40], budget=[90])

        assert swapped(market, [0]) == [1, 2]

    def test_takes_one_for_two(self):
        edges = [(0, 0, 900), (1, 0, 400), (2, 0, 300)]
        market = a_market(edges, capacity=[1] * 3, units=[3], cost=[90, 50, 40], budget=[90])

        assert swapped(market, [1, 2]) == [0]

    def test_leaves_what_the_budget_cannot_pay(self):
        edges = [(0, 0, 300), (1, 0, 500)]

        assert swapped(a_market(edges, units=[1], cost=[10, 20], budget=[19]), [0]) == [0]

    def test_gives_a_host_only_what_she_has_room_for(self):
        edges = [(0, 0, 300), (0, 1, 500), (1, 1, 100)]
        market = a_market(edges, brand_of=[0, 1])

        assert swapped(market, [0, 2]) == [0, 2]

    def test_keeps_a_host_whose_bonus_is_worth_more(self):
        edges = [(0, 0, 300), (1, 0, 500), (1, 1, 100)]
        market = a_market(edges, capacity=[1, 2], brand_of=[0, 1])

        assert swapped(market, [0, 2], Bonuses(host=300)) == [0, 2]
        assert swapped(market, [0, 2], Bonuses(host=100)) == [1, 2]

    @pytest.mark.parametrize("seed", range(5))
    def test_never_loses(self, seed):
        chance = np.random.default_rng(seed)
        pairs = chance.choice(20 * 15, 150, replace=False)
        market = a_market(
            [(*divmod(int(pair), 15), int(chance.integers(1, 100))) for pair in pairs],
            capacity=[2] * 20,
            units=[3] * 15,
            brand_of=[lot % 4 for lot in range(15)],
            cost=chance.integers(5, 50, 150),
            budget=[120] * 4,
        )
        bonuses = Bonuses(host=60, brand=60)
        choice = Choice.of(market, bonuses, np.zeros(0, np.int64))
        choice.fill(chance.permutation(150))
        before = objective_of(market, choice.chosen, bonuses)

        assert (
            objective_of(market, np.array(swapped(market, choice.chosen, bonuses)), bonuses)
            > before
        )
