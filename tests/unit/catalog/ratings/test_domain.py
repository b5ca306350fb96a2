"""Who ran a cartridge rates it once a gathering, and a few stars do not outdo many."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.catalog.ratings.domain import CHANGEABLE, RatingFinal, VerifiedRun, first_rating
from services.catalog.ratings.engine.means import PRIOR_HUNDREDTHS, bayesian_mean, mean
from tests.unit.catalog.fakes import HOST, NOW, an_id

RUN = VerifiedRun(
    gathering_id=an_id("gth"),
    host_id=HOST,
    cartridge_id=an_id("crt"),
    digest="sha256:" + "5a" * 32,
)


class TestMeans:
    @pytest.mark.parametrize(
        ("stars", "count", "found"), [(0, 0, None), (5, 1, 500), (13, 3, 433), (14, 3, 467)]
    )
    def test_are_hundredths_rounded(self, stars, count, found):
        assert mean(stars, count) == found

    def test_of_nobody_is_the_prior(self):
        assert bayesian_mean(0, 0) == PRIOR_HUNDREDTHS

    def test_of_one_perfect_rating_is_below_that_of_forty_good_ones(self):
        assert bayesian_mean(5, 1) == 375
        assert bayesian_mean(5, 1) < bayesian_mean(40 * 4, 40) < 400


class TestRating:
    def test_may_be_changed_for_fourteen_days(self):
        rating = first_rating(RUN, 4, "Went well.", at=NOW).state
        last = NOW + CHANGEABLE - timedelta(milliseconds=1)

        changed = rating.change(2, "Too long after all.", at=last).state

        assert (changed.stars, changed.rated_at, changed.changed_at) == (2, NOW, last)
        with pytest.raises(RatingFinal):
            rating.change(2, "Too long after all.", at=NOW + CHANGEABLE)

    def test_given_again_as_it_was_changes_nothing_at_any_time(self):
        rating = first_rating(RUN, 4, "Went well.", at=NOW).state

        assert rating.change(4, "Went well.", at=NOW + 2 * CHANGEABLE).state is rating
