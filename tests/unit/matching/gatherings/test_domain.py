"""A gathering from its plan to its settlement, and who may do what to it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.matching.gatherings.domain import (
    Actor,
    CannotCancel,
    EnoughEvidence,
    GatheringNotOpen,
    NotACoHost,
    NotBegun,
    NothingToShow,
    NotTheBrand,
    NotTheHost,
    NotUnderReview,
    PeopleUnfit,
    SlotPast,
    Status,
    VenueTooSmall,
    plan,
    seats,
)
from services.matching.gatherings.events import GatheringHeld, GatheringPlanned
from tests.builders.matching import (
    AUTHOR,
    BRAND,
    CO_HOST,
    DIGEST,
    HOST,
    NOW,
    PLATFORM_ORG,
    STARTS_AT,
    STRANGER,
    VENUE_OWNER,
    a_cartridge,
    a_claim,
    a_gathering,
    a_slot,
    an_id,
    some_evidence,
)

PLATFORM = Actor(PLATFORM_ORG, is_platform=True)
HELD = {"status": Status.HELD, "held_at": STARTS_AT, "approve_by": STARTS_AT + timedelta(hours=72)}


def planned(**changes):
    given = {
        "title": "Tea under the lanterns",
        "claim": a_claim(),
        "cartridge": a_cartridge(),
        "slot": a_slot(),
        "people": 20,
        "co_host_ids": (CO_HOST,),
        "naming_rights_id": None,
        "now": NOW,
    }
    return plan(an_id("gth"), **given | changes)


class TestPlan:
    def test_pins_claim_cartridge_and_slot(self):
        state, (event,), messages = planned()

        assert state == a_gathering(status=Status.PLANNED)
        assert messages == ()
        assert event == GatheringPlanned(
            gathering_id=an_id("gth"),
            claim_id=an_id("clm"),
            host_id=HOST,
            brand_id=BRAND,
            brand_ids=(BRAND,),
            co_host_ids=(CO_HOST,),
            cartridge_digest=DIGEST,
            cartridge_id=an_id("crt"),
            author_id=AUTHOR,
            venue_id=an_id("ven"),
            slot_id=an_id("slt"),
            venue_org_id=VENUE_OWNER,
            naming_rights_id=None,
            starts_at=STARTS_AT,
            ends_at=STARTS_AT + timedelta(hours=3),
            occurred_at=NOW,
        )

    @pytest.mark.parametrize(("room", "capacity"), [(30, 20), (15, 15)])
    def test_lets_in_what_both_venue_and_cartridge_allow(self, room, capacity):
        assert seats(a_cartridge(), a_slot(capacity=room), None) == capacity

    def test_is_for_as_many_as_its_host_wishes(self):
        assert seats(a_cartridge(), a_slot(), 8) == 8

    @pytest.mark.parametrize("people", [7, 21])
    def test_refuses_more_or_fewer_than_the_theme_is_for(self, people):
        with pytest.raises(PeopleUnfit, match=f"{people} planned, 8 to 20 fit"):
            seats(a_cartridge(), a_slot(), people)

    def test_refuses_a_slot_that_has_begun(self):
        with pytest.raises(SlotPast):
            planned(now=STARTS_AT)

        planned(now=STARTS_AT - timedelta(microseconds=1))

    def test_refuses_a_venue_too_small_for_the_cartridge(self):
        with pytest.raises(VenueTooSmall, match="7 people fit, 8 needed"):
            seats(a_cartridge(), a_slot(capacity=7), None)

    @pytest.mark.parametrize("co_hosts", [(HOST,), (CO_HOST, CO_HOST)])
    def test_refuses_the_host_as_co_host_and_anybody_twice(self, co_hosts):
        with pytest.raises(NotACoHost):
            planned(co_host_ids=co_hosts)


class TestParties:
    def test_name_every_role_that_somebody_fills(self):
        assert a_gathering().parties == {
            "brand": (BRAND,),
            "host": (HOST,),
            "co_host": (CO_HOST,),
            "venue": (VENUE_OWNER,),
            "author": (AUTHOR,),
            "platform": ("platform",),
        }
        assert "co_host" not in a_gathering(co_host_ids=()).parties

    def test_are_those_who_see_it(self):
        seen_by = [
            party
            for party in (BRAND, HOST, CO_HOST, VENUE_OWNER, AUTHOR, STRANGER)
            if a_gathering().involves(party)
        ]

        assert seen_by == [BRAND, HOST, CO_HOST, VENUE_OWNER, AUTHOR]


class TestSlot:
    def test_opens_the_gathering(self):
        state, (event,), _ = a_gathering(status=Status.PLANNED).open(now=NOW)

        assert (state.status, event.type) == (Status.OPENED, "matching.gathering.opened.v1")

    def test_refuses_the_gathering_when_it_is_taken(self):
        state, (event,), _ = a_gathering(status=Status.PLANNED).refuse(
            "slot-taken", "taken by another", now=NOW
        )

        assert (state.status, state.refusal_code) == (Status.REFUSED, "slot-taken")
        assert event.code == "slot-taken"

    @pytest.mark.parametrize("status", set(Status) - {Status.PLANNED})
    def test_is_answered_once(self, status):
        with pytest.raises(GatheringNotOpen):
            a_gathering(status=status).open(now=NOW)
        with pytest.raises(GatheringNotOpen):
            a_gathering(status=status).refuse("slot-taken", "", now=NOW)


class TestEvidence:
    @pytest.mark.parametrize("by", [HOST, CO_HOST])
    def test_is_added_by_host_and_co_host(self, by):
        state, events, _ = a_gathering().add_evidence(some_evidence(added_by=by))

        assert state.evidence == (some_evidence(added_by=by),)
        assert events == ()

    @pytest.mark.parametrize("by", [BRAND, VENUE_OWNER, AUTHOR, STRANGER])
    def test_is_added_by_nobody_else(self, by):
        with pytest.raises(NotTheHost):
            a_gathering().add_evidence(some_evidence(added_by=by))

    @pytest.mark.parametrize("status", set(Status) - {Status.OPENED, Status.HELD, Status.DISPUTED})
    def test_is_of_no_use_before_and_after(self, status):
        with pytest.raises(GatheringNotOpen):
            a_gathering(status=status).add_evidence(some_evidence())

    def test_ends_at_forty_pieces(self):
        full = a_gathering(evidence=(some_evidence(),) * 40)

        with pytest.raises(EnoughEvidence):
            full.add_evidence(some_evidence())


class TestHold:
    ready = a_gathering(checked_in=16, evidence=(some_evidence(),))

    def test_gives_the_brand_72_hours(self):
        state, (event,), _ = self.ready.hold(by=HOST, now=STARTS_AT)

        assert (state.status, state.held_at) == (Status.HELD, STARTS_AT)
        assert event == GatheringHeld(
            gathering_id=an_id("gth"),
            claim_id=an_id("clm"),
            checked_in=16,
            approve_by=STARTS_AT + timedelta(hours=72),
            occurred_at=STARTS_AT,
        )

    def test_waits_for_the_beginning(self):
        with pytest.raises(NotBegun):
            self.ready.hold(by=HOST, now=STARTS_AT - timedelta(microseconds=1))

    @pytest.mark.parametrize("missing", [{"checked_in": 0}, {"evidence": ()}])
    def test_needs_a_guest_and_evidence(self, missing):
        with pytest.raises(NothingToShow):
            replace(self.ready, **missing).hold(by=HOST, now=STARTS_AT)

    @pytest.mark.parametrize("by", [CO_HOST, BRAND, VENUE_OWNER, AUTHOR, STRANGER])
    def test_is_for_the_host_to_say(self, by):
        with pytest.raises(NotTheHost):
            self.ready.hold(by=by, now=STARTS_AT)

    @pytest.mark.parametrize("status", set(Status) - {Status.OPENED})
    def test_happens_once_and_only_when_open(self, status):
        with pytest.raises(GatheringNotOpen):
            replace(self.ready, status=status).hold(by=HOST, now=STARTS_AT)


class TestApproval:
    held = a_gathering(**HELD)

    def test_is_the_brands(self):
        state, (event,), _ = self.held.approve(by=Actor(BRAND), now=STARTS_AT)

        assert (state.status, state.approved_by, event.by) == (Status.APPROVED, "brand", "brand")

    @pytest.mark.parametrize("by", [HOST, CO_HOST, VENUE_OWNER, AUTHOR, STRANGER])
    def test_is_not_the_hosts_own(self, by):
        with pytest.raises(NotTheBrand):
            self.held.approve(by=Actor(by), now=STARTS_AT)

    def test_comes_by_silence_at_the_end_of_the_period(self):
        end = STARTS_AT + timedelta(hours=72)

        with pytest.raises(NotUnderReview):
            self.held.approve_by_silence(now=end - timedelta(microseconds=1))
        state, (event,), _ = self.held.approve_by_silence(now=end)

        assert (state.status, event.by) == (Status.APPROVED, "silence")

    def test_does_not_come_by_silence_once_disputed(self):
        disputed = replace(self.held, status=Status.DISPUTED)

        with pytest.raises(NotUnderReview):
            disputed.approve_by_silence(now=STARTS_AT + timedelta(days=30))

    def test_is_the_platforms_only_after_a_dispute(self):
        with pytest.raises(NotUnderReview):
            self.held.approve(by=PLATFORM, now=STARTS_AT)

        state, (event,), _ = replace(self.held, status=Status.DISPUTED).approve(
            by=PLATFORM, now=STARTS_AT
        )

        assert (state.status, event.by) == (Status.APPROVED, "platform")

    def test_may_withdraw_a_dispute(self):
        disputed = replace(self.held, status=Status.DISPUTED)

        assert disputed.approve(by=Actor(BRAND), now=STARTS_AT).state.status is Status.APPROVED

    @pytest.mark.parametrize("status", set(Status) - {Status.HELD, Status.DISPUTED})
    def test_skips_no_step(self, status):
        with pytest.raises(NotUnderReview):
            replace(self.held, status=status).approve(by=Actor(BRAND), now=STARTS_AT)


class TestDispute:
    held = a_gathering(**HELD)

    def test_stops_the_clock(self):
        state, (event,), _ = self.held.dispute("nobody came", by=BRAND, now=STARTS_AT)

        assert (state.status, state.why) == (Status.DISPUTED, "nobody came")
        assert "nobody came" not in str(event)

    def test_comes_in_time_or_not_at_all(self):
        with pytest.raises(NotUnderReview):
            self.held.dispute("late", by=BRAND, now=STARTS_AT + timedelta(hours=72))

    @pytest.mark.parametrize("by", [HOST, CO_HOST, VENUE_OWNER, AUTHOR, STRANGER])
    def test_is_the_brands(self, by):
        with pytest.raises(NotTheBrand):
            self.held.dispute("no", by=by, now=STARTS_AT)

    @pytest.mark.parametrize("status", set(Status) - {Status.HELD})
    def test_is_of_something_held(self, status):
        with pytest.raises(NotUnderReview):
            replace(self.held, status=status).dispute("no", by=BRAND, now=STARTS_AT)


class TestReview:
    due_at = STARTS_AT + timedelta(hours=3, days=7)

    def test_comes_a_week_after_the_end_when_nobody_said_that_it_took_place(self):
        state, (event,), _ = a_gathering().review(now=self.due_at)

        assert (state.status, event.gathering_id) == (Status.DISPUTED, an_id("gth"))
        assert "within 7 days" in state.why

    def test_comes_not_a_moment_before(self):
        with pytest.raises(NotUnderReview):
            a_gathering().review(now=self.due_at - timedelta(microseconds=1))

    @pytest.mark.parametrize("status", set(Status) - {Status.OPENED})
    def test_is_of_nothing_that_went_on(self, status):
        with pytest.raises(NotUnderReview):
            a_gathering(status=status).review(now=self.due_at)


class TestCancel:
    def test_is_a_ruling_against_the_host_once_disputed(self):
        disputed = a_gathering(status=Status.DISPUTED)

        state, _, _ = disputed.cancel("nobody came", by=PLATFORM, now=NOW)

        assert (state.status, state.why) == (Status.CANCELLED, "nobody came")

    @pytest.mark.parametrize("status", [Status.PLANNED, Status.OPENED])
    @pytest.mark.parametrize("by", [Actor(HOST), PLATFORM])
    def test_calls_it_off_before_it_is_held(self, status, by):
        state, (event,), _ = a_gathering(status=status).cancel("rain", by=by, now=NOW)

        assert (state.status, state.why) == (Status.CANCELLED, "rain")
        assert (event.claim_id, event.host_id) == (an_id("clm"), HOST)
        assert "rain" not in str(event)

    @pytest.mark.parametrize("status", set(Status) - {Status.PLANNED, Status.OPENED})
    def test_comes_too_late_afterwards(self, status):
        with pytest.raises(CannotCancel):
            a_gathering(status=status).cancel("rain", by=Actor(HOST), now=NOW)

    @pytest.mark.parametrize("by", [CO_HOST, BRAND, VENUE_OWNER, AUTHOR, STRANGER])
    def test_is_the_hosts_or_the_platforms(self, by):
        with pytest.raises(NotTheHost):
            a_gathering().cancel("rain", by=Actor(by), now=NOW)


class TestSettle:
    def test_ends_an_approved_gathering(self):
        state, (event,), _ = a_gathering(status=Status.APPROVED).settle(an_id("stl"), now=NOW)

        assert (state.status, state.settlement_id) == (Status.SETTLED, an_id("stl"))
        assert event.settlement_id == an_id("stl")

    @pytest.mark.parametrize("status", set(Status) - {Status.APPROVED})
    def test_skips_no_step_and_happens_once(self, status):
        with pytest.raises(NotUnderReview):
            a_gathering(status=status).settle(an_id("stl"), now=NOW)
