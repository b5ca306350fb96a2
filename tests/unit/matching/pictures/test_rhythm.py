"""How often a host gathers her people, and how evenly."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.matching.pictures.domain import rhythm_of
from tests.builders.matching import NOW


def days_ago(*days):
    return [NOW - timedelta(days=each) for each in days]


class TestRhythm:
    def test_is_steady_when_every_gap_is_the_usual_one(self):
        assert rhythm_of(days_ago(0, 21, 7, 14), NOW) == (4, 7, 1_000)

    def test_loses_as_much_as_the_gaps_stray_from_the_usual_one(self):
        # gaps of 7, 7 and 14 days: 7 of 28 strayed
        assert rhythm_of(days_ago(0, 7, 14, 28), NOW) == (4, 7, 750)

    @pytest.mark.parametrize("days", [(), (3,), (3, 9)])
    def test_takes_three_gatherings(self, days):
        found = rhythm_of(days_ago(*days), NOW)

        assert (found.days_between, found.steadiness) == (None, 0)
        assert "three make a rhythm" in found.why.english

    def test_counts_the_last_ninety_days_alone_as_lately(self):
        found = rhythm_of(days_ago(90, 91, 100, 200), NOW)

        assert found.lately == 1
        assert found.why.english == ("1 gathering held in the last 90 days, usually 9 days apart.")

    def test_is_none_for_gatherings_that_all_began_at_once(self):
        assert rhythm_of(days_ago(1, 1, 1), NOW) == (3, 0, 0)
