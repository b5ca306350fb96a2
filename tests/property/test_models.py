"""Laws of learned weights and of judging them, whatever was shown and claimed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from services.matching.models.engine.evaluation import Log, evaluate
from services.matching.models.engine.judging import judge
from services.matching.models.engine.learning import learn, to_weights
from services.matching.models.engine.shown import KINDRED, ShownRows, places_by
from services.matching.offers.engine.breakdown import Term, score_terms
from services.matching.offers.engine.points import DEFAULT, MILLION, Weights, affinity_of_tags
from tests.unit.matching.offers.builders import NOW, a_host, some_lot

FEWER = settings().max_examples // 4

weights = st.lists(st.integers(1, 1_000), min_size=8, max_size=8).map(
    lambda parts: to_weights(tuple(map(float, parts)))
)


@st.composite
def pages(draw: st.DrawFn) -> ShownRows:
    """A few pages of up to five lots, with anything in them."""
    sizes = draw(st.lists(st.integers(1, 5), max_size=8))
    rows = sum(sizes)
    chance = np.random.default_rng(draw(st.integers(0, 10_000)))
    return ShownRows(
        host=np.repeat(chance.integers(3, size=len(sizes)), sizes).astype(np.int64),
        page=np.repeat(np.arange(len(sizes)), sizes).astype(np.int64),
        place=np.array([place for size in sizes for place in range(1, size + 1)], np.int64),
        shares=chance.integers(0, 3, size=(rows, 8)) / 2,
        explored=chance.random(rows) < 0.2,
        claimed=chance.random(rows) < chance.random(),
        demand=-chance.integers(0, 3, size=rows) / 4,
        kindred_then=chance.integers(0, 3, size=rows) / 2,
    )


class TestLearnedWeights:
    @settings(max_examples=FEWER)
    @given(shown=pages(), present=weights)
    def test_are_whole_never_negative_and_a_million_together(self, shown, present):
        learned = learn(shown, present).weights

        assert sum(learned) == MILLION
        assert all(isinstance(weight, int) and weight >= 0 for weight in learned)
        assert all(learned[:KINDRED])

    @given(learned=weights, tags=st.dictionaries(st.sampled_from("abc"), st.integers(1, 100)))
    def test_score_by_terms_that_stay_within_them(self, learned, tags):
        host = a_host(affinity=affinity_of_tags([(10, tags)], learned))

        terms = score_terms(some_lot(tags=("a", "b", "c")), 90_000, host, NOW.toordinal(), learned)

        assert list(terms) == list(Term)
        for term, most in learned._asdict().items():
            assert isinstance(terms[Term(term)], int)
            assert 0 <= terms[Term(term)] <= most


class TestPlaces:
    @given(shown=pages(), other=weights, present=weights)
    def test_are_given_once_on_each_page(self, shown, other, present):
        places = places_by(shown, other, present)

        for page in np.unique(shown.page):
            mine = shown.page == page
            assert sorted(places[mine]) == sorted(shown.place[mine])
        assert (places == shown.place)[shown.explored].all()

    @given(shown=pages(), present=weights)
    def test_are_as_they_were_by_the_same_weights(self, shown, present):
        same = replace(shown, kindred_then=shown.shares[:, KINDRED])

        assert (places_by(same, present, present) == shown.place).all()


class TestJudging:
    @settings(max_examples=FEWER)
    @given(shown=pages(), other=weights)
    def test_never_supports_a_model_by_a_few_pages(self, shown, other):
        found = judge(shown, other, DEFAULT, learn(shown, DEFAULT).odds, seed=1)

        assert found.doubts
        assert found.claims == shown.claimed.sum()


@st.composite
def logs(draw: st.DrawFn) -> Log:
    """Any log of choices with a probability."""
    rows, seed = draw(st.integers(1, 40)), draw(st.integers(0, 10_000))
    chance = np.random.default_rng(seed)
    return Log(
        unit=chance.integers(5, size=rows),
        reward=chance.integers(2, size=rows).astype(float),
        logged=chance.uniform(0.01, 1, size=rows),
        target=chance.uniform(0, 1, size=rows),
        expected=chance.random(rows),
        expected_target=chance.random(rows),
        attention=np.ones(rows),
    )


class TestEstimates:
    @settings(max_examples=FEWER)
    @given(log=logs())
    def test_stay_where_rewards_are_when_self_normalised(self, log):
        found = evaluate([log], seed=1, rounds=50)

        assert -1e-12 <= found.snips.lower <= found.snips.upper <= 1 + 1e-12
        assert 0 < found.effective <= len(log.reward) * (1 + 1e-12)

    @settings(max_examples=FEWER)
    @given(log=logs())
    def test_of_the_same_policy_are_what_was_earned(self, log):
        same = log._replace(target=log.logged, expected_target=log.expected)

        found = evaluate([same], seed=1, rounds=50)

        assert abs(found.dr.estimate - found.earned.estimate) < 1e-12
        assert abs(found.ips.estimate - found.earned.estimate) < 1e-12


def test_a_new_lot_gets_its_first_look_by_every_weights_learned():
    """Freshness is never learned away: what nobody knows yet stands before its own later self."""
    shown = ShownRows(
        host=np.arange(400),
        page=np.arange(400),
        place=np.ones(400, np.int64),
        shares=np.tile(np.linspace(0, 1, 400)[:, None], 8),
        explored=np.zeros(400, bool),
        claimed=np.arange(400) < 200,
        demand=np.zeros(400),
        kindred_then=np.zeros(400),
    )

    learned: Weights = learn(shown, DEFAULT).weights

    assert learned.freshness >= DEFAULT.freshness // 20
