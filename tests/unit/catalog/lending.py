"""Venues, slots and weekly plans in memory, and valid ones to start a test from."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from chassis.kernel.errors import Conflict
from services.catalog.plans.domain import WeeklyPlan
from services.catalog.slots.domain import (
    Booking,
    Calendar,
    Hold,
    HoldNotFound,
    Slot,
    booking_id,
)
from services.catalog.venues.domain import Room, Venue, VenueNotFound
from tests.unit.catalog.fakes import NOW, VENUE_OWNER, an_id


def a_venue(*, time_zone: str = "Asia/Shanghai", venue_id: str | None = None, **room) -> Venue:
    """A room for 40 in Shanghai that accepts at once, unless said otherwise."""
    given = {"name": "The back room", "capacity": 40, "equipment": ("projector",)}
    return Venue(venue_id or an_id("ven"), VENUE_OWNER, "上海", Room(**given | room), time_zone)


def a_slot(venue_id: str, *, starts_in_hours: float = 24, hours: float = 3, **changes) -> Slot:
    starts_at = NOW + timedelta(hours=starts_in_hours)
    return Slot(an_id("slt"), venue_id, starts_at, starts_at + timedelta(hours=hours), **changes)


class FakeVenues:
    """``Venues`` in a dict; remembers events."""

    def __init__(self, *venues: Venue) -> None:
        self.by_id = {venue.id: venue for venue in venues}
        self.events = []

    def get(self, venue_id):
        try:
            return self.by_id[venue_id]
        except KeyError:
            raise VenueNotFound(f"no venue {venue_id}") from None

    def find(self, venue_ids):
        return {key: self.by_id[key] for key in venue_ids if key in self.by_id}

    def save(self, decision):
        self.save_all([decision])
        return self.by_id[decision.state.id]

    def save_all(self, decisions):
        for venue, _, _ in decisions:
            known = self.by_id.get(venue.id)
            if known and venue.revision.version != known.revision.version:
                raise Conflict(f"{venue.id} moved on")
        for venue, events, _ in decisions:
            self.events += events
            after = venue.revision.after(len(events))
            self.by_id[venue.id] = replace(venue, revision=after)


class FakeCalendars:
    """``Calendars`` in dicts beside fake venues; remembers answers."""

    def __init__(self, venues: FakeVenues, *slots: Slot) -> None:
        self.venues = venues
        self.slots = {slot.id: replace(slot, is_stored=True) for slot in slots}
        self.holds: dict[str, Hold] = {}
        self.bookings: dict[str, Booking] = {}
        self.answers = []

    @property
    def events(self):
        return self.venues.events

    def between(self, venue_id, starts_at, ends_at):
        slots = {
            slot.id: slot
            for slot in self.slots.values()
            if slot.venue_id == venue_id and slot.starts_at < ends_at and slot.ends_at > starts_at
        }
        return Calendar(self.venues.get(venue_id), slots, holds=self._live(slots.values()))

    def find(self, places):
        wanted = {place.slot_id for place in places}
        asked = {booking_id(one.gathering_id, one.slot_id) for one in places if one.gathering_id}
        found = {}
        for key, venue in self.venues.find({place.venue_id for place in places}).items():
            mine = {
                slot.id: slot
                for slot in self.slots.values()
                if slot.venue_id == key and slot.id in wanted
            }
            bookings = {
                one.id: one
                for one in self.bookings.values()
                if one.venue_id == key and one.id in asked
            }
            found[key] = Calendar(venue, mine, bookings, self._live(mine.values()))
        return found

    def hold(self, hold_id):
        try:
            return self.holds[hold_id]
        except KeyError:
            raise HoldNotFound(f"no hold {hold_id}") from None

    def booking_of(self, slot):
        if not slot.gathering_id:
            return None
        return self.bookings.get(booking_id(slot.gathering_id, slot.id))

    def overdue(self, at, *, limit):
        found = [hold for hold in self.holds.values() if hold.is_live and hold.expires_at <= at]
        return sorted(found, key=lambda hold: hold.expires_at)[:limit]

    def save_all(self, decisions, answers=()):
        self.venues.save_all(
            [type(one)(one.state.venue, one.events) for one in decisions if one.events]
        )
        for calendar, _, _ in decisions:
            for key in calendar.closed:
                del self.slots[key]
            for key in calendar.changed:
                self._keep(calendar, key)
        self.answers += answers

    def _keep(self, calendar, key):
        for mine, theirs in (
            (self.slots, calendar.slots),
            (self.holds, calendar.holds),
            (self.bookings, calendar.bookings),
        ):
            if key in theirs:
                mine[key] = replace(theirs[key], is_stored=True)

    def _live(self, slots):
        return {slot.hold_id: self.holds[slot.hold_id] for slot in slots if slot.hold_id}


class FakePlans:
    """``Plans`` in a dict."""

    def __init__(self) -> None:
        self.by_venue: dict[str, WeeklyPlan] = {}

    def of(self, venue_id):
        return self.by_venue.get(venue_id, WeeklyPlan(venue_id=venue_id))

    def due(self, before, *, limit):
        found = [plan for plan in self.by_venue.values() if plan.planned_until < before]
        return sorted(found, key=lambda plan: (plan.planned_until, plan.venue_id))[:limit]

    def save(self, decision):
        plan = decision.state
        known = self.by_venue.get(plan.venue_id)
        if plan.revision.version != (known.revision.version if known else 0):
            raise Conflict(f"the plan of {plan.venue_id} moved on")
        saved = replace(plan, revision=plan.revision.after(0))
        self.by_venue[plan.venue_id] = saved
        return saved
