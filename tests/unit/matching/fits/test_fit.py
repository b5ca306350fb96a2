"""How a host and a brand suit each other: both sides count, each in named terms."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chassis.kernel.money import Money
from services.matching.fits.domain import ACCEPTS, WANTS, fit
from services.matching.offers.domain import Holding, facts_of
from services.matching.pictures.domain import HostRecord, Signs
from sharing.eligibility import Clause
from tests.unit.matching.fits.builders import a_picture, an_assortment, some_people
from tests.unit.matching.offers.builders import HOST, NOW, an_offer, an_offered_lot, lot_id


def points(side):
    return {term.name: term.points for term in side}


class TestAFit:
    def test_is_the_product_of_what_each_side_says_in_named_terms(self):
        found = fit(a_picture(), an_assortment(), NOW)

        assert points(found.wants) == {
            "beginning": 10_000,
            "interests": 600_000,  # tea is all her people care about
            "subsidy": 115_000,  # half of the most for 500 yuan
            "choice": 25_000,
        }
        assert points(found.accepts) == {
            "beginning": 10_000,
            "people": 200_000,  # 60 people, half of it reached by 30
            "record": 240_000,  # 800 per mille of a host of whom nothing is known
            "rhythm": 0,
            "audience": 180_000,
            "room": 40_000,
        }
        assert (found.host_wants, found.brand_accepts) == (750_000, 670_000)
        assert found.score == 750_000 * 670_000 // 1_000_000

    def test_says_the_fact_behind_each_term_in_both_languages(self):
        found = fit(a_picture(), an_assortment(), NOW)

        said = {term.name: term.why for term in (*found.wants, *found.accepts)}
        assert said["interests"].english == "Of what the people care about, the lots meet tea."
        assert said["people"].chinese == "货品可到达的最大社群有 60 人；要求 1 人。"
        assert said["audience"].english == "The people care about 1 of the brand's 1 lot."
        assert all(
            why.english.endswith(".") and why.chinese.endswith("。") for why in said.values()
        )
        assert tuple(term.name for term in found.wants) == WANTS
        assert tuple(term.name for term in found.accepts) == ACCEPTS

    def test_grows_with_a_record_and_a_rhythm(self):
        weekly = tuple(NOW - timedelta(days=7 * week) for week in range(12))
        steady = a_picture(begun=weekly, record=HostRecord(approved=90, settled=90))

        found = points(fit(steady, an_assortment(), NOW).accepts)

        assert found["record"] == 300_000 * 980 // 1_000
        assert found["rhythm"] == 150_000 * 12 // 16

    def test_counts_what_behaviour_made_of_her_interests(self):
        people = some_people(tags={"tea": 50, "toys": 50})
        before = fit(a_picture(people=(people,)), an_assortment(), NOW)
        after = fit(
            a_picture(people=(people,), shown={"tea": Signs(9, came=200)}), an_assortment(), NOW
        )

        assert points(before.wants)["interests"] == 300_000
        assert points(after.wants)["interests"] > 380_000

    def test_has_the_lots_she_may_have_best_first(self):
        lots = (
            an_offered_lot(id=lot_id(1), tags=("toys",)),
            an_offered_lot(id=lot_id(2)),
            an_offered_lot(id=lot_id(3), city="Xian"),
            an_offered_lot(id=lot_id(4), min_community_size=61),
        )

        found = fit(a_picture(), an_assortment(lots=lots), NOW)

        assert found.lot_ids(facts_of(a_picture()), NOW) == [lot_id(2), lot_id(1)]
        assert points(found.accepts)["audience"] == 180_000 * 3 // 4

    def test_leaves_to_newcomers_what_is_kept_for_them(self):
        lot = an_offered_lot(packs_free=10, packs_kept=4, newcomers_until=NOW + timedelta(days=9))
        experienced = a_picture(record=HostRecord(settled=1))

        found = [
            points(fit(each, an_assortment(lots=(lot,)), NOW).accepts)["room"]
            for each in (a_picture(), experienced)
        ]

        assert found == [40_000, 24_000]


class TestNoFit:
    @pytest.mark.parametrize(
        "lot",
        [
            {"min_community_size": 61},
            {"city": "Xian"},
            {"packs_free": 0},
            {"closed": "withdrawn"},
            {"holdings": {"clm_1": Holding(host_id=HOST, packs=2)}},
        ],
    )
    def test_is_found_where_no_lot_may_be_hers(self, lot):
        assert fit(a_picture(), an_assortment(lots=(an_offered_lot(**lot),)), NOW) is None

    def test_is_found_without_lots_or_people_or_a_subsidy(self):
        assert fit(a_picture(), an_assortment(lots=()), NOW) is None
        assert fit(a_picture(people=()), an_assortment(), NOW) is None
        assert fit(a_picture(), an_assortment(offers=()), NOW) is None
        spent = an_offer(committed=Money(100_000, "CNY"))
        assert fit(a_picture(), an_assortment(offers=(spent,)), NOW) is None

    def test_is_found_where_no_community_meets_the_conditions_of_a_subsidy(self):
        large = Clause("large", "community_size >= 61", "Sixty-one.", "六十一人。")
        strict = an_assortment(offers=(an_offer(eligibility=(large,)),))

        assert fit(a_picture(), strict, NOW) is None
        larger = a_picture(people=(some_people(), some_people(2, size=61)))
        assert fit(larger, strict, NOW) is not None

    def test_does_not_count_a_community_that_the_lots_may_not_go_to(self):
        books = Clause("books", "'books' in tags", "Readers.", "读书的人。")
        strict = an_assortment(
            lots=(an_offered_lot(city="Suzhou"),), offers=(an_offer(eligibility=(books,)),)
        )
        readers = some_people(2, city="xian", tags={"books": 10})

        assert fit(a_picture(people=(some_people(), readers)), strict, NOW) is None
        here = replace(a_picture(), people=(some_people(), readers._replace(city="suzhou")))
        assert fit(here, strict, NOW) is not None
