"""Proof, clocks and a neutral rule decide on a subsidy; neither side alone frees or freezes it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.payments.escrow.domain import EscrowState
from services.payments.milestones.domain import (
    MilestoneNotFound,
    MilestonesNotFound,
    NothingToObjectTo,
    NotTheOtherSide,
    NotUnderObjection,
    OtherSideUnheard,
    RuledByHeads,
)
from sharing.terms import Ending
from tests.builders.payments import VENUE
from tests.unit.payments.milestones.evenings import (
    BRAND,
    HOST,
    SUBSIDY,
    Evening,
    a_subsidy,
    moment,
)

ADVANCE, REST = 20_000, 60_000


@pytest.fixture
def evening():
    found = Evening()
    found.open()
    return found


@pytest.fixture
def counted():
    """The same where the count of those checked in is the neutral rule."""
    found = Evening(a_subsidy(by="heads"))
    found.open()
    return found


class TestBrandSilent:
    def test_the_clock_frees_what_is_proven(self, evening):
        evening.hold()

        evening.wait(2.9)
        assert evening.books == (SUBSIDY, 0, 0)
        evening.wait(0.1)

        assert evening.books == (0, SUBSIDY, 0)
        assert evening.ended_by("evening") == "silence"
        assert evening.kept.escrows.by_id[evening.escrow.id].state is EscrowState.PAID

    def test_the_band_that_was_reached_decides_how_much(self, evening):
        evening.wait(3)  # an advance, before anybody could be counted
        evening.hold(9)
        evening.wait(3)

        assert evening.books == (0, ADVANCE + REST // 2, REST // 2)

    def test_nothing_is_earned_below_the_first_band(self, evening):
        evening.hold(7)
        evening.wait(3)

        assert evening.books == (0, 0, SUBSIDY)


class TestHostSilent:
    def test_what_was_never_proven_goes_back_by_the_clock(self, evening):
        evening.wait(3)

        evening.wait(57)

        assert evening.books == (0, ADVANCE, REST)
        assert evening.ended_by("evening") == "unproven"

    def test_a_proof_that_comes_after_that_frees_nothing(self, evening):
        evening.wait(60)
        before = evening.books

        evening.hold()
        evening.wait(30)

        assert evening.books == before


class TestBrandObjects:
    def test_without_ground_the_count_decides_against_it_at_once(self, counted):
        counted.hold(16)

        counted.object(BRAND, "evening")
        counted.work()

        assert counted.state("evening") == "released"
        assert counted.ended_by("evening") == "heads"
        assert counted.books[1] == REST

    def test_with_ground_the_count_decides_for_it(self, counted):
        counted.hold(7)

        counted.object(BRAND, "evening")
        counted.work()

        assert counted.books == (ADVANCE, 0, REST)

    def test_before_the_evening_has_the_count_decide_as_soon_as_it_is_known(self, counted):
        counted.object(BRAND, "advance")
        assert counted.state("advance") == "objected"

        counted.hold(16)
        counted.work()

        assert counted.state("advance") == "released"
        assert counted.ended_by("advance") == "heads"
        assert counted.books == (REST, ADVANCE, 0)

    def test_stops_the_clock_until_the_platform_has_ruled(self, evening):
        evening.hold()
        evening.object(BRAND, "evening")
        evening.answer(HOST, "evening")
        evening.wait(6)
        assert evening.state("evening") == "objected"

        evening.rule("evening", Ending.RELEASE)
        evening.work()

        assert evening.ended_by("evening") == "platform"
        assert evening.books == (0, SUBSIDY, 0)

    @pytest.mark.parametrize(("otherwise", "hers"), [("release", REST), ("return", 0)])
    def test_cannot_freeze_it_the_default_counts_when_nobody_rules(self, otherwise, hers):
        evening = Evening(a_subsidy(otherwise=otherwise))
        evening.open()
        evening.hold()
        evening.object(BRAND, "evening")

        evening.wait(7)

        assert evening.ended_by("evening") == "default"
        assert evening.books == (0, ADVANCE + hers, REST - hers)

    def test_again_changes_nothing_and_stops_no_clock_anew(self, evening):
        evening.hold()
        evening.object(BRAND, "evening")
        once = evening.schedule

        evening.wait(5)
        evening.object(BRAND, "evening", "And another thing")

        assert evening.schedule.milestone("evening") == once.milestone("evening")
        evening.wait(2)
        assert evening.ended_by("evening") == "default"

    def test_too_late_finds_it_released(self, evening):
        evening.hold()
        evening.now = evening.now.replace(day=evening.now.day + 3)

        with pytest.raises(NothingToObjectTo):
            evening.object(BRAND, "evening")


class TestHostObjects:
    def test_cannot_free_anything_the_default_of_what_is_not_proven_is_return(self):
        evening = Evening(a_subsidy(otherwise="release"))
        evening.open()

        evening.object(HOST, "evening", "It was held, the door was broken")
        evening.wait(7)

        assert evening.ended_by("evening") == "default"
        assert evening.books == (0, ADVANCE, REST)

    def test_has_the_platform_hear_her_before_it_goes_back(self, evening):
        evening.object(HOST, "evening", "It was held, the door was broken")
        evening.wait(2)  # the brand had its time to answer

        evening.rule("evening", Ending.RELEASE)
        evening.wait(1)

        assert evening.books == (0, SUBSIDY, 0)

    def test_is_moot_once_the_proof_is_there_and_the_brand_has_its_days(self, evening):
        evening.object(HOST, "evening")
        evening.hold()

        assert evening.state("evening") == "proven"
        evening.object(BRAND, "evening")
        assert evening.state("evening") == "objected"

    def test_to_nothing_where_the_count_decides(self, counted):
        with pytest.raises(NothingToObjectTo):
            counted.object(HOST, "evening")

        counted.hold()
        with pytest.raises(NothingToObjectTo):
            counted.object(HOST, "evening")
        assert counted.state("evening") == "proven"


class TestNobodyReleasesToHimself:
    @pytest.mark.parametrize("who", [BRAND, HOST])
    def test_no_side_answers_its_own_objection(self, evening, who):
        if who == BRAND:
            evening.hold()
        evening.object(who, "evening")

        with pytest.raises(NotTheOtherSide):
            evening.answer(who, "evening")

    def test_the_platform_rules_on_nothing_that_nobody_objected_to(self, evening):
        evening.hold()

        with pytest.raises(NotUnderObjection):
            evening.rule("evening", Ending.RELEASE)

        assert evening.state("evening") == "proven"

    def test_the_platform_hears_both_sides_first(self, evening):
        evening.hold()
        evening.object(BRAND, "evening")

        with pytest.raises(OtherSideUnheard):
            evening.rule("evening", Ending.RETURN)

        assert evening.state("evening") == "objected"
        evening.wait(2)
        evening.rule("evening", Ending.RETURN)
        assert evening.state("evening") == "returned"

    def test_the_platform_does_not_rule_where_the_count_does(self):
        counted = Evening(a_subsidy(by="heads"))
        counted.open()
        counted.object(BRAND, "advance")

        with pytest.raises(RuledByHeads):
            counted.rule("advance", Ending.RELEASE)

        assert counted.state("advance") == "objected"

    @pytest.mark.parametrize("who", [VENUE, "platform"])
    def test_others_have_no_word(self, evening, who):
        with pytest.raises(MilestonesNotFound):
            evening.object(who, "evening")

    def test_only_of_what_is_stated(self, evening):
        with pytest.raises(MilestoneNotFound):
            evening.object(BRAND, "encore")


class TestCancelled:
    def test_all_of_it_is_back_what_was_paid_before_included(self, evening):
        evening.wait(3)
        assert evening.books == (REST, ADVANCE, 0)

        evening.cancel()
        evening.work()

        assert evening.books == (0, 0, SUBSIDY)

    def test_what_she_spent_of_an_advance_is_her_debt(self, evening):
        evening.wait(3)
        evening.kept.ledger.balances[f"org:{HOST}:pending"] = 0

        evening.cancel()
        evening.work()

        assert (evening.account("debt"), evening.books[2]) == (-ADVANCE, SUBSIDY)

    def test_the_same_again_changes_nothing(self, evening):
        evening.wait(3)
        evening.cancel()
        evening.work()
        once = dict(evening.kept.ledger.balances)

        evening.cancel()
        evening.work()

        assert dict(evening.kept.ledger.balances) == once


class TestFacts:
    def test_twice_change_nothing(self, evening):
        evening.hold()
        once = evening.schedule

        evening.open()
        evening.hold(3)

        assert evening.schedule == once

    def test_come_after_the_clocks_that_ended_before_them(self, evening):
        evening.now = moment(4)  # nobody looked at the clocks since

        evening.hold(9)
        evening.wait(3)

        assert evening.books == (0, ADVANCE + REST // 2, REST // 2)

    def test_of_a_gathering_that_was_never_opened_begin_nothing(self):
        evening = Evening()

        evening.hold()

        assert not evening.kept.schedules.find(evening.escrow.id).is_begun

    def test_of_a_contract_without_milestones_begin_nothing(self):
        evening = Evening({"bands": [{"heads": 8, "points": 5_000}]})

        evening.open()

        assert not evening.kept.schedules.find(evening.escrow.id).is_begun

    def test_that_come_late_begin_by_the_terms_in_force_when_it_was_opened(self):
        evening = Evening()
        (contract,) = evening.kept.contracts.by_id.values()
        without = replace(contract.versions[0], number=3, published_at=moment(1))
        later = replace(contract, versions=(*contract.versions, without))
        evening.kept.contracts.by_id[contract.id] = later

        evening.open()

        assert evening.schedule.is_begun

    def test_go_by_the_terms_that_were_in_force_when_it_was_opened(self, evening):
        (contract,) = evening.kept.contracts.by_id.values()
        later = contract.versions[0]
        evening.kept.contracts.by_id[contract.id] = type(contract)(
            id=contract.id, versions=(later,), claim_id=contract.claim_id
        )

        evening.hold(9)
        evening.wait(3)

        assert evening.books == (0, SUBSIDY // 2, SUBSIDY // 2)
