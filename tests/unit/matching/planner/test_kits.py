"""A kit is planned whole, with the best subsidy of each of its brands and its own theme."""

from __future__ import annotations

import pytest

from chassis.kernel.money import Money
from services.matching.offers.engine.facts import Caps
from sharing.eligibility import Clause
from tests.builders.matching import (
    BRAND,
    NOW,
    OTHER_BRAND,
    a_kit,
    a_kit_claim,
    a_lot,
    a_version,
    an_id,
    an_offer,
    an_open_slot,
)
from tests.unit.matching.planner.market import FakeParts, NothingTaken, a_planner, searched

KITCHEN = an_open_slot(equipment=("stove",), rent=Money(150_000, "CNY"))
PANS_OFFER = an_offer(
    id=an_id("off", 2), brand_id=OTHER_BRAND, subsidy=Money(70_000, "CNY"), min_checked_in=14
)
NEVER_MET = Clause("never", "community_size > 40", "x", "x")


def some_lots(**changes):
    return [a_lot(**changes), a_lot(id=an_id("lot", 2), brand_id=OTHER_BRAND)]


def a_market(*, lots=None, offers=None, slots=None, versions=None, kits=None, **more):
    return FakeParts(
        some_lots() if lots is None else lots,
        [an_offer(), PANS_OFFER] if offers is None else offers,
        [KITCHEN] if slots is None else slots,
        [a_version()] if versions is None else versions,
        kits=[a_kit()] if kits is None else kits,
        **more,
    )


def of_kits(found):
    return [each for each in found.combinations if each.claim.kit_id]


def codes(found):
    return [each.code for each in found.blockers if str(each.about) == "kit"]


class TestKits:
    def test_cost_nothing_where_the_subsidies_of_their_brands_together_pay_for_the_room(self):
        found = searched(a_planner(a_market()))

        (kit,) = of_kits(found)
        assert found.combinations[0] == kit
        assert (kit.cash.cost, kit.cash.subsidy, kit.title) == (0, 150_000, a_kit().title)
        assert [each.cash.cost for each in found.combinations[1:]] == [70_000, 80_000]
        assert found.missing == ()

    def test_tell_each_line_of_the_cost_in_both_languages(self):
        (kit,) = of_kits(searched(a_planner(a_market())))

        told = {str(line.part): line for line in kit.lines}
        assert told["subsidy"].why.english == (
            "2 brands give 1500.00 CNY together once the gathering is settled, if 14 or more "
            "check in."
        )
        assert "2 个品牌共补贴 1500.00 CNY" in told["subsidy"].why.chinese
        assert told["packs"].why.english.startswith("A kit, taken whole (packs: 3, brands: 2).")
        assert told["packs"].why.chinese.startswith("整套组合，共 2 个品牌 3 包。")
        assert sum(line.minor for line in kit.lines) == 0

    def test_need_no_subsidy(self):
        (kit,) = of_kits(searched(a_planner(a_market(offers=[]))))

        assert (kit.cash.cost, kit.claim.min_checked_in) == (150_000, 0)
        assert kit.lines[-1].why.english == "No subsidy goes with it."
        assert kit.worst.english == "Whoever comes, you owe 1500.00 CNY."

    def test_take_the_highest_of_a_brand_and_of_equals_the_one_that_asks_for_fewest(self):
        offers = [
            an_offer(subsidy=Money(1, "CNY")),
            an_offer(id=an_id("off", 3), min_checked_in=13),
            an_offer(id=an_id("off", 4)),
        ]

        (kit,) = of_kits(searched(a_planner(a_market(offers=offers))))

        assert [each.offer_id for each in kit.claim.subsidies] == [an_id("off", 4)]

    @pytest.mark.parametrize(
        "changes",
        [
            {"min_checked_in": 17},
            {
                "subsidy": Money(80_000, "JPY"),
                "total_cap": Money(800_000, "JPY"),
                "committed": Money(0, "JPY"),
            },
            {"eligibility": (NEVER_MET,)},
            {"caps": Caps(per_host=79_999)},
            {"closes_at": NOW},
            {"committed": Money(800_000, "CNY")},
        ],
    )
    def test_go_without_a_subsidy_that_she_would_not_get(self, changes):
        offers = [an_offer(**changes), PANS_OFFER]

        (kit,) = of_kits(searched(a_planner(a_market(offers=offers), taken=NothingTaken())))

        assert [each.offer_id for each in kit.claim.subsidies] == [PANS_OFFER.id]

    def test_bring_their_own_theme_that_no_list_of_themes_has(self):
        market = a_market(kits=[a_kit(cartridge_digest="sha256:own")])
        planner = a_planner(market)
        planner.programme.cartridges.by_id["sha256:own"] = a_version(digest="sha256:own")
        market.versions = []

        (kit,) = searched(planner).combinations

        assert [theme.version.digest for theme in kit.themes] == ["sha256:own"]

    @pytest.mark.parametrize(
        ("market", "asked", "code"),
        [
            ({"kits": [a_kit(closed="withdrawn")]}, {}, "kit-closed"),
            ({"kits": [a_kit(price=Money(1, "JPY"))]}, {}, "other-currency"),
            ({"lots": some_lots(packs_free=1)}, {}, "packs-not-free"),
            ({"lots": some_lots(max_packs_per_host=1)}, {}, "host-cap-reached"),
            ({"lots": some_lots(min_community_size=41)}, {}, "community-too-small"),
            ({}, {"packs": 4}, "packs-not-free"),
            ({"slots": [an_open_slot()]}, {}, "venue-unsuitable"),
            ({"kits": [a_kit(capacity=31)]}, {}, "venue-too-small"),
            ({"kits": [a_kit(cartridge_digest="sha256:none")]}, {}, "cartridge-not-found"),
        ],
    )
    def test_are_barred_by_the_rules_of_claiming_and_planning_them(self, market, asked, code):
        found = searched(a_planner(a_market(**market)), **asked)

        assert of_kits(found) == []
        assert code in codes(found)

    def test_are_no_good_with_another_theme_than_theirs(self):
        other = a_version(digest="sha256:other")
        planner = a_planner(a_market(versions=[a_version(), other]))

        found = searched(planner, cartridge_digest="sha256:other")

        assert of_kits(found) == []
        assert codes(found) == ["kit-other-theme"]

    def test_that_she_has_claimed_already_come_before_claiming_one(self):
        market = a_market(claims=[a_kit_claim()], offers=[an_offer()], lots=some_lots())

        first, second = of_kits(searched(a_planner(market)))

        assert (first.is_claimed, second.is_claimed) == (True, False)
        assert first.cash == second.cash
        packs = [line.why.english for line in first.lines if line.part == "packs"]
        assert packs[0].endswith(
            "You have claimed these packs already: the goods stay the brand's until they are "
            "sold, and what is left goes back."
        )

    def test_and_rooms_that_do_not_go_together_are_told_as_such(self):
        market = a_market(offers=[], slots=[an_open_slot()])

        found = searched(a_planner(market))

        assert found.combinations == ()
        assert [hint.code for hint in found.missing] == ["no-pair"]

    def test_that_fit_no_room_never_hide_what_else_there_is(self):
        kits = [a_kit(id=an_id("kit", number)) for number in range(1, 9)]
        rooms = [an_open_slot(id=an_id("slt", number)) for number in range(1, 9)]

        found = searched(a_planner(a_market(kits=kits, slots=rooms)), most_checks=20, limit=1)

        assert (found.combinations[0].cash.cost, found.combinations[0].claim.kit) == (0, None)
        assert found.is_complete is False
        assert "Not every kit" in found.limits[0].english

    def test_have_the_brands_of_their_lines(self):
        (kit,) = of_kits(searched(a_planner(a_market())))

        assert kit.claim.brand_ids == (BRAND, OTHER_BRAND)
