"""The promises of the ports about slots and plans, kept by the fakes and by MongoDB."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from cartridges.venues import Needs
from chassis.kernel.errors import Conflict
from chassis.kernel.money import Money
from chassis.mongo import atomically, collection
from services.catalog.plans.domain import DayException, Hours, Weekday, WeeklyPlan, Window
from services.catalog.plans.repositories import MongoPlans
from services.catalog.slots.domain import (
    Agreement,
    Calendar,
    HoldNotFound,
    HoldState,
    HoldWish,
    Wish,
)
from services.catalog.slots.queries import MongoSlotLists
from services.catalog.slots.repositories import MongoCalendars, ask_row
from services.catalog.slots.use_cases import Place
from services.catalog.venues.domain import Ask, PolicyName, VenueNotFound, policy_of
from services.catalog.venues.queries import MongoVenueLists
from services.catalog.venues.repositories import MongoVenues
from tests.unit.catalog.fakes import HOST, NOW, VENUE_OWNER, an_id
from tests.unit.catalog.lending import FakeCalendars, FakePlans, FakeVenues, a_slot, a_venue

BOTH = pytest.mark.parametrize("kind", ["fake", "mongo"])
RENT = Ask(rent=Money(20_000, "CNY"))


def a_hold(slot, **changes) -> HoldWish:
    given = {
        "hold_id": an_id("hld"),
        "slot_id": slot.id,
        "host_id": HOST,
        "people": 9,
        "expires_at": NOW + timedelta(hours=1),
    }
    return HoldWish(**given | changes)


@BOTH
class TestCalendars:
    @pytest.fixture
    def venues(self, kind, database):
        return FakeVenues() if kind == "fake" else MongoVenues()

    @pytest.fixture
    def calendars(self, kind, venues):
        return FakeCalendars(venues) if kind == "fake" else MongoCalendars(venues)

    @pytest.fixture
    def venue(self, venues):
        return venues.save(a_venue(policy=PolicyName.STRICT).open(at=NOW))

    @pytest.fixture
    def opening(self, calendars, venue):
        def open_slot(**options):
            slot = a_slot(venue.id, **options)
            calendar = calendars.between(venue.id, slot.starts_at, slot.ends_at)
            calendars.save_all([calendar.open_slot(slot, at=NOW)])
            return slot

        return open_slot

    def at(self, calendars, slot) -> Calendar:
        return calendars.find([Place(slot.venue_id, slot.id)])[slot.venue_id]

    def test_give_back_slots_and_what_they_cost(self, calendars, opening):
        for ask in (RENT, Ask(share_basis_points=800), Ask(naming="At the mill")):
            slot = opening(starts_in_hours=24 + 4 * len(str(ask)), ask=ask)

            assert self.at(calendars, slot).slots == {slot.id: slot}

    def test_give_back_bookings_with_what_was_agreed(self, calendars, venue, opening):
        slot = opening(ask=RENT)
        wish = Wish(gathering_id=an_id("gth"), slot_id=slot.id, host_id=HOST, people=9)
        place = Place(venue.id, slot.id, wish.gathering_id)

        calendars.save_all([self.at(calendars, slot).book(wish, at=NOW)])
        found = calendars.find([place, Place(an_id("ven"), slot.id, an_id("gth"))])

        assert found.keys() == {venue.id}
        calendar = found[venue.id]
        (booking,) = calendar.bookings.values()
        assert (booking.state, booking.is_stored) == ("booked", True)
        assert booking.agreement == Agreement(RENT, policy_of(PolicyName.STRICT))
        assert calendars.booking_of(calendar.slots[slot.id]) == booking
        assert calendars.booking_of(slot) is None
        assert calendar.venue.revision.last_sequence == 3

    def test_give_back_holds_while_they_live(self, calendars, opening):
        slot = opening()
        wish = a_hold(slot)
        calendars.save_all([self.at(calendars, slot).hold(wish, at=NOW)])

        held = self.at(calendars, slot)
        between = calendars.between(slot.venue_id, slot.starts_at, slot.ends_at)
        calendars.save_all([held.withdraw(wish.hold_id, at=NOW)])
        after = self.at(calendars, slot)

        assert held.holds.keys() == between.holds.keys() == {wish.hold_id}
        assert held.holds[wish.hold_id].is_live
        assert (after.holds, after.slots[slot.id].is_free) == ({}, True)
        assert calendars.hold(wish.hold_id).state is HoldState.WITHDRAWN
        with pytest.raises(HoldNotFound):
            calendars.hold(an_id("hld"))

    def test_put_a_hold_in_the_place_of_one_that_is_over(self, calendars, opening):
        slot = opening()
        first, second = a_hold(slot), a_hold(slot, expires_at=NOW + timedelta(hours=3))
        calendars.save_all([self.at(calendars, slot).hold(first, at=NOW)])

        later = NOW + timedelta(hours=1)
        calendars.save_all([self.at(calendars, slot).hold(second, at=later)])

        assert calendars.hold(first.hold_id).state is HoldState.EXPIRED
        assert self.at(calendars, slot).holds.keys() == {second.hold_id}

    def test_find_overdue_holds_the_longest_overdue_first(self, calendars, opening):
        wishes = []
        for place, hours in enumerate((2, 1, 9)):
            slot = opening(starts_in_hours=24 + 4 * place)
            wish = a_hold(slot, expires_at=NOW + timedelta(hours=hours))
            calendars.save_all([self.at(calendars, slot).hold(wish, at=NOW)])
            wishes.append(wish.hold_id)

        due = calendars.overdue(NOW + timedelta(hours=2), limit=9)

        assert [hold.id for hold in due] == [wishes[1], wishes[0]]
        assert len(calendars.overdue(NOW + timedelta(hours=2), limit=1)) == 1

    def test_take_closed_slots_away(self, calendars, opening):
        kept, closed = opening(), opening(starts_in_hours=48, is_planned=True)
        calendar = calendars.between(kept.venue_id, NOW, NOW + timedelta(days=9))

        calendars.save_all([calendar.follow_plan([], at=NOW)])

        after = calendars.between(kept.venue_id, NOW, NOW + timedelta(days=9))
        assert after.slots.keys() == {kept.id}
        assert closed.id not in after.slots

    def test_open_again_what_asks_for_something_else(self, calendars, opening):
        slot = opening(is_planned=True)
        calendar = calendars.between(slot.venue_id, NOW, NOW + timedelta(days=9))

        calendars.save_all([calendar.follow_plan([replace(slot, ask=RENT)], at=NOW)])

        assert self.at(calendars, slot).slots[slot.id].ask == RENT

    def test_find_every_slot_that_has_a_moment_between(self, calendars, venue, opening):
        for starts, length in ((10, 24), (34, 2), (40, 2)):
            opening(starts_in_hours=starts, hours=length)

        found = calendars.between(venue.id, NOW + timedelta(hours=33), NOW + timedelta(hours=35))
        touching = calendars.between(
            venue.id, NOW + timedelta(hours=36), NOW + timedelta(hours=40)
        )

        assert len(found.slots) == 2
        assert touching.slots == {}
        with pytest.raises(VenueNotFound):
            calendars.between(an_id("ven"), NOW, NOW + timedelta(hours=1))

    def test_refuse_to_save_over_a_venue_that_moved(self, calendars, venue):
        stale = calendars.between(venue.id, NOW, NOW + timedelta(hours=9))
        calendars.save_all([stale.open_slot(a_slot(venue.id), at=NOW)])

        with pytest.raises(Conflict):
            atomically(lambda: calendars.save_all([stale.open_slot(a_slot(venue.id), at=NOW)]))

        assert len(calendars.between(venue.id, NOW, NOW + timedelta(days=9)).slots) == 1


@BOTH
class TestPlans:
    @pytest.fixture
    def plans(self, kind, database):
        return FakePlans() if kind == "fake" else MongoPlans()

    def test_give_back_what_was_saved(self, plans):
        venue_id = an_id("ven")
        evening = Hours(time(19), time(22, 30), RENT)
        plan = WeeklyPlan(
            venue_id=venue_id,
            organization_id=VENUE_OWNER,
            windows=(Window(Weekday.SUNDAY, evening),),
            exceptions=(
                DayException(date(2026, 3, 8)),
                DayException(date(2026, 3, 15), (evening,)),
            ),
        )

        saved = plans.save(plan.reach(date(2026, 4, 1)))

        assert plans.of(venue_id) == saved
        assert saved.planned_until == date(2026, 4, 1)
        unknown = an_id("ven")
        assert plans.of(unknown) == WeeklyPlan(venue_id=unknown)

    def test_find_what_does_not_reach_far_enough(self, plans):
        short, far, shortest = (an_id("ven") for _ in range(3))
        for venue_id, day in ((short, 5), (far, 10), (shortest, 1)):
            plans.save(
                WeeklyPlan(venue_id=venue_id, organization_id=VENUE_OWNER).reach(
                    date(2026, 4, day)
                )
            )

        due = plans.due(date(2026, 4, 10), limit=9)

        assert [plan.venue_id for plan in due] == [shortest, short]
        assert len(plans.due(date(2026, 4, 10), limit=1)) == 1

    def test_refuse_to_save_over_what_was_not_seen(self, plans):
        stale = plans.save(
            WeeklyPlan(venue_id=an_id("ven"), organization_id=VENUE_OWNER).reach(date(2026, 4, 1))
        )
        plans.save(stale.reach(date(2026, 4, 2)))

        with pytest.raises(Conflict):
            plans.save(stale.reach(date(2026, 4, 3)))

        assert plans.of(stale.venue_id).planned_until == date(2026, 4, 2)


class TestEarlierVersions:
    def test_can_be_read(self, venues, calendars):
        venue = venues.save(a_venue().open(at=NOW))
        plain = a_slot(venue.id)
        calendars.save_all([Calendar(venue, {}).open_slot(plain, at=NOW)])
        new_here = ("time_zone", "indoor", "rules", "policy", "accepts_at_once")
        collection("venues").update_one({}, {"$unset": dict.fromkeys(new_here, "")})
        collection("slots").update_one(
            {}, {"$unset": dict.fromkeys(("ask", "is_planned", "hold_id"), "")}
        )

        calendar = calendars.between(venue.id, plain.starts_at, plain.ends_at)
        (row,) = MongoSlotLists().slots(venue.id, from_moment=NOW, after=NOW, limit=9)

        listed = MongoVenueLists().venues(
            Needs(indoor=True), city=None, organization_id=None, after=None, limit=9
        )

        assert [one["policy"] for one in listed] == ["flexible"]
        assert calendar.venue.room == venue.room
        assert calendar.slots == {plain.id: plain}
        assert (row["ask"], row["is_free"]) == (ask_row(plain.ask), True)


class TestLookUps:
    @pytest.mark.parametrize(
        ("name", "where", "order"),
        [
            ("slots", {"venue_id": "v", "starts_at": {"$gt": NOW, "$lt": NOW}}, None),
            ("slots", {"venue_id": "v", "ends_at": {"$gt": NOW}}, "starts_at"),
            ("slot_holds", {"is_live": True, "expires_at": {"$lte": NOW}}, "expires_at"),
            ("slot_holds", {"venue_id": "v", "_id": {"$gt": ""}}, "_id"),
            ("venue_plans", {"planned_until": {"$lt": "2026-03-01"}}, "planned_until"),
        ],
    )
    def test_use_an_index(self, database, name, where, order):
        found = collection(name).find(where)
        plan = (found.sort(order, 1) if order else found).explain()["queryPlanner"]

        assert "IXSCAN" in str(plan["winningPlan"])
        assert "COLLSCAN" not in str(plan["winningPlan"])
        assert "'SORT'" not in str(plan["winningPlan"])
