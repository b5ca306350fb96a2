"""Laws of money."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.kernel.money import CurrencyMismatch, Money, split

weights = st.lists(st.integers(0, 10_000), min_size=1, max_size=12).filter(any)
amounts = st.integers(0, 10**12)


class TestAllocate:
    @given(minor=amounts, weights=weights)
    def test_loses_no_fen_and_is_fair_to_one(self, minor, weights):
        shares = Money(minor, "CNY").allocate(weights)

        assert sum(share.minor for share in shares) == minor
        for share, weight in zip(shares, weights, strict=True):
            assert abs(share.minor * sum(weights) - minor * weight) < sum(weights)
            assert share.minor >= 0

    @given(minor=amounts, weights=weights)
    def test_gives_nothing_to_a_zero_weight(self, minor, weights):
        shares = Money(minor, "CNY").allocate([*weights, 0])

        assert shares[-1] == Money(0, "CNY")

    def test_gives_the_units_left_over_to_the_largest_remainders(self):
        shares = Money(31_255, "CNY").allocate([6000, 2000, 800, 500, 500, 200])

        assert [share.minor for share in shares] == [18_753, 6_251, 2_500, 1_563, 1_563, 625]

    @given(minor=amounts, weights=weights, scale=st.integers(1, 1_000), data=st.data())
    def test_goes_by_the_proportion_of_the_weights_alone(self, minor, weights, scale, data):
        """Of equal remainders the first has the unit; so it may change hands among equals."""
        order = data.draw(st.permutations(range(len(weights))))
        shares = split(minor, weights, (0,) * len(weights)).shares

        scaled = split(minor, [scale * weight for weight in weights], (0,) * len(weights)).shares
        moved = split(minor, [weights[place] for place in order], (0,) * len(weights)).shares

        assert scaled == shares
        remainder = [minor * weight % sum(weights) for weight in weights]
        for place, share in zip(order, moved, strict=True):
            alone = remainder.count(remainder[place]) == 1
            assert abs(share - shares[place]) <= (0 if alone else 1)
        assert sum(moved) == sum(shares)

    @given(minor=amounts, more=st.integers(1, 1_000), weights=weights)
    def test_of_more_gives_nobody_a_whole_unit_less(self, minor, more, weights):
        before = split(minor, weights, (0,) * len(weights)).shares

        after = split(minor + more, weights, (0,) * len(weights)).shares

        assert all(now >= was - 1 for was, now in zip(before, after, strict=True))

    def test_of_one_unit_more_may_take_one_from_somebody(self):
        """No rule that is fair to one unit avoids it (Balinski and Young, 1982)."""
        weights = [6, 6, 2]

        assert split(10, weights, (0, 0, 0)).shares == (4, 4, 2)
        assert split(11, weights, (0, 0, 0)).shares == (5, 5, 1)

    def test_wants_somebody_to_give_to(self):
        with pytest.raises(ValueError, match="not all zero"):
            Money(1, "CNY").allocate([0, 0])


class TestCarry:
    @given(history=st.lists(st.integers(-50, 50), max_size=60), weights=weights)
    def test_keeps_everybody_within_one_unit_for_ever(self, history, weights):
        carries: tuple[int, ...] = (0,) * len(weights)
        paid = [0] * len(weights)

        for minor in history:
            shares, carries = split(minor, weights, carries)
            paid = [before + share for before, share in zip(paid, shares, strict=True)]

        total = sum(history)
        assert sum(paid) == total
        for got, weight in zip(paid, weights, strict=True):
            assert abs(got * sum(weights) - total * weight) < sum(weights)

    @given(sales=st.lists(st.integers(1, 10**7), max_size=40), weights=weights)
    def test_brings_every_party_back_when_everything_is_refunded(self, sales, weights):
        carries: tuple[int, ...] = (0,) * len(weights)
        paid = [0] * len(weights)

        for minor in [*sales, *(-sale for sale in reversed(sales))]:
            shares, carries = split(minor, weights, carries)
            paid = [before + share for before, share in zip(paid, shares, strict=True)]

        assert paid == [0] * len(weights)
        assert set(carries) == {0}

    def test_gives_the_odd_fen_to_each_of_two_in_turn(self):
        first, carries = split(1, [1, 1], (0, 0))
        second, _ = split(1, [1, 1], carries)

        assert (first, second) == ((1, 0), (0, 1))


class TestMoney:
    def test_is_whole(self):
        with pytest.raises(TypeError, match="whole"):
            Money(1.0, "CNY")

    def test_does_not_add_two_currencies(self):
        with pytest.raises(CurrencyMismatch):
            Money(1, "CNY") + Money(1, "JPY")
