"""What facts are worth, and that the parts make the whole."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from services.matching.offers.engine import points
from services.matching.offers.engine.breakdown import Term, day, score_terms
from services.matching.offers.engine.facts import Demand
from services.matching.offers.engine.points import DEFAULT, Weights, affinity_of_tags
from tests.unit.matching.offers.builders import NOW, a_host, some_lot

TODAY = day(NOW)


class TestAffinityOfTags:
    def test_counts_people_times_weight_over_all_communities(self):
        small, large = (20, {"tea": 100, "hair": 50}), (180, {"tea": 50, "toys": 10})

        worth = affinity_of_tags([small, large])

        # tea 2,000 + 9,000, hair 1,000, toys 1,800; together 13,800
        assert worth == {
            "tea": 500_000 * 11_000 // 13_800,
            "hair": 500_000 * 1_000 // 13_800,
            "toys": 500_000 * 1_800 // 13_800,
        }

    def test_measures_by_the_three_strongest_tags(self):
        worth = affinity_of_tags([(10, {"a": 40, "b": 30, "c": 30, "d": 10})])

        assert worth == {"a": 200_000, "b": 150_000, "c": 150_000, "d": 50_000}

    def test_leaves_out_tags_that_are_not_worth_a_point(self):
        worth = affinity_of_tags([(1_000_000, {"tea": 100}), (1, {"hair": 1})])

        assert worth == {"tea": 499_999}

    def test_is_nothing_for_nobody(self):
        assert affinity_of_tags([]) == {}


class TestScoreTerms:
    def test_gives_every_term_its_points(self):
        lot = some_lot(
            tags=("tea", "toys"),
            city="suzhou",
            pack_price=60_000,
            claims=5,
            published_at=NOW - timedelta(days=7),
            best_before=NOW + timedelta(days=30),
        )
        host = a_host(affinity={"tea": 300_000, "hair": 9}, reach={"suzhou": 60}, largest=900)

        terms = score_terms(lot, 150_000, host, TODAY)

        assert terms == {
            Term.AFFINITY: 300_000,
            Term.SUBSIDY: 150_000,  # three parts of four: 150,000 to 50,000
            Term.PRICE: 66_666,  # 20 yuan a head for 60 people is 1,200; the pack costs 600
            Term.URGENCY: 40_000,
            Term.LOCAL: 60_000,
            Term.POPULARITY: 20_000,
            Term.FRESHNESS: 10_000,
            Term.KINDRED: 0,
            Term.DEMAND: 0,
        }

    def test_may_lose_more_by_demand_than_there_is(self):
        lot = some_lot(demand=Demand(points=1_000_000, last_day=TODAY))

        def score(day):
            return sum(score_terms(lot, 0, a_host(affinity={}), day).values())

        # All day long, and nothing of it on the next.
        assert score(TODAY) < 0 < score(TODAY + 1)

    def test_caps_affinity(self):
        host = a_host(affinity={"tea": 300_000, "toys": 300_000})

        terms = score_terms(some_lot(tags=("tea", "toys")), 0, host, TODAY)

        assert terms[Term.AFFINITY] == DEFAULT.affinity

    def test_has_no_urgency_without_a_date_and_most_on_the_day(self):
        keeps = score_terms(some_lot(best_before=None), 0, a_host(), TODAY)
        today = score_terms(some_lot(best_before=NOW), 0, a_host(), TODAY)

        assert keeps[Term.URGENCY] == 0
        assert today[Term.URGENCY] == DEFAULT.urgency

    def test_is_a_million_at_most(self):
        assert sum(DEFAULT) == points.MILLION == 1_000_000

    def test_is_made_of_what_the_weights_name(self):
        assert (*Weights._fields, "demand") == tuple(Term)

    def test_counts_by_the_weights_given(self):
        half = Weights(*(weight // 2 for weight in DEFAULT))
        lot = some_lot(tags=("tea",), city="suzhou", pack_price=0, best_before=NOW, claims=5)
        people = [(60, {"tea": 100})]

        def terms(weights):
            host = a_host(affinity=affinity_of_tags(people, weights), reach={"suzhou": 60})
            return score_terms(lot, 50_000, host, TODAY, weights)

        assert terms(half) == {term: count // 2 for term, count in terms(DEFAULT).items()}


class TestColumns:
    @pytest.mark.parametrize(
        "curve",
        [
            points.subsidy_points,
            points.urgency_points,
            points.popularity_points,
            points.freshness_points,
        ],
    )
    def test_give_the_same_points_as_single_numbers(self, curve):
        numbers = [0, 1, 2, 7, 29, 30, 31, 50_000, 10**9]

        assert curve(np.array(numbers)).tolist() == [curve(number) for number in numbers]

    def test_price_the_same_as_single_numbers(self):
        prices, people = [0, 1, 99, 10**9], [1, 60, 60, 5_000]

        by_column = points.price_points(np.array(prices), np.array(people))

        assert by_column.tolist() == list(map(points.price_points, prices, people))
