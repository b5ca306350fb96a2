"""The rules of weekly plans: what slots they make, and what they leave alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from chassis.kernel.money import Money
from services.catalog.plans.domain import (
    DayException,
    Hours,
    Weekday,
    WeeklyPlan,
    Window,
    WindowsOverlap,
    WindowTooLong,
)
from services.catalog.plans.use_cases import PlanWeek, extend_plans, plan_week
from services.catalog.slots.use_cases import BookSlot, HoldSlot, book_slots, hold_slot
from services.catalog.venues.domain import Ask, VenueNotFound
from tests.unit.catalog.fakes import HOST, NOW, OTHER_VENUE_OWNER, VENUE_OWNER, an_id
from tests.unit.catalog.lending import FakeCalendars, FakePlans, FakeVenues, a_slot, a_venue

# NOW is Sunday the first of March 2026, 17:00 in Shanghai.
EVENING = Hours(time(19), time(22))
TUESDAY = Window(Weekday.TUESDAY, EVENING)
NEXT_TUESDAY = date(2026, 3, 3)
WEEKS = 3


@pytest.fixture
def venue():
    return a_venue()


@pytest.fixture
def calendars(venue):
    return FakeCalendars(FakeVenues(venue))


@pytest.fixture
def plans():
    return FakePlans()


@pytest.fixture
def planning(venue, calendars, plans):
    def plan(*windows, exceptions=(), owner=VENUE_OWNER, now=NOW):
        command = PlanWeek(
            venue_id=venue.id, organization_id=owner, windows=windows, exceptions=exceptions
        )
        return plan_week(command, plans=plans, calendars=calendars, weeks=WEEKS, now=now)

    return plan


def starts(calendars) -> list[str]:
    return sorted(slot.starts_at.isoformat() for slot in calendars.slots.values())


def kinds(calendars) -> list[str]:
    return [fact.type.split(".")[2] for fact in calendars.events]


def hours(starts_at: str, ends_at: str) -> Hours:
    return Hours(time.fromisoformat(starts_at), time.fromisoformat(ends_at))


def book(calendars, slot) -> None:
    command = BookSlot(
        id=an_id("msg"),
        correlation_id=an_id("sag"),
        venue_id=slot.venue_id,
        slot_id=slot.id,
        gathering_id=an_id("gth"),
        host_id=HOST,
        people=1,
    )
    book_slots([command], calendars=calendars, now=NOW)


class TestPlanWeek:
    def test_makes_the_slots_of_the_weeks_to_come_in_local_time(self, planning, calendars):
        plan = planning(TUESDAY)

        assert starts(calendars) == [f"2026-03-{day}T11:00:00+00:00" for day in ("03", "10", "17")]
        assert all(slot.is_planned for slot in calendars.slots.values())
        assert kinds(calendars) == ["slot-opened"] * 3
        assert plan.planned_until == date(2026, 3, 22)

    def test_makes_no_slot_that_has_begun(self, planning, calendars):
        sunday = Window(Weekday.SUNDAY, hours("17:00", "19:00"))

        planning(sunday)

        assert starts(calendars)[0] == "2026-03-08T09:00:00+00:00"

    def test_makes_the_same_again_without_a_word(self, planning, calendars):
        planning(TUESDAY)
        before = dict(calendars.slots)

        planning(TUESDAY)

        assert calendars.slots == before
        assert kinds(calendars) == ["slot-opened"] * 3

    def test_follows_exceptions(self, planning, calendars):
        closed = DayException(date(2026, 3, 10))
        longer = DayException(
            date(2026, 3, 17), (hours("10:00", "12:00"), hours("14:00", "20:00"))
        )

        planning(TUESDAY, exceptions=[closed, longer])

        assert starts(calendars) == [
            "2026-03-03T11:00:00+00:00",
            "2026-03-17T02:00:00+00:00",
            "2026-03-17T06:00:00+00:00",
        ]

    def test_takes_away_free_slots_it_wants_no_more(self, planning, calendars):
        planning(TUESDAY)

        planning()

        assert calendars.slots == {}
        assert kinds(calendars)[3:] == ["slot-closed"] * 3

    def test_never_takes_away_what_is_booked_or_held(self, planning, calendars):
        planning(TUESDAY)
        first, second, _ = sorted(calendars.slots.values(), key=lambda slot: slot.starts_at)
        book(calendars, first)
        hold_slot(
            HoldSlot(
                venue_id=second.venue_id,
                host_id=HOST,
                slot_id=second.id,
                people=1,
                expires_at=NOW + timedelta(days=1),
            ),
            calendars=calendars,
            ids=an_id,
            now=NOW,
        )

        planning(Window(Weekday.TUESDAY, hours("20:00", "23:00")))

        found = sorted(calendars.slots.values(), key=lambda slot: slot.starts_at)
        assert [slot.id for slot in found[:2]] == [first.id, second.id]
        assert starts(calendars)[2:] == ["2026-03-17T12:00:00+00:00"]

    def test_leaves_slots_opened_by_hand(self, planning, calendars, venue):
        by_hand = a_slot(venue.id, starts_in_hours=50)  # Tuesday, 19:00
        calendars.slots[by_hand.id] = by_hand

        planning(TUESDAY)
        planning()

        assert calendars.slots.keys() == {by_hand.id}

    def test_asks_anew_for_what_is_free(self, planning, calendars):
        planning(TUESDAY)
        ids = set(calendars.slots)
        rent = Ask(rent=Money(100, "CNY"))

        planning(Window(Weekday.TUESDAY, Hours(time(19), time(22), rent)))

        assert calendars.slots.keys() == ids
        assert {slot.ask for slot in calendars.slots.values()} == {rent}
        assert sorted(kinds(calendars)[3:]) == ["slot-closed"] * 3 + ["slot-opened"] * 3

    def test_moves_what_is_free_when_a_country_changes_its_clocks(self, planning, calendars):
        planning(TUESDAY)
        before = dict(calendars.slots)
        hour = timedelta(hours=1)
        for slot in before.values():  # as they were made by the rules of before
            calendars.slots[slot.id] = replace(
                slot, starts_at=slot.starts_at + hour, ends_at=slot.ends_at + hour
            )

        planning(TUESDAY)

        assert calendars.slots == before

    def test_knows_no_venue_of_another_organisation(self, planning, calendars, plans):
        with pytest.raises(VenueNotFound):
            planning(TUESDAY, owner=OTHER_VENUE_OWNER)

        assert (calendars.slots, plans.by_venue) == ({}, {})

    @pytest.mark.parametrize(
        "windows",
        [
            [TUESDAY, TUESDAY],
            [TUESDAY, Window(Weekday.TUESDAY, hours("21:59", "23:00"))],
            [
                Window(Weekday.TUESDAY, hours("22:00", "02:00")),
                Window(Weekday.WEDNESDAY, hours("01:00", "03:00")),
            ],
            [
                Window(Weekday.MONDAY, hours("01:00", "03:00")),
                Window(Weekday.SUNDAY, hours("22:00", "01:01")),
            ],
        ],
    )
    def test_refuses_windows_that_overlap(self, planning, calendars, plans, windows):
        with pytest.raises(WindowsOverlap):
            planning(*windows)

        assert (calendars.slots, plans.by_venue) == ({}, {})

    def test_lets_windows_touch_around_the_week(self, planning, calendars):
        planning(
            Window(Weekday.MONDAY, hours("01:00", "03:00")),
            Window(Weekday.SUNDAY, hours("22:00", "01:00")),
        )

        assert len(calendars.slots) == 7

    def test_refuses_hours_of_an_exception_that_overlap(self, planning, plans):
        twice = DayException(NEXT_TUESDAY, (hours("19:00", "22:00"), hours("21:00", "23:00")))

        with pytest.raises(WindowsOverlap):
            planning(TUESDAY, exceptions=[twice])

        assert plans.by_venue == {}

    @pytest.mark.parametrize("ends", ["18:01", "00:00"])
    def test_refuses_a_window_of_more_than_eighteen_hours(self, planning, plans, ends):
        with pytest.raises(WindowTooLong):
            planning(Window(Weekday.TUESDAY, hours("00:00", ends)))

        assert plans.by_venue == {}

    def test_takes_a_window_of_eighteen_hours(self, planning, calendars):
        planning(Window(Weekday.TUESDAY, hours("00:00", "18:00")))

        assert len(calendars.slots) == 3


class TestExtendPlans:
    def test_goes_on_day_by_day(self, planning, calendars, plans):
        planning(TUESDAY)
        later = NOW + timedelta(days=9)

        extended = extend_plans(plans=plans, calendars=calendars, weeks=WEEKS, now=later)
        again = extend_plans(plans=plans, calendars=calendars, weeks=WEEKS, now=later)

        assert (extended, again) == (1, 0)
        assert starts(calendars)[3:] == ["2026-03-24T11:00:00+00:00", "2026-03-31T11:00:00+00:00"]

    @pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
    def test_comes_to_an_end_wherever_it_is(self, plans, zone):
        venue = a_venue(time_zone=zone)
        calendars = FakeCalendars(FakeVenues(venue))
        command = PlanWeek(
            venue_id=venue.id, organization_id=VENUE_OWNER, windows=[TUESDAY], exceptions=[]
        )
        plan_week(command, plans=plans, calendars=calendars, weeks=WEEKS, now=NOW)

        for hour in range(48):
            now = NOW + timedelta(hours=hour)
            extend_plans(plans=plans, calendars=calendars, weeks=WEEKS, now=now)
            assert extend_plans(plans=plans, calendars=calendars, weeks=WEEKS, now=now) == 0

        assert plans.of(venue.id).planned_until >= date(2026, 3, 23)


class TestCovers:
    @pytest.mark.parametrize(
        ("moment", "covered"),
        [("10:59", False), ("11:00", True), ("13:59", True), ("14:00", False)],
    )
    def test_reads_the_wall(self, venue, moment, covered):
        plan = WeeklyPlan(
            venue_id=venue.id, organization_id=venue.organization_id, windows=(TUESDAY,)
        )
        at = datetime.combine(NEXT_TUESDAY, time.fromisoformat(moment), UTC)

        assert plan.covers(at, venue) is covered

    def test_looks_back_over_midnight(self, venue):
        late = Window(Weekday.TUESDAY, hours("22:00", "02:00"))
        plan = WeeklyPlan(
            venue_id=venue.id, organization_id=venue.organization_id, windows=(late,)
        )

        assert plan.covers(datetime(2026, 3, 3, 17, 30, tzinfo=UTC), venue)
