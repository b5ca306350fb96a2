"""The rules of holds: one at a time, until a deadline, and then the booking of its host."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chassis.kernel.money import Money
from services.catalog.slots.domain import (
    BookingNotFound,
    HoldEnded,
    HoldNotFound,
    HoldState,
    HoldTimesWrong,
    SlotHeldAlready,
    SlotNotFound,
    SlotStarted,
    SlotTaken,
    VenueTooSmall,
)
from services.catalog.slots.use_cases import (
    AboutHold,
    BookSlot,
    HoldSlot,
    Place,
    ReleaseSlot,
    accept_hold,
    book_slots,
    expire_holds,
    hold_slot,
    quote_cancellation,
    read_hold,
    refuse_hold,
    release_slots,
    withdraw_hold,
)
from services.catalog.venues.domain import Ask, PolicyName, VenueNotFound
from tests.unit.catalog.fakes import (
    BRAND,
    HOST,
    NOW,
    OTHER_HOST,
    OTHER_VENUE_OWNER,
    VENUE_OWNER,
    an_id,
)
from tests.unit.catalog.lending import FakeCalendars, FakeVenues, a_slot, a_venue

HOUR = timedelta(hours=1)


@pytest.fixture
def accepts_at_once():
    return True


@pytest.fixture
def venue(accepts_at_once):
    return a_venue(capacity=40, accepts_at_once=accepts_at_once, policy=PolicyName.MODERATE)


@pytest.fixture
def slot(venue):
    return a_slot(venue.id, starts_in_hours=240, ask=Ask(rent=Money(20_000, "CNY")))


@pytest.fixture
def calendars(venue, slot):
    return FakeCalendars(FakeVenues(venue), slot)


def hold(calendars, slot, *, now=NOW, **changes):
    given = {
        "venue_id": slot.venue_id,
        "host_id": HOST,
        "slot_id": slot.id,
        "people": 20,
        "expires_at": now + 2 * HOUR,
    }
    return hold_slot(HoldSlot(**given | changes), calendars=calendars, ids=an_id, now=now)


def book(calendars, slot, *, host_id=HOST, now=NOW, gathering_id=None):
    command = BookSlot(
        id=an_id("msg"),
        correlation_id=an_id("sag"),
        venue_id=slot.venue_id,
        slot_id=slot.id,
        gathering_id=gathering_id or an_id("gth"),
        host_id=host_id,
        people=20,
    )
    book_slots([command], calendars=calendars, now=now)
    return command, calendars.answers[-1]


def about(held, organization_id) -> AboutHold:
    return AboutHold(venue_id=held.venue_id, hold_id=held.id, organization_id=organization_id)


def kinds(calendars) -> list[str]:
    return [fact.type.split(".")[2] for fact in calendars.events]


asking = pytest.mark.parametrize("accepts_at_once", [False])


class TestHoldSlot:
    def test_keeps_the_slot_and_tells(self, calendars, slot):
        held = hold(calendars, slot)

        assert held.state is HoldState.ACCEPTED
        assert calendars.slots[slot.id].hold_id == held.id
        (fact,) = calendars.events
        assert (fact.type, fact.hold_id) == ("catalog.venue.slot-held.v1", held.id)
        assert (fact.is_accepted, fact.expires_at) == (True, NOW + 2 * HOUR)

    @asking
    def test_asks_the_owner_of_a_venue_that_wants_to_be_asked(self, calendars, slot):
        assert hold(calendars, slot).state is HoldState.ASKED
        assert calendars.events[0].is_accepted is False

    @pytest.mark.parametrize(
        ("error", "changes", "hours"),
        [
            (SlotNotFound, {"slot_id": an_id("slt")}, 0),
            (VenueNotFound, {"venue_id": an_id("ven")}, 0),
            (VenueTooSmall, {"people": 41}, 0),
            (SlotStarted, {}, 240),
            (HoldTimesWrong, {"expires_at": NOW}, 0),
            (HoldTimesWrong, {"expires_at": NOW + timedelta(days=7, seconds=1)}, 0),
            (HoldTimesWrong, {"expires_at": NOW + 240 * HOUR + HOUR}, 200),
        ],
    )
    def test_says_why_not_and_changes_nothing(self, calendars, slot, error, changes, hours):
        before = dict(calendars.slots)

        with pytest.raises(error):
            hold(calendars, slot, now=NOW + hours * HOUR, **changes)

        assert (calendars.slots, calendars.holds, calendars.events) == (before, {}, [])

    def test_lasts_seven_days_at_most(self, calendars, slot):
        held = hold(calendars, slot, expires_at=NOW + timedelta(days=7))

        assert held.is_live

    @pytest.mark.parametrize("host_id", [HOST, OTHER_HOST])
    def test_is_refused_while_another_lives(self, calendars, slot, host_id):
        held = hold(calendars, slot)

        with pytest.raises(SlotHeldAlready):
            hold(calendars, slot, host_id=host_id)

        assert calendars.holds == {held.id: replace(held, is_stored=True)}
        assert kinds(calendars) == ["slot-held"]

    def test_is_refused_once_the_slot_is_booked(self, calendars, slot):
        book(calendars, slot)

        with pytest.raises(SlotTaken):
            hold(calendars, slot)

    def test_need_not_wait_for_the_sweeper(self, calendars, slot):
        first = hold(calendars, slot)

        second = hold(calendars, slot, host_id=OTHER_HOST, now=NOW + 2 * HOUR)

        assert calendars.holds[first.id].state is HoldState.EXPIRED
        assert calendars.slots[slot.id].hold_id == second.id
        assert kinds(calendars) == ["slot-held", "hold-released", "slot-held"]


class TestExpireHolds:
    def test_frees_what_is_over_and_nothing_before(self, calendars, slot):
        held = hold(calendars, slot)

        early = expire_holds(calendars=calendars, now=NOW + 1.99 * HOUR)
        due = expire_holds(calendars=calendars, now=NOW + 2 * HOUR)
        again = expire_holds(calendars=calendars, now=NOW + 3 * HOUR)

        assert (early, due, again) == (0, 1, 0)
        assert calendars.holds[held.id].state is HoldState.EXPIRED
        assert calendars.slots[slot.id].is_free
        assert calendars.events[-1].reason == "expired"

    @asking
    def test_frees_what_the_owner_never_answered(self, calendars, slot):
        held = hold(calendars, slot)

        expire_holds(calendars=calendars, now=NOW + 2 * HOUR)

        assert calendars.holds[held.id].state is HoldState.EXPIRED

    def test_leaves_what_was_booked(self, calendars, slot):
        hold(calendars, slot)
        command, _ = book(calendars, slot)

        expire_holds(calendars=calendars, now=NOW + 3 * HOUR)

        assert calendars.slots[slot.id].gathering_id == command.gathering_id


@asking
class TestTheOwnersWord:
    def test_lets_the_host_book(self, calendars, slot):
        held = hold(calendars, slot)
        owner = about(held, VENUE_OWNER)

        accepted = accept_hold(owner, calendars=calendars, now=NOW + HOUR)
        accept_hold(owner, calendars=calendars, now=NOW + HOUR)
        _, answer = book(calendars, slot)

        assert accepted.state is HoldState.ACCEPTED
        assert answer.type == "catalog.reply.slot-booked.v1"
        assert kinds(calendars) == ["slot-held", "hold-accepted", "slot-booked"]

    def test_frees_the_slot_when_it_is_no(self, calendars, slot):
        held = hold(calendars, slot)

        refused = refuse_hold(about(held, VENUE_OWNER), calendars=calendars, now=NOW + HOUR)

        assert refused.state is HoldState.REFUSED
        assert calendars.slots[slot.id].is_free
        assert kinds(calendars) == ["slot-held", "slot-refused"]

    @pytest.mark.parametrize("act", [accept_hold, refuse_hold])
    @pytest.mark.parametrize("who", [HOST, OTHER_VENUE_OWNER, BRAND])
    def test_is_nobody_elses(self, calendars, slot, act, who):
        held = hold(calendars, slot)

        with pytest.raises(HoldNotFound):
            act(about(held, who), calendars=calendars, now=NOW + HOUR)

        assert calendars.holds[held.id].state is HoldState.ASKED

    @pytest.mark.parametrize("act", [accept_hold, refuse_hold])
    def test_comes_too_late_after_the_deadline(self, calendars, slot, act):
        held = hold(calendars, slot)

        with pytest.raises(HoldEnded):
            act(about(held, VENUE_OWNER), calendars=calendars, now=NOW + 2 * HOUR)

        assert kinds(calendars) == ["slot-held"]

    def test_is_about_a_hold_of_that_venue(self, calendars, slot):
        held = replace(about(hold(calendars, slot), VENUE_OWNER), venue_id=an_id("ven"))

        with pytest.raises(HoldNotFound):
            accept_hold(held, calendars=calendars, now=NOW)


class TestWithdrawHold:
    def test_frees_the_slot_at_the_hosts_wish(self, calendars, slot):
        held = hold(calendars, slot)

        ended = withdraw_hold(about(held, HOST), calendars=calendars, now=NOW)

        assert ended.state is HoldState.WITHDRAWN
        assert calendars.slots[slot.id].is_free
        assert calendars.events[-1].reason == "withdrawn"

    @pytest.mark.parametrize("who", [OTHER_HOST, VENUE_OWNER])
    def test_is_for_its_host_alone(self, calendars, slot, who):
        held = hold(calendars, slot)

        with pytest.raises(HoldNotFound):
            withdraw_hold(about(held, who), calendars=calendars, now=NOW)

        assert calendars.slots[slot.id].hold_id == held.id

    def test_happens_once(self, calendars, slot):
        held = hold(calendars, slot)
        withdraw_hold(about(held, HOST), calendars=calendars, now=NOW)

        with pytest.raises(HoldEnded):
            withdraw_hold(about(held, HOST), calendars=calendars, now=NOW)


class TestReadHold:
    def test_is_for_both_parties_and_nobody_else(self, calendars, slot):
        held = hold(calendars, slot)

        for who in (HOST, VENUE_OWNER):
            assert read_hold(about(held, who), calendars=calendars).id == held.id
        for who in (OTHER_HOST, OTHER_VENUE_OWNER, BRAND):
            with pytest.raises(HoldNotFound):
                read_hold(about(held, who), calendars=calendars)


class TestBookingWhatIsHeld:
    def test_turns_the_hold_into_the_booking(self, calendars, slot):
        held = hold(calendars, slot)

        command, answer = book(calendars, slot)

        assert answer.type == "catalog.reply.slot-booked.v1"
        assert calendars.holds[held.id].state is HoldState.BOOKED
        booked = calendars.slots[slot.id]
        assert (booked.gathering_id, booked.hold_id) == (command.gathering_id, "")
        assert calendars.events[-1].hold_id == held.id

    def test_is_refused_to_anybody_else(self, calendars, slot):
        held = hold(calendars, slot)

        _, answer = book(calendars, slot, host_id=OTHER_HOST)

        assert answer.code == "slot-held"
        assert calendars.slots[slot.id].hold_id == held.id
        assert kinds(calendars) == ["slot-held"]

    def test_is_anybodys_when_the_hold_is_over(self, calendars, slot):
        hold(calendars, slot)

        _, answer = book(calendars, slot, host_id=OTHER_HOST, now=NOW + 2 * HOUR)

        assert answer.type == "catalog.reply.slot-booked.v1"
        assert kinds(calendars) == ["slot-held", "hold-released", "slot-booked"]

    @asking
    def test_waits_for_the_owners_word(self, calendars, slot):
        _, unasked = book(calendars, slot)
        hold(calendars, slot)
        _, unanswered = book(calendars, slot)

        assert (unasked.code, unanswered.code) == ("hold-not-accepted",) * 2
        assert calendars.slots[slot.id].gathering_id == ""

    def test_frees_the_slot_and_tells_what_comes_back_when_it_is_released(self, calendars, slot):
        hold(calendars, slot)
        command, _ = book(calendars, slot)
        release = ReleaseSlot(
            id=an_id("msg"),
            correlation_id=command.correlation_id,
            venue_id=slot.venue_id,
            slot_id=slot.id,
            gathering_id=command.gathering_id,
        )

        release_slots([release], calendars=calendars, now=NOW + 200 * HOUR)

        assert calendars.slots[slot.id].is_free
        fact = calendars.events[-1]
        assert (fact.refund_basis_points, fact.refund) == (5_000, Money(10_000, "CNY"))


class TestQuoteCancellation:
    def quoted(self, calendars, slot, who=HOST, now=NOW):
        place = Place(slot.venue_id, slot.id)
        return quote_cancellation(place, who, calendars=calendars, now=now)

    def test_reads_the_policy_of_the_day_it_was_booked(self, calendars, slot, venue):
        book(calendars, slot)
        known = calendars.venues.get(venue.id)
        stricter = replace(known.room, policy=PolicyName.STRICT)
        calendars.venues.save(known.change(stricter, at=NOW))

        found = self.quoted(calendars, slot)

        assert (found.agreement.policy.name, found.refund_basis_points) == ("moderate", 10_000)
        assert found.refund == Money(20_000, "CNY")

    def test_reads_the_policy_of_the_day_it_was_held(self, calendars, slot, venue):
        hold(calendars, slot)
        known = calendars.venues.get(venue.id)
        calendars.venues.save(known.change(replace(known.room, policy=PolicyName.STRICT), at=NOW))
        book(calendars, slot)

        assert self.quoted(calendars, slot).agreement.policy.name == "moderate"

    def test_falls_as_the_day_comes_near_and_moves_nothing(self, calendars, slot):
        book(calendars, slot)
        before = (dict(calendars.slots), dict(calendars.bookings), list(calendars.events))

        late = self.quoted(calendars, slot, now=NOW + 200 * HOUR)

        assert late.refund == Money(10_000, "CNY")
        assert (calendars.slots, calendars.bookings, calendars.events) == before

    def test_is_for_the_host_and_the_owner(self, calendars, slot):
        book(calendars, slot)

        assert self.quoted(calendars, slot, VENUE_OWNER) == self.quoted(calendars, slot, HOST)
        for who in (OTHER_HOST, OTHER_VENUE_OWNER, BRAND, ""):
            with pytest.raises(BookingNotFound):
                self.quoted(calendars, slot, who)

    @pytest.mark.parametrize("who", [HOST, VENUE_OWNER, ""])
    def test_needs_a_booking(self, calendars, slot, who):
        hold(calendars, slot)

        with pytest.raises(BookingNotFound):
            self.quoted(calendars, slot, who)
