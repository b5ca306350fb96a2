from __future__ import annotations

import pytest

from services.matching.clearings.engine.market import MOST_VALUE
from tests.unit.matching.clearings.markets import a_market

TWO = [(0, 0, 5), (1, 1, 7)]


class TestMarket:
    def test_keeps_read_only_copies(self):
        market = a_market(TWO)

        with pytest.raises(ValueError):
            market.value[0] = 9

    def test_gives_each_edge_its_lots_brand(self):
        assert a_market(TWO, brand_of=[1, 0]).edge_brand.tolist() == [1, 0]

    def test_lets_both_sides_think_as_the_market_does_unless_told(self):
        market = a_market(TWO, host_value=[1, 2])

        assert market.to_host.tolist() == [1, 2]
        assert market.to_brand.tolist() == [5, 7]

    @pytest.mark.parametrize(
        ("change", "why"),
        [
            ({"cost": [1]}, "cost has 1 entries, not 2"),
            ({"budget": []}, "budget has 0 entries, not 1"),
            ({"host_value": [1, 2, 3]}, "host_value has 3 entries"),
            ({"brand_of": [0, -1]}, "brand_of leaves 0 to 1"),
            ({"cost": [1, MOST_VALUE]}, "cost leaves 0 to"),
            ({"capacity": [1, -1]}, "capacity is negative"),
            ({"budget": [-1]}, "budget is negative"),
            ({"units": [0.5, 1]}, "units is not one row of whole numbers"),
        ],
    )
    def test_refuses_what_does_not_fit_together(self, change, why):
        with pytest.raises(ValueError, match=why):
            a_market(TWO, **change)

    @pytest.mark.parametrize("edge", [(2, 0, 1), (-1, 0, 1), (0, 2, 1), (0, 1, -1)])
    def test_refuses_an_edge_that_points_at_nothing_or_is_worth_less(self, edge):
        with pytest.raises(ValueError, match="leaves 0 to"):
            a_market([*TWO, edge])

    def test_refuses_a_pair_that_comes_twice(self):
        with pytest.raises(ValueError, match="twice"):
            a_market([*TWO, (0, 0, 9)])
