"""A model is supported by a log in which it would have earned no less, and by no other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from services.matching.models.engine.judging import Doubt, calibration, judge
from services.matching.models.engine.learning import learn
from services.matching.models.engine.shown import KINDRED, ShownRows, places_by
from services.matching.offers.engine.points import DEFAULT, Weights
from tests.builders.shown import BACKWARDS, TRUE, World

WORLD = World()
LESSON = learn(WORLD.log(1, pages=4_000), DEFAULT)
LATER = WORLD.log(2, pages=2_500)


def judged(weights, shown=LATER, present=DEFAULT):
    return judge(shown, weights, present, LESSON.odds, seed=7)


class TestAModel:
    def test_that_is_better_is_supported(self):
        assert judged(LESSON.weights).doubts == ()
        assert judged(TRUE).doubts == ()

    def test_that_is_worse_is_not(self):
        assert judged(BACKWARDS).doubts == (Doubt.MAY_BE_WORSE,)

    def test_that_is_the_same_gains_nothing(self):
        found = judged(DEFAULT)

        assert found.moved == 0
        assert found.estimates.gain == (0, 0, 0)
        assert found.doubts == ()

    @pytest.mark.parametrize("weights", [TRUE, BACKWARDS])
    def test_gains_what_it_would_truly_gain_within_the_interval(self, weights):
        held = []
        for seed in range(20):
            shown = WORLD.log(100 + seed, pages=800)
            odds = learn(WORLD.log(200 + seed, pages=1_500), DEFAULT).odds
            gain = judge(shown, weights, DEFAULT, odds, seed=seed).estimates.gain
            held.append(gain.lower <= WORLD.gain(shown, weights) <= gain.upper)

        assert np.mean(held) >= 0.85

    def test_is_judged_by_enough_pages_of_enough_hosts(self):
        few_pages = WORLD.log(3, pages=300)
        few_hosts = WORLD.log(3, pages=2_500, hosts=20)

        assert Doubt.TOO_FEW_EXPOSURES in judged(TRUE, few_pages).doubts
        assert Doubt.TOO_FEW_EXPOSURES in judged(TRUE, few_hosts).doubts

    def test_is_judged_by_enough_rows_that_count(self):
        short = LATER.those(LATER.place == 1)
        thin = short.those(short.page < 600)

        assert Doubt.SAMPLE_TOO_SMALL in judged(TRUE, thin).doubts

    def test_is_not_supported_by_nothing(self):
        nothing = judged(TRUE, LATER.those(np.zeros(len(LATER), bool)))

        assert nothing.estimates is None
        assert nothing.doubts == (Doubt.TOO_FEW_EXPOSURES,)

    def test_is_judged_the_same_every_time(self):
        assert judged(TRUE) == judged(TRUE)


class TestPlaces:
    def a_page(self, *affinities, explored=(), demand=()):
        rows = len(affinities)
        shares = np.zeros((rows, len(DEFAULT)))
        shares[:, 0], shares[:, 1] = affinities, np.arange(rows) / rows
        return ShownRows(
            host=np.zeros(rows, np.int64),
            page=np.zeros(rows, np.int64),
            place=np.arange(1, rows + 1),
            shares=shares,
            explored=np.isin(np.arange(1, rows + 1), explored),
            claimed=np.zeros(rows, bool),
            demand=np.array(demand or [0.0] * rows),
            kindred_then=np.zeros(rows),
        )

    def test_go_by_the_other_models_score(self):
        by_subsidy = Weights(0, 1_000_000, 0, 0, 0, 0, 0)

        assert places_by(self.a_page(0.9, 0.6, 0.3), by_subsidy, DEFAULT).tolist() == [3, 2, 1]

    def test_count_what_stands_lower_because_others_want_it_for_every_model(self):
        by_affinity, by_subsidy = DEFAULT, Weights(0, 1_000_000, 0, 0, 0, 0, 0)
        # The second would have stood first but for demand.
        page = self.a_page(0.6, 0.9, 0.3, demand=[0.0, -0.22, 0.0])

        assert places_by(page, by_affinity, by_affinity).tolist() == [1, 2, 3]
        assert places_by(page, by_subsidy, by_affinity).tolist() == [3, 2, 1]

    def test_go_by_what_was_kindred_then_for_the_one_that_ranked(self):
        """The third stood first for what was kindred by its model; by the other the second is."""
        kin = Weights(500_000, 0, 0, 0, 0, 0, 0, 500_000)
        page = replace(
            self.a_page(0.6, 0.5, 0.4),
            place=np.array([2, 3, 1]),
            kindred_then=np.array([0, 0, 1.0]),
        )
        page.shares[:, KINDRED] = 0, 1, 0

        assert places_by(page, kin, kin).tolist() == [2, 1, 3]

    def test_stay_where_exploring_put_them(self):
        by_subsidy = Weights(0, 1_000_000, 0, 0, 0, 0, 0)
        page = self.a_page(0.9, 0.1, 0.6, 0.3, explored=[2])

        assert places_by(page, by_subsidy, DEFAULT).tolist() == [4, 2, 3, 1]

    def test_keep_what_else_had_a_say(self):
        """The second by score was put last for variety: so is the other's second."""
        page = replace(self.a_page(0.9, 0.6, 0.3), place=np.array([1, 3, 2]))

        assert places_by(page, DEFAULT, DEFAULT).tolist() == [1, 3, 2]
        by_subsidy = Weights(0, 1_000_000, 0, 0, 0, 0, 0)
        assert places_by(page, by_subsidy, DEFAULT).tolist() == [2, 3, 1]


class TestCalibration:
    def test_compares_what_was_expected_with_what_came_by_tenths(self):
        expected = np.repeat([0.1, 0.9], 50)
        claimed = np.concatenate((np.zeros(50), np.ones(50)))

        bins = calibration(expected, claimed)

        assert len(bins) == 10
        assert bins[0] == (pytest.approx(0.1), 0.0, 10)
        assert bins[-1] == (pytest.approx(0.9), 1.0, 10)

    def test_of_a_learned_model_is_close(self):
        bins = judged(LESSON.weights).calibration

        assert all(abs(each.expected - each.claimed) < 0.03 for each in bins)
