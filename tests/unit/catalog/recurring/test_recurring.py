"""The rules of recurring wishes: every occurrence is looked at, and all are held or none."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from services.catalog.plans.domain import DayException, Hours, Weekday, Window
from services.catalog.plans.use_cases import PlanWeek, plan_week
from services.catalog.recurring.domain import Conditions, OccurrencesNotFree, RecurringHours
from services.catalog.recurring.engine.rules import read_rule
from services.catalog.recurring.use_cases import hold_occurrences, list_occurrences
from services.catalog.slots.domain import VenueTooSmall
from services.catalog.slots.use_cases import BookSlot, HoldSlot, book_slots, hold_slot
from services.catalog.venues.domain import VenueNotFound
from tests.unit.catalog.fakes import HOST, NOW, OTHER_HOST, VENUE_OWNER, an_id
from tests.unit.catalog.lending import FakeCalendars, FakePlans, FakeVenues, a_venue

FIRST = datetime.combine(date(2026, 3, 3), time(19))
WEEKLY = RecurringHours(rule=read_rule("FREQ=WEEKLY;COUNT=4"), first=FIRST)


@pytest.fixture
def venue():
    return a_venue()


@pytest.fixture
def kept(venue):
    venues = FakeVenues(venue)
    return {"venues": venues, "calendars": FakeCalendars(venues), "plans": FakePlans()}


@pytest.fixture
def calendars(kept, venue):
    """Tuesdays and Wednesdays, 19:00 to 22:00, for three weeks; the second Tuesday is closed."""
    evening = Hours(time(19), time(22))
    command = PlanWeek(
        venue_id=venue.id,
        organization_id=VENUE_OWNER,
        windows=[Window(Weekday.TUESDAY, evening), Window(Weekday.WEDNESDAY, evening)],
        exceptions=[DayException(date(2026, 3, 10))],
    )
    plan_week(command, plans=kept["plans"], calendars=kept["calendars"], weeks=3, now=NOW)
    return kept["calendars"]


def looked_at(kept, venue, hours=WEEKLY, now=NOW) -> list[tuple[str, str]]:
    found = list_occurrences(venue.id, hours, **kept, now=now)
    return [(f"{one.wall:%m-%d}", one.state.value) for one in found]


def hold(kept, venue, hours=WEEKLY, **changes):
    given = {"host_id": HOST, "people": 9, "expires_at": NOW + timedelta(days=6)}
    conditions = Conditions(**given | changes)
    return hold_occurrences(venue.id, hours, conditions, **kept, ids=an_id, now=NOW)


def slot_on(calendars, day: int):
    starts_at = datetime(2026, 3, day, 11, tzinfo=UTC)
    return next(slot for slot in calendars.slots.values() if slot.starts_at == starts_at)


def book(calendars, slot) -> None:
    command = BookSlot(
        id=an_id("msg"),
        correlation_id=an_id("sag"),
        venue_id=slot.venue_id,
        slot_id=slot.id,
        gathering_id=an_id("gth"),
        host_id=OTHER_HOST,
        people=1,
    )
    book_slots([command], calendars=calendars, now=NOW)


class TestListOccurrences:
    def test_lists_conflicts_first(self, kept, venue, calendars):
        book(calendars, slot_on(calendars, 17))

        assert looked_at(kept, venue) == [
            ("03-10", "outside-plan"),
            ("03-17", "taken"),
            ("03-24", "no-slot"),  # planned, and too far ahead for slots
            ("03-03", "free"),
        ]

    def test_tells_what_is_held_until_it_is_over(self, kept, venue, calendars):
        slot = slot_on(calendars, 3)
        wish = HoldSlot(
            venue_id=venue.id,
            host_id=OTHER_HOST,
            slot_id=slot.id,
            people=1,
            expires_at=NOW + timedelta(hours=1),
        )
        hold_slot(wish, calendars=calendars, ids=an_id, now=NOW)

        assert ("03-03", "held") in looked_at(kept, venue)
        assert ("03-03", "free") in looked_at(kept, venue, now=NOW + timedelta(hours=1))

    def test_tells_what_has_begun(self, kept, venue, calendars):
        begun = datetime(2026, 3, 3, 11, tzinfo=UTC)

        assert ("03-03", "past") in looked_at(kept, venue, now=begun)

    def test_wants_slots_that_begin_just_then(self, kept, venue, calendars):
        later = replace(WEEKLY, first=FIRST + timedelta(minutes=30))

        assert ("03-03", "no-slot") in looked_at(kept, venue, later)

    def test_changes_nothing(self, kept, venue, calendars):
        before = (dict(calendars.slots), list(calendars.events))

        looked_at(kept, venue)

        assert (calendars.slots, calendars.events) == before

    def test_knows_no_venue_that_never_was(self, kept, calendars):
        with pytest.raises(VenueNotFound):
            list_occurrences(an_id("ven"), WEEKLY, **kept, now=NOW)


class TestHoldOccurrences:
    WEDNESDAYS = RecurringHours(
        rule=read_rule("FREQ=WEEKLY;COUNT=3"), first=FIRST + timedelta(days=1)
    )

    def test_holds_all_together(self, kept, venue, calendars):
        found = hold(kept, venue, self.WEDNESDAYS)

        assert [calendars.holds[one.hold_id].slot_id for one in found] == [
            slot_on(calendars, day).id for day in (4, 11, 18)
        ]
        assert [fact.type.split(".")[2] for fact in calendars.events[-3:]] == ["slot-held"] * 3

    def test_holds_none_when_one_cannot_be_had(self, kept, venue, calendars):
        book(calendars, slot_on(calendars, 11))
        before = (dict(calendars.slots), dict(calendars.holds), list(calendars.events))

        with pytest.raises(OccurrencesNotFree) as refused:
            hold(kept, venue, self.WEDNESDAYS)

        assert refused.value.members == {
            "occurrences": [{"starts_at": "2026-03-11T11:00:00.000000Z", "state": "taken"}]
        }
        assert (calendars.slots, calendars.holds, calendars.events) == before

    def test_holds_what_is_free_when_asked_to(self, kept, venue, calendars):
        book(calendars, slot_on(calendars, 11))

        found = hold(kept, venue, self.WEDNESDAYS, skip_conflicts=True)

        assert [(one.wall.day, one.hold_id is not None) for one in found] == [
            (11, False),
            (4, True),
            (18, True),
        ]

    def test_refuses_when_nothing_is_free(self, kept, venue, calendars):
        hold(kept, venue, self.WEDNESDAYS)
        before = dict(calendars.holds)

        with pytest.raises(OccurrencesNotFree):
            hold(kept, venue, self.WEDNESDAYS, skip_conflicts=True)

        assert calendars.holds == before

    def test_holds_none_for_more_people_than_fit(self, kept, venue, calendars):
        with pytest.raises(VenueTooSmall):
            hold(kept, venue, self.WEDNESDAYS, people=41)

        assert calendars.holds == {}

    def test_lets_no_hold_outlast_the_beginning(self, kept, venue, calendars):
        found = hold(kept, venue, self.WEDNESDAYS)

        ends = [calendars.holds[one.hold_id].expires_at for one in found]
        assert ends == [found[0].starts_at, NOW + timedelta(days=6), NOW + timedelta(days=6)]

    def test_keeps_to_the_wall_when_the_clocks_change(self, kept):
        paris = a_venue(time_zone="Europe/Paris")
        kept["venues"].by_id[paris.id] = paris
        across = RecurringHours(
            rule=read_rule("FREQ=WEEKLY;COUNT=2"), first=FIRST + timedelta(weeks=3)
        )

        found = list_occurrences(paris.id, across, **kept, now=NOW)

        assert [one.starts_at.hour for one in found] == [18, 17]
