"""Weights are learned from claims, slowly, and never against their sign."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from services.matching.models.engine.learning import LEAST, learn, odds_of, to_weights
from services.matching.models.engine.shown import KINDRED
from services.matching.offers.engine.points import DEFAULT, MILLION, Weights
from tests.builders.shown import TRUE, World

NOTHING = np.zeros(10, bool)
KIN = Weights(300_000, 80_000, 300_000, 60_000, 60_000, 40_000, 20_000, 140_000)
"""Hosts who also go by what others claimed who claimed the same."""


def far(weights, others=TRUE):
    """How much of the whole is with other terms."""
    return sum(abs(one - other) for one, other in zip(weights, others, strict=True)) / 2 / MILLION


class TestAColdStart:
    def test_leaves_the_present_weights_when_nothing_was_shown(self):
        nothing = World().log(1, pages=1).those(NOTHING)

        assert learn(nothing, DEFAULT).weights == DEFAULT
        assert learn(nothing, TRUE).weights == TRUE

    @pytest.mark.parametrize("seed", range(5))
    def test_moves_little_by_few_pages_and_further_by_many(self, seed):
        few = learn(World().log(seed, pages=20), DEFAULT).weights
        many = learn(World().log(seed, pages=4_000), DEFAULT).weights

        assert far(few, DEFAULT) < 0.03
        assert far(many, DEFAULT) > 0.1

    def test_begins_anew_from_whatever_is_present(self):
        few = World().log(1, pages=20)

        assert far(learn(few, TRUE).weights, TRUE) < 0.03


class TestManyClaims:
    def test_show_what_hosts_go_by(self):
        learned = learn(World().log(1, pages=6_000), DEFAULT).weights

        assert far(learned) < far(DEFAULT) / 3

    def test_show_it_the_better_the_more_there_are(self):
        shown = [World().log(2, pages=pages) for pages in (300, 1_500, 6_000)]
        distances = [far(learn(each, DEFAULT).weights) for each in shown]

        assert distances == sorted(distances, reverse=True)

    def test_show_how_much_less_is_looked_at_further_down(self):
        curious, hasty = World(decay=0.1), World(decay=1.0)

        assert learn(curious.log(3, pages=4_000), DEFAULT).odds.decay == pytest.approx(
            0.1, abs=0.1
        )
        assert learn(hasty.log(3, pages=4_000), DEFAULT).odds.decay == pytest.approx(1.0, abs=0.15)

    def test_are_not_taken_for_merit_where_the_place_made_them(self):
        """Hosts who look at the first places only, and claim what they happen to see there."""
        blind = World(steep=0.0, base=-1.5, decay=1.0)

        lesson = learn(blind.log(4, pages=3_000), DEFAULT)

        assert lesson.odds.decay == pytest.approx(1.0, abs=0.15)
        assert sum(lesson.odds.rises) < 1.2


class TestKindred:
    def test_begins_at_nothing_and_grows_as_far_as_hosts_go_by_it(self):
        grown = [learn(World(KIN).log(8, pages=pages), DEFAULT).weights for pages in (100, 4_000)]

        assert 0 < grown[0].kindred < grown[1].kindred
        assert grown[1].kindred == pytest.approx(KIN.kindred, rel=0.35)

    def test_stays_at_nothing_while_nothing_is_kindred_to_anybody(self):
        shown = World(KIN).log(8, pages=1_000)
        shown.shares[:, KINDRED] = 0

        assert learn(shown, DEFAULT).weights.kindred == 0


class TestSigns:
    @pytest.mark.parametrize("term", Weights._fields[:KINDRED])
    def test_hold_whatever_the_claims_say(self, term):
        """Hosts who shun what has most of a term: a mistake of the log, or a cheat."""
        shown = World().log(5, pages=2_000)
        share = shown.shares[:, Weights._fields.index(term)]
        shunned = replace(shown, claimed=shown.claimed & (share < 0.3))

        lesson = learn(shunned, DEFAULT)

        assert 0 < getattr(lesson.weights, term) < getattr(DEFAULT, term)
        assert min(lesson.odds.rises) >= 0

    def test_bring_what_is_kindred_to_nothing_where_it_is_shunned(self):
        shown = World().log(5, pages=2_000)
        shunned = replace(shown, claimed=shown.claimed & (shown.shares[:, KINDRED] < 0.3))

        assert learn(shunned, KIN).weights.kindred < KIN.kindred / 2
        assert learn(shunned, DEFAULT).weights.kindred == 0

    def test_keep_a_part_of_every_term(self):
        """The fewer claims the better the subsidy, without end: there is a floor."""
        shown = World().log(6, pages=6_000)
        shunned = replace(shown, claimed=shown.claimed & (shown.shares[:, 1] < 0.1))

        steep = sum(odds_of(shunned, DEFAULT).rises)
        assert learn(shunned, DEFAULT).odds.rises[1] == pytest.approx(LEAST * 0.2 * steep)


class TestWholeMicroPoints:
    def test_sum_to_a_million(self):
        assert to_weights((1.0,) * 7 + (0.0,)) == Weights(142858, *(142857,) * 6)

    def test_depend_on_no_common_factor(self):
        assert to_weights(tuple(0.37 * each for each in DEFAULT)) == DEFAULT

    def test_are_the_same_every_time(self):
        shown = World().log(7, pages=300)

        assert learn(shown, DEFAULT) == learn(shown, DEFAULT)
