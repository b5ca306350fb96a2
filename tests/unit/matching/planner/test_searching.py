"""The cheapest gathering is found, each part of its cost is told, and why there is none."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest

from chassis.kernel.errors import DomainError
from chassis.kernel.money import Money
from services.matching.behaviour.domain import Deed, record
from services.matching.claims.domain import Goods
from services.matching.offers.engine.facts import Caps
from services.matching.planner.domain import DaysPassed
from services.matching.supply.domain import SlotHold
from sharing.eligibility import Clause
from tests.builders.matching import (
    BRAND,
    CO_HOST,
    HOST,
    NOW,
    OTHER_BRAND,
    STRANGER,
    a_claim,
    a_lot,
    a_version,
    an_id,
    an_offer,
    an_open_slot,
)
from tests.unit.matching.fakes import FakeBehaviour
from tests.unit.matching.planner.market import FakeParts, NothingTaken, a_planner, searched

RENT = Money(100_000, "CNY")
GATHERING = an_id("gth")
RENTED = an_open_slot(rent=RENT)


def a_market(*, lots=None, offers=None, slots=None, versions=None, **more):
    return FakeParts(
        [a_lot()] if lots is None else lots,
        [an_offer()] if offers is None else offers,
        [an_open_slot()] if slots is None else slots,
        [a_version()] if versions is None else versions,
        **more,
    )


def costs(found):
    return [(each.cash.cost, each.lent.id, each.claim.lot_id) for each in found.combinations]


def codes(found):
    return [(str(each.about), each.code, each.times) for each in found.blockers]


def missing(found):
    return [hint.code for hint in found.missing]


def with_a_record():
    behaviour = FakeBehaviour()
    behaviour.append(
        [record(Deed.SETTLED, HOST, gathering_id=GATHERING, origin=GATHERING, at=NOW)]
    )
    return behaviour


class TestCost:
    def test_is_nothing_where_the_room_is_lent_for_a_share(self):
        found = searched(a_planner(a_market()))

        (best,) = found.combinations
        assert (best.cash.cost, best.cash.owed, best.cash.left_over) == (0, 0, 80_000)
        assert found.missing == ()
        assert (found.is_complete, found.has_more) == (True, False)

    def test_is_what_the_subsidy_leaves_of_the_rent(self):
        (best,) = searched(a_planner(a_market(slots=[RENTED]))).combinations

        assert (best.cash.cost, best.cash.owed, best.cash.left_over) == (20_000, 100_000, 0)
        assert "fewer than 12" in best.worst.english

    def test_is_lessened_by_what_co_hosts_give_up_to_the_rent(self):
        planner = a_planner(a_market(slots=[RENTED]))

        (some,) = searched(planner, co_host_ids=(CO_HOST,), contribution=15_000).combinations
        (more,) = searched(planner, co_host_ids=(CO_HOST,), contribution=500_000).combinations

        assert (some.cash.cost, some.cash.owed) == (5_000, 85_000)
        assert (more.cash.cost, more.cash.owed, more.cash.left_over) == (0, 0, 80_000)

    def test_is_told_line_by_line_in_both_languages(self):
        planner = a_planner(a_market(slots=[RENTED]))

        (best,) = searched(planner, co_host_ids=(CO_HOST,), contribution=15_000).combinations

        assert [(str(line.part), line.minor, str(line.when)) for line in best.lines] == [
            ("room", 100_000, "booking"),
            ("packs", 0, "never"),
            ("fees", 0, "never"),
            ("co-hosts", -15_000, "booking"),
            ("subsidy", -80_000, "settlement"),
        ]
        assert sum(line.minor for line in best.lines) == best.cash.cost
        assert best.lines[0].why.english.startswith("The room costs 1000.00 CNY")
        assert "租金 1000.00 CNY" in best.lines[0].why.chinese

    @pytest.mark.parametrize(
        ("asked", "told"),
        [
            ({"share_basis_points": 800}, "the venue gets 8 %"),
            ({"naming": "At the Old Mill"}, "a line of naming: “At the Old Mill”"),
        ],
    )
    def test_says_what_a_room_is_lent_for_instead_of_rent(self, asked, told):
        market = a_market(slots=[an_open_slot(**asked)])

        (best,) = searched(a_planner(market)).combinations

        assert told in best.lines[0].why.english

    def test_counts_what_a_claim_would_get_now(self):
        market = a_market(offers=[an_offer(total_cap=Money(100_000, "CNY"))], slots=[RENTED])

        assert searched(a_planner(market)).combinations[0].cash.cost == 20_000


class TestOrder:
    def test_is_by_cost_and_then_by_what_is_owed_in_the_worst_case(self):
        slots = [
            an_open_slot(id=an_id("slt", 1), rent=Money(80_000, "CNY")),
            an_open_slot(id=an_id("slt", 2), rent=Money(90_000, "CNY")),
            an_open_slot(id=an_id("slt", 3)),
        ]

        found = searched(a_planner(a_market(slots=slots)))

        lot = an_id("lot")
        assert costs(found) == [
            (0, an_id("slt", 3), lot),
            (0, an_id("slt", 1), lot),
            (10_000, an_id("slt", 2), lot),
        ]

    def test_says_when_more_follow(self):
        slots = [an_open_slot(id=an_id("slt", number)) for number in range(1, 4)]

        found = searched(a_planner(a_market(slots=slots)), limit=2)

        assert (len(found.combinations), found.has_more) == (2, True)

    def test_names_every_theme_that_fits(self):
        versions = [
            a_version(name="b", digest="sha256:b", min_people=16),
            a_version(name="c", digest="sha256:c", min_people=17),
            a_version(name="a", digest="sha256:a"),
        ]

        found = searched(a_planner(a_market(versions=versions)))

        themes = found.combinations[0].themes
        assert [theme.version.name for theme in themes] == ["b", "a"]
        assert codes(found) == [("cartridge", "people-unfit", 1)]


ELSEWHERE = SlotHold(STRANGER, NOW + timedelta(hours=1), is_accepted=True)


class TestWhatCannotBe:
    @pytest.mark.parametrize(
        ("market", "barred", "hints"),
        [
            (a_market(lots=[]), [], ["no-lot"]),
            (a_market(lots=[a_lot(packs_free=0)]), [("lot", "sold-out", 1)], ["no-lot"]),
            (
                a_market(lots=[a_lot(city="Shanghai")]),
                [("lot", "other-city", 1)],
                ["no-lot"],
            ),
            (
                a_market(offers=[an_offer(min_checked_in=17)]),
                [("lot", "too-few-planned", 1)],
                ["no-lot"],
            ),
            (
                a_market(
                    offers=[
                        an_offer(eligibility=(Clause("many", "community_size > 40", "x", "x"),))
                    ]
                ),
                [("lot", "not-eligible", 1)],
                ["no-lot"],
            ),
            (
                a_market(offers=[an_offer(committed=Money(720_001, "CNY"))]),
                [("lot", "subsidy-exhausted", 1)],
                ["no-lot"],
            ),
            (a_market(slots=[]), [], ["no-slot", "slot-without-rent"]),
            (a_market(lots=[], slots=[]), [], ["no-lot", "no-slot"]),
            (
                a_market(slots=[an_open_slot(hold=ELSEWHERE)]),
                [("slot", "slot-not-free", 1)],
                ["no-slot", "slot-without-rent"],
            ),
            (
                a_market(slots=[an_open_slot(capacity=15)]),
                [("slot", "room-too-small", 1)],
                ["no-slot", "slot-without-rent"],
            ),
            (
                a_market(versions=[a_version(max_people=15)]),
                [("cartridge", "people-unfit", 1)],
                ["no-theme"],
            ),
            (
                a_market(slots=[an_open_slot(share_basis_points=900)]),
                [("pair", "venue-share-too-small", 1)],
                ["no-pair"],
            ),
        ],
    )
    def test_is_told_with_its_reason_and_what_is_missing(self, market, barred, hints):
        found = searched(a_planner(market))

        assert found.combinations == ()
        assert (codes(found), missing(found)) == (barred, hints)
        assert found.is_complete

    def test_is_told_in_both_languages_with_the_numbers_that_the_words_name(self):
        slots = [an_open_slot(id=an_id("slt", n), capacity=size) for n, size in ((1, 9), (2, 15))]
        versions = [a_version(max_people=15)]
        market = a_market(slots=[*slots, an_open_slot(id=an_id("slt", 3))], versions=versions)

        theme, room = sorted(searched(a_planner(market)).blockers)

        assert (room.code, room.times, room.members) == ("room-too-small", 2, {"most": 15})
        assert (theme.code, theme.members) == ("people-unfit", {"least": 8, "most": 15})
        for told in (theme, room):
            for name in told.members:
                assert name in told.why.english
                assert name in told.why.chinese

    def test_is_a_subsidy_of_which_the_host_has_had_her_part(self):
        market = a_market(offers=[an_offer(caps=Caps(per_host=100_000))])
        taken = NothingTaken(**{an_id("off"): 20_001})

        assert codes(searched(a_planner(market, taken=taken))) == [
            ("lot", "subsidy-host-cap-reached", 1)
        ]
        assert searched(a_planner(market)).combinations

    @pytest.mark.parametrize(
        ("limit", "refusal"),
        [({"max_packs_per_host": 2}, "host-cap-reached"), ({"packs_free": 2}, "packs-not-free")],
    )
    def test_are_more_packs_than_are_free_to_her(self, limit, refusal):
        planner = a_planner(a_market(lots=[a_lot(**limit)]))

        assert searched(planner, packs=2).combinations
        assert codes(searched(planner, packs=3)) == [("lot", refusal, 1)]

    def test_are_packs_kept_for_newcomers_once_she_has_a_record(self):
        kept = a_lot(packs_kept=2, newcomers_until=NOW + timedelta(days=1))
        market = a_market(lots=[kept])

        assert searched(a_planner(market), packs=2).combinations
        behaviour = with_a_record()
        assert searched(a_planner(market, behaviour=behaviour), packs=1).combinations
        assert codes(searched(a_planner(market, behaviour=behaviour), packs=2)) == [
            ("lot", "packs-not-free", 1)
        ]


class TestMissing:
    def test_names_what_the_rent_is_above_the_subsidy(self):
        found = searched(a_planner(a_market(slots=[RENTED])))

        above, room, gift = found.missing
        assert (above.code, above.minor) == ("rent-above-subsidy", 20_000)
        assert room.why.english == (
            "A slot in Beijing on 2026-03-04 for 16 people for a line of naming, or for a share "
            "that the claim's terms leave the venue, would make it zero."
        )
        assert (gift.code, gift.minor) == ("co-host-contribution", 20_000)

    def test_is_true_of_what_it_names(self):
        gift = {"co_host_ids": (CO_HOST,), "contribution": 20_000}
        found = searched(a_planner(a_market(slots=[RENTED])), **gift)

        assert found.combinations[0].cash.cost == 0
        assert found.missing == ()


class TestLimits:
    def test_are_told_and_what_was_found_stays_the_cheapest_of_what_was_seen(self):
        slots = [an_open_slot(id=an_id("slt", number)) for number in range(1, 5)]

        found = searched(a_planner(a_market(slots=slots)), most_checks=6)

        assert costs(found)[0] == (0, an_id("slt", 1), an_id("lot"))
        assert (found.is_complete, found.missing) == (False, ())
        assert "stopped early" in found.limits[0].english

    def test_leave_what_is_missing_open_where_nothing_was_found_yet(self):
        found = searched(a_planner(a_market(lots=[])), most_checks=0)

        assert (found.combinations, found.missing, found.is_complete) == ((), (), False)

    def test_of_reading_are_told_where_what_was_left_out_could_be_as_cheap(self):
        slots = [an_open_slot(id=an_id("slt", number)) for number in (1, 2, 3)]

        def asked(left_out, limit):
            planner = a_planner(a_market(slots=slots, left_out=left_out))
            return searched(planner, limit=limit)

        assert asked(79_999, 2).is_complete
        assert not asked(80_000, 2).is_complete
        assert "more lots" in asked(80_000, 2).limits[0].english
        # Not all that was asked for was found: what was left out may follow.
        assert not asked(79_999, 3).is_complete


class TestRefusals:
    @pytest.mark.parametrize(
        ("wrong", "code"),
        [
            ({"host_id": STRANGER}, "community-of-another-host"),
            ({"community_id": an_id("com", 7)}, "community-not-found"),
            ({"cartridge_digest": "sha256:other"}, "cartridge-not-found"),
            ({"co_host_ids": (OTHER_BRAND,)}, "not-a-co-host"),
            ({"co_host_ids": (HOST,)}, "not-a-co-host"),
            ({"co_host_ids": (CO_HOST, CO_HOST)}, "not-a-co-host"),
            ({"contribution": 1}, "contribution-of-nobody"),
            ({"last_day": (NOW - timedelta(days=2)).date()}, "days-passed"),
        ],
    )
    def test_come_before_any_search(self, wrong, code):
        planner = a_planner(a_market(lots=[]), not_hosts=(OTHER_BRAND,))

        with pytest.raises(DomainError) as refused:
            searched(planner, **wrong)

        assert refused.value.code == code


class TestDays:
    def test_have_passed_once_they_are_over_on_the_clock_that_is_furthest_behind(self):
        planner, day = a_planner(a_market()), NOW.date()
        days = {"first_day": day - timedelta(days=1), "last_day": day}
        over = datetime.combine(day, time(12), UTC) + timedelta(days=1)

        assert searched(planner, now=over - timedelta(seconds=1), **days)
        with pytest.raises(DaysPassed):
            searched(planner, now=over, **days)


class TestClaimsSheHas:
    def test_are_part_of_plans_before_others_of_equal_cost_and_nothing_more_is_claimed(self):
        own = a_claim(goods=(Goods(lot_id=an_id("lot", 9), brand_id=BRAND, packs=2),))

        first, second = searched(a_planner(a_market(claims=[own]))).combinations

        assert (first.claim, first.is_claimed) == (own, True)
        assert first.title == f"packs of {own.id}"
        assert (second.claim.lot_id, second.is_claimed) == (an_id("lot"), False)
        assert first.cash == second.cash
        packs = [line.why.english for line in first.lines if line.part == "packs"]
        assert packs[0].startswith("You have claimed these packs already")

    def test_give_the_subsidy_that_they_froze(self):
        market = a_market(lots=[], slots=[RENTED], claims=[a_claim()])

        (found,) = searched(a_planner(market)).combinations

        assert (found.cash.cost, found.cash.subsidy) == (20_000, 80_000)

    @pytest.mark.parametrize(
        ("own", "asked", "code"),
        [
            (a_claim(packs=1), {"packs": 2}, "packs-not-free"),
            (a_claim(min_checked_in=17), {}, "too-few-planned"),
            (a_claim(currency="JPY"), {}, "other-currency"),
        ],
    )
    def test_are_no_good_where_they_do_not_serve_what_is_planned(self, own, asked, code):
        found = searched(a_planner(a_market(lots=[], claims=[own])), **asked)

        assert found.combinations == ()
        assert ("claim", code, 1) in codes(found)

    def test_of_another_community_are_left_alone(self):
        market = a_market(lots=[], claims=[a_claim(community_id=an_id("com", 2))])

        assert searched(a_planner(market)).combinations == ()
