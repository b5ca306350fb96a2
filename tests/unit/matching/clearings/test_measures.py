from __future__ import annotations

import numpy as np

from services.matching.clearings.engine.measures import (
    LeftOut,
    blocking_pairs,
    envious_pairs,
    left_out,
)
from tests.unit.matching.clearings.markets import a_market

RIVALS = [(0, 0, 500), (0, 1, 450), (1, 0, 400)]
NOBODY = np.zeros(0, np.int64)


class TestBlockingPairs:
    def test_are_those_that_both_sides_would_rather_have(self):
        market = a_market(RIVALS)

        assert blocking_pairs(market, np.array([1, 2])) == 1
        assert envious_pairs(market, np.array([1, 2])) == 1
        assert blocking_pairs(market, np.array([0])) == 0

    def test_are_mere_waste_where_nobody_would_be_dropped(self):
        market = a_market(RIVALS)

        assert blocking_pairs(market, NOBODY) == 3
        assert envious_pairs(market, NOBODY) == 0

    def test_count_money_that_goes_to_somebody_liked_less(self):
        dear = [(0, 0, 500), (1, 1, 300)]

        assert blocking_pairs(a_market(dear, cost=[20, 15], budget=[30]), np.array([1])) == 1
        assert blocking_pairs(a_market(dear, cost=[40, 15], budget=[30]), np.array([1])) == 0

    def test_do_not_drop_somebody_liked_as_much(self):
        alike = [(0, 0, 300), (1, 1, 300)]

        assert blocking_pairs(a_market(alike, budget=[10]), np.array([0])) == 0


class TestLeftOut:
    def test_counts_who_could_have_been_matched(self):
        market = a_market(
            [*RIVALS, (2, 2, 9)], capacity=[1, 1, 0], units=[1, 1, 1], brand_of=[0, 1, 2]
        )

        assert left_out(market, np.array([0])) == LeftOut(hosts=1, brands=1)
        assert left_out(market, np.array([1, 2])) == LeftOut(hosts=0, brands=0)
