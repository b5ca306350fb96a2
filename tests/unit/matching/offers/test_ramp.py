"""A subsidy that rises as goods near their best-before date."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matching.offers.engine.ramp import (
    Ramp,
    Step,
    Worth,
    extra_at,
    next_step,
    worth,
    worths,
)
from services.matching.offers.engine.table import microseconds
from tests.unit.matching.offers.builders import NOW

RAMP = Ramp((Step(30, 1_000), Step(7, 5_000)), most=70_000)
INSTANT = timedelta(microseconds=1)


def in_days(days: float):
    return NOW + timedelta(days=days)


class TestExtra:
    @pytest.mark.parametrize(
        ("left", "extra"),
        [
            (timedelta(days=30) + INSTANT, 0),
            (timedelta(days=30), 1_000),
            (timedelta(days=7) + INSTANT, 1_000),
            (timedelta(days=7), 5_000),
            (INSTANT, 5_000),
        ],
    )
    def test_is_of_the_nearest_step_reached(self, left, extra):
        assert extra_at(RAMP, NOW + left, NOW) == extra


class TestWorth:
    def of(self, best_before, subsidy=40_000, left=1_000_000):
        return worth(subsidy, RAMP, best_before, left=left, now=NOW)

    def test_is_the_subsidy_and_the_extra(self):
        assert self.of(in_days(10)) == Worth(44_000, 1_000)
        assert self.of(in_days(5)) == Worth(60_000, 5_000)

    def test_is_rounded_down_to_the_minor_unit(self):
        assert self.of(in_days(10), subsidy=9) == Worth(9, 1_000)
        assert self.of(in_days(10), subsidy=19) == Worth(20, 1_000)

    def test_never_goes_over_the_most(self):
        assert self.of(in_days(5), subsidy=60_000) == Worth(70_000, 5_000)

    def test_is_the_subsidy_of_goods_that_keep(self):
        assert self.of(None) == Worth(40_000, 0)

    def test_is_the_subsidy_without_a_ramp(self):
        assert worth(40_000, None, in_days(1), left=40_000, now=NOW) == Worth(40_000, 0)

    def test_takes_what_is_left_of_the_offer_but_keeps_the_subsidy_whole(self):
        assert self.of(in_days(5), left=50_000) == Worth(50_000, 5_000)
        assert self.of(in_days(5), left=39_999) == Worth(40_000, 5_000)

    @given(
        subsidy=st.integers(1, 10**9),
        more=st.integers(0, 10**9),
        left=st.integers(0, 10**10),
        days=st.integers(0, 60),
    )
    def test_lies_between_the_subsidy_and_every_limit(self, subsidy, more, left, days):
        ramp = RAMP._replace(most=subsidy + more)

        amount, _ = worth(subsidy, ramp, in_days(days), left=left, now=NOW)

        assert subsidy <= amount <= ramp.most
        assert amount <= max(subsidy, left)

    @given(
        subsidy=st.integers(1, 10**9),
        left=st.integers(0, 10**10),
        minutes=st.lists(st.integers(-9, 60 * 24 * 40), min_size=1),
    )
    def test_of_many_goods_is_that_of_each(self, subsidy, left, minutes):
        ramp = RAMP._replace(most=2 * subsidy)
        dates = [NOW + timedelta(minutes=each) for each in minutes]
        moments = np.array([microseconds(date) for date in dates])

        found = worths(subsidy, ramp, moments, left=left, now=microseconds(NOW))

        assert found.tolist() == [
            worth(subsidy, ramp, date, left=left, now=NOW).amount for date in dates
        ]

    def test_changes_next_when_the_first_goods_reach_a_step(self):
        moments = np.array([microseconds(in_days(days)) for days in (31, 7.5, 2)])

        step = next_step(RAMP, moments, now=microseconds(NOW))

        assert step == microseconds(in_days(0.5))
        assert next_step(RAMP, moments[2:], now=microseconds(NOW)) is None

    @given(days=st.lists(st.floats(0.01, 60), min_size=2, max_size=2))
    def test_never_falls_as_the_date_comes_nearer(self, days):
        near, far = sorted(days)

        assert self.of(in_days(near)).amount >= self.of(in_days(far)).amount
