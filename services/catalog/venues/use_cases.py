"""What can be done with venues: open one, lend hours, book and release them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from chassis.kernel.decisions import Decision, DomainEvent, Message
from chassis.kernel.errors import DomainError
from chassis.kernel.ids import Ids, derived_id
from services.catalog.venues.domain import (
    Booking,
    BookingReleased,
    BookingState,
    Calendar,
    Slot,
    Venue,
    VenueNotFound,
    Wish,
    booking_id,
)
from services.catalog.venues.events import (
    SlotBookedAnswer,
    SlotRefusedAnswer,
    SlotReleasedAnswer,
)


class Place(NamedTuple):
    """Where a command looks: a slot of a venue, for a gathering."""

    venue_id: str
    slot_id: str
    gathering_id: str


class Venues(Protocol):
    """The venues with their calendars, wherever they are kept."""

    def add(self, decision: Decision[Venue]) -> Venue:
        """Store a new venue and its event."""
        ...

    def between(self, venue_id: str, starts_at: datetime, ends_at: datetime) -> Calendar:
        """The venue with every slot that has a moment between; raise ``VenueNotFound``."""
        ...

    def calendars(self, places: Sequence[Place]) -> dict[str, Calendar]:
        """Calendars by venue, each with these slots and bookings; an unknown one has none."""
        ...

    def save_all(
        self, decisions: Sequence[Decision[Calendar]], answers: Sequence[Message]
    ) -> None:
        """Store calendars, events and answers together, or raise ``Conflict``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenVenue:
    """An organisation's wish to lend a room."""

    organization_id: str
    name: str
    city: str
    capacity: int
    equipment: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSlot:
    """An organisation's wish to lend some hours of its room."""

    venue_id: str
    organization_id: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotCommand:
    """What a saga asks of a venue. ``id`` and ``correlation_id`` make the answer."""

    id: str
    correlation_id: str
    venue_id: str
    slot_id: str
    gathering_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BookSlot(SlotCommand):
    """Give a slot to a gathering."""

    host_id: str
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseSlot(SlotCommand):
    """Free a gathering's slot."""


def open_venue(command: OpenVenue, *, venues: Venues, ids: Ids, now: datetime) -> Venue:
    """Lend a room."""
    venue = Venue(
        id=ids("ven"),
        organization_id=command.organization_id,
        name=command.name,
        city=command.city,
        capacity=command.capacity,
        equipment=command.equipment,
    )
    return venues.add(venue.open(at=now))


def open_slot(command: OpenSlot, *, venues: Venues, ids: Ids, now: datetime) -> Slot:
    """Lend some hours; another organisation's venue is as unknown as one that never was."""
    calendar = venues.between(command.venue_id, command.starts_at, command.ends_at)
    if calendar.venue.organization_id != command.organization_id:
        raise VenueNotFound(f"no venue {command.venue_id}")
    slot = Slot(ids("slt"), command.venue_id, command.starts_at, command.ends_at)
    venues.save_all([calendar.open_slot(slot, at=now)], ())
    return slot


def book_slots(commands: Sequence[BookSlot], *, venues: Venues, now: datetime) -> None:
    """Answer every command, in order: the slot is the gathering's, or why not."""
    run = _Run(venues, commands)
    for command in commands:
        run.answers.append(_booked(command, run, now))
    run.save()


def release_slots(commands: Sequence[ReleaseSlot], *, venues: Venues, now: datetime) -> None:
    """Answer every command, in order: the gathering holds the slot no more."""
    run = _Run(venues, commands)
    for command in commands:
        if calendar := run.calendars.get(command.venue_id):
            run.take(calendar.release(command.gathering_id, command.slot_id, at=now))
        run.answers.append(
            SlotReleasedAnswer(
                id=_answer_id(command),
                correlation_id=command.correlation_id,
                gathering_id=command.gathering_id,
                slot_id=command.slot_id,
                occurred_at=now,
            )
        )
    run.save()


class _Run:
    """The calendars a run of commands works on, and all that comes of it."""

    def __init__(self, venues: Venues, commands: Sequence[SlotCommand]) -> None:
        self._venues = venues
        self.calendars = venues.calendars(
            [Place(each.venue_id, each.slot_id, each.gathering_id) for each in commands]
        )
        self.answers: list[Message] = []
        self._events: dict[str, list[DomainEvent]] = defaultdict(list)

    def take(self, decision: Decision[Calendar]) -> None:
        """Go on from what was decided."""
        self.calendars[decision.state.venue.id] = decision.state
        self._events[decision.state.venue.id] += decision.events

    def save(self) -> None:
        """Store everything that changed, at once."""
        decisions = [
            Decision(calendar, tuple(self._events[venue_id]))
            for venue_id, calendar in self.calendars.items()
            if calendar.changed
        ]
        self._venues.save_all(decisions, self.answers)


def _booked(command: BookSlot, run: _Run, now: datetime) -> Message:
    calendar = run.calendars.get(command.venue_id)
    if calendar is None:
        return _refusal(command, VenueNotFound(f"no venue {command.venue_id}"), now)
    wish = Wish(
        gathering_id=command.gathering_id,
        slot_id=command.slot_id,
        host_id=command.host_id,
        people=command.people,
    )
    decision = calendar.book(wish, at=now)
    run.take(decision)
    booking = decision.state.bookings[booking_id(command.gathering_id, command.slot_id)]
    if booking.state is BookingState.BOOKED:
        return SlotBookedAnswer(
            id=_answer_id(command),
            correlation_id=command.correlation_id,
            gathering_id=command.gathering_id,
            slot_id=command.slot_id,
            occurred_at=now,
        )
    if booking.state is BookingState.RELEASED:
        return _refusal(command, BookingReleased(f"released by {command.gathering_id}"), now)
    return _refusal(command, booking, now)


def _refusal(command: BookSlot, why: DomainError | Booking, now: datetime) -> SlotRefusedAnswer:
    return SlotRefusedAnswer(
        id=_answer_id(command),
        correlation_id=command.correlation_id,
        gathering_id=command.gathering_id,
        slot_id=command.slot_id,
        code=why.code,
        detail=why.detail if isinstance(why, Booking) else str(why),
        occurred_at=now,
    )


def _answer_id(command: SlotCommand) -> str:
    """The same command is answered under the same id, however often it is handled."""
    return derived_id("msg", command.id, "answer")
