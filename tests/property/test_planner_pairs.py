"""Laws of the planner's engine: every pair comes once, in the order of what it costs."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from services.matching.planner.engine.cash import Cash
from services.matching.planner.engine.pairs import cheapest_pairs


class TestPairs:
    @given(
        subsidies=st.lists(st.integers(0, 6), max_size=6),
        rents=st.lists(st.integers(0, 6), max_size=6),
        contribution=st.integers(0, 3),
        closed=st.sets(st.tuples(st.booleans(), st.integers(0, 5))),
    )
    def test_come_in_order_each_once_and_none_is_left_out(
        self, subsidies, rents, contribution, closed
    ):
        subsidies, rents = sorted(subsidies, reverse=True), sorted(rents)
        asked = []

        def good(*, is_deal):
            def is_good(number):
                asked.append((is_deal, number))
                return (is_deal, number) not in closed

            return is_good

        pairs = list(
            cheapest_pairs(
                subsidies,
                rents,
                contribution=contribution,
                is_deal_good=good(is_deal=True),
                is_room_good=good(is_deal=False),
            )
        )

        def order(pair):
            cash = Cash(rents[pair[1]], contribution, subsidies[pair[0]])
            return cash.cost, cash.owed, -cash.left_over, pair[1], pair[0]

        open_deals = [each for each in range(len(subsidies)) if (True, each) not in closed]
        open_rooms = [each for each in range(len(rents)) if (False, each) not in closed]
        assert pairs == sorted(product(open_deals, open_rooms), key=order)
        barred = [one for one in asked if one in closed and one[0]]
        assert len(barred) == len(set(barred))
