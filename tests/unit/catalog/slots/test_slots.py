"""The rules of slots, and commands about them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from services.catalog.slots.domain import Calendar, SlotsOverlap, SlotTimesWrong
from services.catalog.slots.events import (
    SlotBookedAnswer,
    SlotRefusedAnswer,
    SlotReleasedAnswer,
)
from services.catalog.slots.use_cases import (
    BookSlot,
    OpenSlot,
    ReleaseSlot,
    book_slots,
    open_slot,
    release_slots,
)
from services.catalog.venues.domain import VenueNotFound
from tests.unit.catalog.fakes import HOST, NOW, OTHER_BRAND, VENUE_OWNER, an_id
from tests.unit.catalog.lending import FakeCalendars, FakeVenues, a_slot, a_venue


@pytest.fixture
def venue():
    return a_venue(capacity=40)


@pytest.fixture
def slot(venue):
    return a_slot(venue.id)


@pytest.fixture
def calendars(venue, slot):
    return FakeCalendars(FakeVenues(venue), slot)


def a_booking(slot, **changes) -> BookSlot:
    given = {
        "id": an_id("msg"),
        "correlation_id": an_id("sag"),
        "venue_id": slot.venue_id,
        "slot_id": slot.id,
        "gathering_id": an_id("gth"),
        "host_id": HOST,
        "people": 20,
    }
    return BookSlot(**given | changes)


def a_release(booking: BookSlot) -> ReleaseSlot:
    return ReleaseSlot(
        id=an_id("msg"),
        correlation_id=booking.correlation_id,
        venue_id=booking.venue_id,
        slot_id=booking.slot_id,
        gathering_id=booking.gathering_id,
    )


def book(calendars, *commands, now=NOW):
    book_slots(commands, calendars=calendars, now=now)
    return calendars.answers[-len(commands) :]


class TestOpenSlot:
    def test_announces_the_hours(self, venue):
        calendars = FakeCalendars(FakeVenues(venue))
        starts_at, ends_at = NOW + timedelta(hours=1), NOW + timedelta(hours=4)
        command = OpenSlot(
            venue_id=venue.id, organization_id=VENUE_OWNER, starts_at=starts_at, ends_at=ends_at
        )

        slot = open_slot(command, calendars=calendars, ids=an_id, now=NOW)

        assert calendars.slots[slot.id].is_free
        (fact,) = calendars.events
        assert (fact.slot_id, fact.starts_at, fact.ends_at) == (slot.id, starts_at, ends_at)

    def test_knows_no_venue_of_another_organisation(self, venue):
        calendars = FakeCalendars(FakeVenues(venue))
        for venue_id, owner in ((venue.id, OTHER_BRAND), (an_id("ven"), VENUE_OWNER)):
            command = OpenSlot(
                venue_id=venue_id,
                organization_id=owner,
                starts_at=NOW + timedelta(hours=1),
                ends_at=NOW + timedelta(hours=2),
            )
            with pytest.raises(VenueNotFound):
                open_slot(command, calendars=calendars, ids=an_id, now=NOW)

        assert calendars.slots == {}

    @pytest.mark.parametrize(
        ("starts_in_hours", "hours"), [(0, 1), (-1, 3), (1, 0), (1, -1), (1, 24.1)]
    )
    def test_refuses_times_that_cannot_be_kept(self, venue, starts_in_hours, hours):
        slot = a_slot(venue.id, starts_in_hours=starts_in_hours, hours=hours)

        with pytest.raises(SlotTimesWrong):
            Calendar(venue, {}).open_slot(slot, at=NOW)

    @pytest.mark.parametrize(("starts_in_hours", "hours"), [(9, 2), (11, 1), (10, 3), (12.9, 1)])
    def test_refuses_hours_that_are_lent_already(self, venue, starts_in_hours, hours):
        lent = a_slot(venue.id, starts_in_hours=10, hours=3)
        calendar = Calendar(venue, {lent.id: lent})

        with pytest.raises(SlotsOverlap) as refused:
            calendar.open_slot(
                a_slot(venue.id, starts_in_hours=starts_in_hours, hours=hours), at=NOW
            )

        assert refused.value.members == {"slot_id": lent.id}

    @pytest.mark.parametrize("starts_in_hours", [8, 13])
    def test_lets_slots_touch(self, venue, starts_in_hours):
        lent = a_slot(venue.id, starts_in_hours=10, hours=3)
        next_to_it = a_slot(venue.id, starts_in_hours=starts_in_hours, hours=2)

        after = Calendar(venue, {lent.id: lent}).open_slot(next_to_it, at=NOW).state

        assert after.slots.keys() == {lent.id, next_to_it.id}


class TestBookSlots:
    def test_gives_the_slot_and_answers(self, calendars, slot):
        command = a_booking(slot)

        (answer,) = book(calendars, command)

        assert isinstance(answer, SlotBookedAnswer)
        assert answer.key == command.correlation_id
        assert calendars.slots[slot.id].gathering_id == command.gathering_id
        (fact,) = calendars.events
        assert (fact.type, fact.slot_id) == ("catalog.venue.slot-booked.v1", slot.id)
        assert fact.venue_org_id.startswith("org_")
        assert fact.rent == slot.ask.rent

    def test_gives_it_to_one_of_a_hundred(self, calendars, slot):
        answers = book(calendars, *(a_booking(slot) for _ in range(100)))

        assert [type(answer) for answer in answers] == [SlotBookedAnswer] + [
            SlotRefusedAnswer
        ] * 99
        assert {answer.code for answer in answers[1:]} == {"slot-taken"}
        assert len(calendars.events) == 1

    def test_answers_a_repeat_the_same(self, calendars, slot):
        command = a_booking(slot)
        book(calendars, command)

        (again,) = book(calendars, replace(command, id=an_id("msg")))

        assert isinstance(again, SlotBookedAnswer)
        assert len(calendars.events) == 1

    @pytest.mark.parametrize(
        ("code", "changes", "hours"),
        [
            ("slot-not-found", {"slot_id": an_id("slt")}, 0),
            ("venue-not-found", {"venue_id": an_id("ven")}, 0),
            ("venue-too-small", {"people": 41}, 0),
            ("slot-started", {}, 24),
        ],
    )
    def test_answers_why_not_and_changes_nothing(self, calendars, slot, code, changes, hours):
        before = dict(calendars.slots)

        (answer,) = book(calendars, a_booking(slot, **changes), now=NOW + timedelta(hours=hours))

        assert answer.code == code
        assert calendars.slots == before
        assert calendars.events == []

    def test_takes_as_many_people_as_there_is_room_for(self, calendars, slot):
        (answer,) = book(calendars, a_booking(slot, people=40))

        assert isinstance(answer, SlotBookedAnswer)

    def test_stays_refused_when_the_slot_comes_free(self, calendars, slot):
        first, second = a_booking(slot), a_booking(slot)
        book(calendars, first, second)
        release_slots([a_release(first)], calendars=calendars, now=NOW)

        (again,) = book(calendars, replace(second, id=an_id("msg")))

        assert again.code == "slot-taken"
        assert calendars.slots[slot.id].is_free


class TestReleaseSlots:
    def test_frees_the_slot_for_another(self, calendars, slot):
        first, second = a_booking(slot), a_booking(slot)
        book(calendars, first)

        release_slots([a_release(first)], calendars=calendars, now=NOW)
        (answer,) = book(calendars, second)

        assert isinstance(answer, SlotBookedAnswer)
        assert [fact.type.split(".")[2] for fact in calendars.events] == [
            "slot-booked",
            "slot-released",
            "slot-booked",
        ]

    def test_happens_once_and_is_answered_every_time(self, calendars, slot):
        command = a_booking(slot)
        book(calendars, command)

        release_slots([a_release(command), a_release(command)], calendars=calendars, now=NOW)

        assert [type(answer) for answer in calendars.answers[1:]] == [SlotReleasedAnswer] * 2
        assert len(calendars.events) == 2

    def test_never_frees_what_another_gathering_has(self, calendars, slot):
        holder, loser = a_booking(slot), a_booking(slot)
        book(calendars, holder, loser)

        release_slots([a_release(loser)], calendars=calendars, now=NOW)

        assert calendars.slots[slot.id].gathering_id == holder.gathering_id

    def test_that_comes_before_its_booking_wins(self, calendars, slot):
        command = a_booking(slot)
        release_slots([a_release(command)], calendars=calendars, now=NOW)

        (answer,) = book(calendars, command)

        assert answer.code == "booking-released"
        assert calendars.slots[slot.id].is_free

    def test_is_answered_for_a_venue_that_never_was(self):
        calendars = FakeCalendars(FakeVenues())

        release_slots([a_release(a_booking(a_slot(an_id("ven"))))], calendars=calendars, now=NOW)

        assert [type(answer) for answer in calendars.answers] == [SlotReleasedAnswer]
