"""What a clearing found of lots: how much more others want them than there is of them."""

from __future__ import annotations

from services.matching.clearings.domain import demand_of, market_of
from services.matching.clearings.engine.clear import Policy, clear
from tests.unit.matching.clearings.builders import a_candidate, gathered


def found(*candidates, **limits):
    """The demand of a market of these."""
    market = gathered(*candidates, **limits)
    problem = market_of(market)
    return demand_of(problem, clear(problem, Policy()), market.lot_of)


class TestDemandOf:
    def test_is_what_one_more_pack_would_be_worth_in_points_of_a_score(self):
        # One more of l1 would let h1 have 900 in the place of 800.
        contested = (
            a_candidate("h1", "l1", 900),
            a_candidate("h1", "l2", 800),
            a_candidate("h2", "l1", 850),
        )

        assert found(*contested) == {"l1": 100_000, "l2": 0}

    def test_is_nothing_where_there_is_enough_for_all(self):
        assert found(a_candidate("h1", "l1", 900), a_candidate("h2", "l1", 850), packs=2) == {
            "l1": 0
        }

    def test_counts_the_price_of_the_money_that_goes_with_it(self):
        # There are packs for both, and money for one.
        wanted = (a_candidate("h1", "l1", 900), a_candidate("h2", "l1", 600))

        assert found(*wanted, packs=2, money=500) == {"l1": 600_000}

    def test_is_that_of_the_cheapest_part_of_a_lot(self):
        rivals = [a_candidate("h1", "l1", 900), a_candidate("h2", "l1", 850)]
        alone = a_candidate("h3", "l1", 700, shelf="l1:newcomers")

        assert found(*rivals) == {"l1": 850_000}
        assert found(*rivals, alone) == {"l1": 0}

    def test_is_a_million_at_most(self):
        rivals = [a_candidate("h1", "l1", 9_000), a_candidate("h2", "l1", 8_500)]

        assert found(*rivals) == {"l1": 1_000_000}
