"""Peers, terms and fits answer from what was known, and only from that."""

from dataclasses import fields, replace

import numpy as np
import pytest

from benchmarks.quality import claims, fit, peers, shopping
from benchmarks.quality.coupons import TERMS, lists_of
from benchmarks.quality.fit import Lists, Model, learn
from benchmarks.quality.guarantee import guaranteed, likelihood
from benchmarks.quality.terms import news
from tests.unit.benchmarks.markets import a_market, some_coupons, with_another_future

WEEK, EARLY = 45, 37
"""The weeks of the test begin after the one; what is on display then is known after the other."""
SETTINGS = {
    "ALS": (26, 0.5, 8, 3, 1),
    "EASE": (26, 0.5, 20),
    "EASE own": (26, 0.5, 5),
    "item-kNN": (26, 0.5, 10, 1),
}


class TestNothingReadsTheFuture:
    def test_a_market_that_ended_is_the_same_whatever_came_later(self):
        for week in (EARLY, WEEK):
            one, other = a_market(), with_another_future(a_market(), week)

            assert not np.array_equal(one.lot, other.lot)
            assert week == WEEK or not np.array_equal(one.displayed, other.displayed)
            for field in fields(one):
                before = [getattr(each.until(week), field.name) for each in (one, other)]
                assert np.array_equal(*before), field.name

    @pytest.mark.parametrize("task", list(shopping.TERMS))
    def test_terms_and_candidates_of_purchases(self, task):
        one, other = (
            shopping.offered(market.until(WEEK), SETTINGS)[task]
            for market in (a_market(), with_another_future(a_market(), WEEK))
        )

        assert np.array_equal(one.lots, other.lots)
        for name, term in one.terms.items():
            assert np.array_equal(term, other.terms[name]), name

    def test_tuning_and_fitting_read_no_week_of_the_test(self):
        grids = {
            name: (score, [SETTINGS[name]])
            for name, (score, _) in shopping.PEERS.items()
            if name in SETTINGS
        }
        found = []
        for market in (a_market(), with_another_future(a_market(), WEEK)):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(shopping, "PEERS", grids)
                patch.setattr(shopping, "QUICK", {})
                patch.setattr(fit, "ROUNDS", 3)
                chosen = shopping.tune(market, quick=True)
                fitted = shopping.fit(market, chosen)
            found.append((chosen, fitted.models))

        assert found[0] == found[1]

    def test_terms_of_claims_read_nothing_from_the_first_day_of_the_campaign(self):
        coupons, campaign = some_coupons()
        one = lists_of(coupons, campaign)
        later = coupons.bought[2] >= campaign.start
        coupons.bought[1, later] = (coupons.bought[1, later] + 5) % 40
        redeemed = coupons.redeemed[2] >= campaign.start
        coupons.redeemed[1, redeemed] = (coupons.redeemed[1, redeemed] + 1) % 24
        after = coupons.kinds.week > campaign.last_week
        coupons.kinds.lot[after] = (coupons.kinds.lot[after] + 5) % 20

        other = lists_of(coupons, campaign)

        assert set(one.terms) >= set(TERMS)
        for name, term in one.terms.items():
            assert np.array_equal(term, other.terms[name]), name


class TestNews:
    def test_are_first_purchases_lately_and_what_is_on_display_more_than_before(self):
        market = a_market().until(EARLY)
        lots = np.arange(40)[None, :]
        displayed = market.displayed.copy()
        displayed[7, EARLY + 1 : EARLY + 9] = 1

        alike = np.ones((market.households, 40), np.float32)
        usual = news(market, alike, lots)
        shown = news(replace(market, displayed=displayed), alike, lots)

        assert shown["offered"][0, 7] > usual["offered"][0, 7]
        others = np.arange(40) != 7
        assert np.array_equal(shown["offered"][0, others], usual["offered"][0, others])
        more = alike.copy()
        more[:, 3] = 50
        assert news(market, more, lots)["newly"][0, 3] < usual["newly"][0, 3]


class TestPeers:
    def test_ease_over_households_is_ease_over_lots(self):
        market = a_market().until(WEEK)
        taken = peers.dense(peers.faded(market, 26, 0.5)).astype(np.float64)
        inverse = np.linalg.inv(taken.T @ taken + 7 * np.eye(taken.shape[1]))
        weights = -inverse / np.diag(inverse)
        np.fill_diagonal(weights, 0)

        found = peers.shallow(market, 26, 0.5, 7)

        assert found == pytest.approx(taken @ weights, abs=2e-3)

    def test_factors_come_to_rest_where_each_side_solves_for_the_other(self):
        market = a_market().until(WEEK)

        early, late, later = (
            peers.factors(market, 26, 0.5, 6, 5, 1, turns=turns) for turns in (3, 60, 70)
        )

        assert np.abs(later - late).max() < np.abs(late - early).max() / 10

    def test_everyone_has_the_same_popularity(self):
        scores = peers.popularity(a_market(), 8)

        assert (scores == scores[0]).all()


class TestLearning:
    def test_finds_the_term_that_matters_and_never_a_weight_below_zero(self):
        chance = np.random.default_rng(3)
        terms = {name: chance.random((80, 30)).astype(np.float32) for name in ("good", "noise")}
        taken = terms["good"] + chance.normal(0, 0.2, (80, 30)) > 0.9
        terms["against"] = (1 - terms["good"]).astype(np.float32)

        weights = learn([Lists(terms, taken)], ("good", "noise", "against")).weights

        assert min(weights.values()) >= 0
        assert weights["good"] > 4 * weights["noise"]
        assert weights["against"] < 0.1 * weights["good"]

    def test_terms_add_up_to_the_score_exactly(self):
        chance = np.random.default_rng(4)
        terms = {name: chance.random((5, 7)).astype(np.float32) for name in "abc"}
        model = Model({"a": 0.1234567, "b": 3.3, "c": 0.0})

        explained = model.explained(terms)

        assert np.array_equal(sum(explained.values()), model.scores(terms))
        assert model.scores(terms) / 1e6 == pytest.approx(
            0.1234567 * terms["a"] + 3.3 * terms["b"], abs=2e-6
        )


class TestGuarantee:
    def test_shows_every_brand_that_anybody_may_want_and_loses_the_least(self):
        chance = np.random.default_rng(5)
        chances = chance.integers(1, 1_000_000, (6, 15))
        brands = np.tile(np.arange(15), (6, 1))

        free, bound = guaranteed(chances, brands, 0), guaranteed(chances, brands, 3)

        assert free.sum(axis=1).tolist() == bound.sum(axis=1).tolist() == [10] * 6
        assert chances[free].sum() == np.sort(chances, axis=1)[:, 5:].sum()
        assert np.bincount(brands[bound], minlength=15).min() == 3
        assert chances[bound].sum() <= chances[free].sum()

    def test_likelihood_is_as_often_as_it_happened(self):
        chance = np.random.default_rng(6)
        term = chance.random((200, 50)).astype(np.float32)
        taken = chance.random((200, 50)) < 1 / (1 + np.exp(3 - 4 * term))
        model, lists = Model({"term": 1.0}), Lists({"term": term}, taken)

        found = likelihood(model, [lists], model.scores(lists.terms)) / 1e6

        assert found.mean() == pytest.approx(taken.mean(), abs=1e-4)
        assert found[term > 0.8].mean() == pytest.approx(taken[term > 0.8].mean(), abs=0.03)


def test_claims_are_judged_campaign_by_campaign():
    _, campaign = some_coupons()

    gains = claims.gains_of([campaign.taken.astype(np.float32)], [campaign])

    assert gains.tolist() == pytest.approx([1.0] * int(campaign.taken.any(axis=1).sum()))
