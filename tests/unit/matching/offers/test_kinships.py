"""What hosts claimed who claimed the same counts for a lot's brand and category, within a cap."""

from __future__ import annotations

import pytest

from services.matching.offers.domain import explain
from services.matching.offers.engine.breakdown import Term, score_terms
from services.matching.offers.engine.index import OfferIndex
from services.matching.offers.engine.kinships import NONE_KINDRED, Kindred, Kinships
from services.matching.offers.engine.points import DEFAULT, HALF_KINDRED, Weights
from services.matching.offers.engine.rules import brand_subsidy
from tests.unit.matching.offers.builders import BRAND, NOW, a_host, a_subsidy, lot_id, some_lot

KIN = Weights(450_000, 200_000, 100_000, 80_000, 60_000, 40_000, 20_000, 50_000)
ALIKE = Kinships(
    {"org_a": {"org_b": HALF_KINDRED, "org_c": 20}, "org_b": {"org_a": HALF_KINDRED}},
    {"tea": {"cups": 3 * HALF_KINDRED}},
)


class TestWhatIsKindred:
    def test_is_what_is_like_that_which_she_claimed(self):
        found = ALIKE.kindred({"org_a"}, {"tea"}, KIN)

        assert found == Kindred({"org_b": 25_000, "org_c": 3}, {"cups": 37_500})

    def test_adds_up_over_all_she_claimed_less_and_less(self):
        kinships = Kinships({f"org_{n}": {"org_x": HALF_KINDRED} for n in range(3)})

        worth = [
            kinships.kindred([f"org_{n}" for n in range(count)], (), KIN).brands.get("org_x", 0)
            for count in range(4)
        ]

        assert worth == [0, 25_000, 33_333, 37_500]

    def test_is_nothing_by_weights_that_do_not_count_it(self):
        assert ALIKE.kindred({"org_a"}, {"tea"}, DEFAULT) == NONE_KINDRED

    def test_is_nothing_for_a_host_who_claimed_nothing_or_what_nobody_else_did(self):
        assert ALIKE.kindred((), (), KIN) == NONE_KINDRED
        assert ALIKE.kindred({"org_never_heard_of"}, {"hair"}, KIN) == NONE_KINDRED


class TestALotsPoints:
    @pytest.mark.parametrize(
        ("kindred", "points"),
        [
            (NONE_KINDRED, 0),
            (Kindred({BRAND: 20_000}, {}), 20_000),
            (Kindred({}, {"tea": 15_000}), 15_000),
            (Kindred({BRAND: 20_000}, {"tea": 15_000}), 35_000),
            (Kindred({BRAND: 40_000}, {"tea": 40_000}), KIN.kindred),
            (Kindred({"org_b": 40_000}, {"cups": 40_000}), 0),
        ],
    )
    def test_are_those_of_brand_and_category_up_to_the_weight(self, kindred, points):
        """Its category is the first tag: "cups" is only another."""
        lot = some_lot(tags=("tea", "cups"))

        terms = score_terms(lot, 0, a_host(kindred=kindred), NOW.toordinal(), KIN)

        assert terms[Term.KINDRED] == points

    @pytest.mark.parametrize(
        ("kindred", "says"),
        [
            (Kindred({BRAND: 1}, {}), "also claimed from this brand."),
            (Kindred({}, {"tea": 1}), "also claimed of this category."),
            (
                Kindred({BRAND: 1}, {"tea": 1}),
                "also claimed from this brand and of this category.",
            ),
            (NONE_KINDRED, "are not known to have claimed from this brand, or of this category."),
        ],
    )
    def test_are_told_with_what_they_are_for(self, kindred, says):
        subsidy = brand_subsidy([a_subsidy()], NOW)

        found = explain(some_lot(), subsidy, a_host(kindred=kindred), NOW, weights=KIN)

        (told,) = [term for term in found.terms if term.name == "kindred"]
        assert told.why.english == f"Hosts who claimed what you did {says}"
        assert told.why.chinese
        assert sum(term.points for term in found.terms) == found.score

    def test_bring_a_lot_before_its_equals(self):
        index = OfferIndex(NOW, KIN)
        index.put_subsidy(a_subsidy())
        for number, tags in enumerate([("tea",), ("cups",), ("hair",)]):
            index.put(some_lot(number, tags=tags))
        host = a_host(affinity={}, kindred=Kindred({}, {"hair": 9, "cups": 1}))

        found = index.top(host, 3)

        assert [each.lot_id for each in found] == [lot_id(2), lot_id(1), lot_id(0)]
        assert found[0].score - found[2].score == 9
