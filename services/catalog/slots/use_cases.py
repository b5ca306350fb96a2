"""What can be done with slots: lend hours, hold, book and release them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from chassis.kernel.decisions import Decision, Message
from chassis.kernel.errors import DomainError
from chassis.kernel.ids import Ids
from chassis.kernel.runs import Run, answer_id
from services.catalog.slots.domain import (
    Booking,
    BookingNotFound,
    BookingReleased,
    BookingState,
    Calendar,
    Hold,
    HoldNotFound,
    HoldWish,
    Quote,
    Slot,
    Wish,
    booking_id,
    quote,
)
from services.catalog.slots.events import (
    SlotBookedAnswer,
    SlotRefusedAnswer,
    SlotReleasedAnswer,
)
from services.catalog.venues.domain import SHARE_OF_TERMS, Ask, VenueNotFound


class Place(NamedTuple):
    """Where a command looks: a slot of a venue and, where it is about one, for a gathering."""

    venue_id: str
    slot_id: str
    gathering_id: str = ""


class Calendars(Protocol):
    """The venues with their slots, holds and bookings, wherever they are kept."""

    def between(self, venue_id: str, starts_at: datetime, ends_at: datetime) -> Calendar:
        """The venue with every slot that has a moment between, and the live holds on them.

        Raises ``VenueNotFound``.
        """
        ...

    def find(self, places: Sequence[Place]) -> dict[str, Calendar]:
        """Calendars by venue, each with these slots, their live holds and these bookings.

        An unknown venue has none.
        """
        ...

    def hold(self, hold_id: str) -> Hold:
        """The hold, live or ended; raise ``HoldNotFound`` rather than return None."""
        ...

    def booking_of(self, slot: Slot) -> Booking | None:
        """The booking by which a gathering has the slot now."""
        ...

    def overdue(self, at: datetime, *, limit: int) -> list[Hold]:
        """Live holds whose time is over, the longest overdue first."""
        ...

    def save_all(
        self, decisions: Sequence[Decision[Calendar]], answers: Sequence[Message] = ()
    ) -> None:
        """Store calendars, events and answers together, or raise ``Conflict``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSlot:
    """An organisation's wish to lend some hours of its room."""

    venue_id: str
    organization_id: str
    starts_at: datetime
    ends_at: datetime
    asks: Ask = SHARE_OF_TERMS


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldSlot:
    """A host's wish to keep a slot from others for a while."""

    venue_id: str
    host_id: str
    slot_id: str
    people: int
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AboutHold:
    """A party's word on a hold: the owner's to accept or refuse, the host's to withdraw."""

    venue_id: str
    hold_id: str
    organization_id: str


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


def open_slot(command: OpenSlot, *, calendars: Calendars, ids: Ids, now: datetime) -> Slot:
    """Lend some hours; another organisation's venue is as unknown as one that never was."""
    calendar = calendars.between(command.venue_id, command.starts_at, command.ends_at)
    if calendar.venue.organization_id != command.organization_id:
        raise VenueNotFound(f"no venue {command.venue_id}")
    slot = Slot(ids("slt"), command.venue_id, command.starts_at, command.ends_at, ask=command.asks)
    calendars.save_all([calendar.open_slot(slot, at=now)])
    return slot


def hold_slot(command: HoldSlot, *, calendars: Calendars, ids: Ids, now: datetime) -> Hold:
    """Keep a slot from others; the venue accepts at once, or its owner is asked."""
    calendar = _calendar(command.venue_id, command.slot_id, calendars=calendars)
    wish = HoldWish(
        hold_id=ids("hld"),
        slot_id=command.slot_id,
        host_id=command.host_id,
        people=command.people,
        expires_at=command.expires_at,
    )
    decision = calendar.hold(wish, at=now)
    calendars.save_all([decision])
    return decision.state.holds[wish.hold_id]


def accept_hold(command: AboutHold, *, calendars: Calendars, now: datetime) -> Hold:
    """Agree to lend the slot to who holds it; for the venue's owner."""
    calendar = _of_owner(command, calendars=calendars)
    return _saved(command, calendar.accept(command.hold_id, at=now), calendars=calendars)


def refuse_hold(command: AboutHold, *, calendars: Calendars, now: datetime) -> Hold:
    """Not agree, and free the slot; for the venue's owner."""
    calendar = _of_owner(command, calendars=calendars)
    return _saved(command, calendar.refuse(command.hold_id, at=now), calendars=calendars)


def withdraw_hold(command: AboutHold, *, calendars: Calendars, now: datetime) -> Hold:
    """Hold the slot no more; for the host."""
    hold = _hold(command.hold_id, command.venue_id, calendars=calendars)
    if hold.host_id != command.organization_id:
        raise HoldNotFound(f"no hold {command.hold_id}")
    calendar = _calendar(command.venue_id, hold.slot_id, calendars=calendars)
    return _saved(command, calendar.withdraw(hold.id, at=now), calendars=calendars)


def read_hold(command: AboutHold, *, calendars: Calendars) -> Hold:
    """A hold, for its host and the venue's owner; to others it is unknown."""
    hold = _hold(command.hold_id, command.venue_id, calendars=calendars)
    if hold.host_id != command.organization_id:
        _of_owner(command, calendars=calendars)
    return hold


def expire_holds(*, calendars: Calendars, now: datetime, limit: int = 200) -> int:
    """End holds whose time is over; answer how many were looked at."""
    overdue = calendars.overdue(now, limit=limit)
    run = Run(calendars.find([Place(hold.venue_id, hold.slot_id) for hold in overdue]))
    for hold in overdue:
        run.take(hold.venue_id, run.states[hold.venue_id].expire(hold.id, at=now))
    calendars.save_all(run.decisions(), run.answers)
    return len(overdue)


def quote_cancellation(
    place: Place, organization_id: str, *, calendars: Calendars, now: datetime
) -> Quote:
    """What cancelling a booking now would give back; for its host and the venue's owner.

    Nothing moves: the booking is read under the terms it was made on.
    """
    calendar = _calendar(place.venue_id, place.slot_id, calendars=calendars)
    slot = calendar.slots.get(place.slot_id)
    parties = {calendar.venue.organization_id, slot.host_id if slot else ""}
    booking = calendars.booking_of(slot) if slot and organization_id in parties else None
    if slot is None or booking is None or booking.agreement is None:
        raise BookingNotFound(f"no booking of slot {place.slot_id}")
    return quote(booking.agreement, starts_at=slot.starts_at, at=now)


def book_slots(commands: Sequence[BookSlot], *, calendars: Calendars, now: datetime) -> None:
    """Answer every command, in order: the slot is the gathering's, or why not."""
    run = Run(calendars.find([_place(command) for command in commands]))
    for command in commands:
        run.answers.append(_booked(command, run, now))
    calendars.save_all(run.decisions(), run.answers)


def release_slots(commands: Sequence[ReleaseSlot], *, calendars: Calendars, now: datetime) -> None:
    """Answer every command, in order: the gathering holds the slot no more."""
    run = Run(calendars.find([_place(command) for command in commands]))
    for command in commands:
        if calendar := run.states.get(command.venue_id):
            run.take(
                command.venue_id, calendar.release(command.gathering_id, command.slot_id, at=now)
            )
        run.answers.append(
            SlotReleasedAnswer(
                id=answer_id(command.id),
                correlation_id=command.correlation_id,
                gathering_id=command.gathering_id,
                slot_id=command.slot_id,
                occurred_at=now,
            )
        )
    calendars.save_all(run.decisions(), run.answers)


def _calendar(venue_id: str, slot_id: str, *, calendars: Calendars) -> Calendar:
    found = calendars.find([Place(venue_id, slot_id)])
    if venue_id not in found:
        raise VenueNotFound(f"no venue {venue_id}")
    return found[venue_id]


def _hold(hold_id: str, venue_id: str, *, calendars: Calendars) -> Hold:
    hold = calendars.hold(hold_id)
    if hold.venue_id != venue_id:
        raise HoldNotFound(f"no hold {hold_id}")
    return hold


def _of_owner(command: AboutHold, *, calendars: Calendars) -> Calendar:
    hold = _hold(command.hold_id, command.venue_id, calendars=calendars)
    calendar = _calendar(command.venue_id, hold.slot_id, calendars=calendars)
    if calendar.venue.organization_id != command.organization_id:
        raise HoldNotFound(f"no hold {command.hold_id}")
    return calendar


def _saved(command: AboutHold, decision: Decision[Calendar], *, calendars: Calendars) -> Hold:
    calendars.save_all([decision])
    return decision.state.holds[command.hold_id]


def _booked(command: BookSlot, run: Run[Calendar], now: datetime) -> Message:
    calendar = run.states.get(command.venue_id)
    if calendar is None:
        return _refusal(command, VenueNotFound(f"no venue {command.venue_id}"), now)
    wish = Wish(
        gathering_id=command.gathering_id,
        slot_id=command.slot_id,
        host_id=command.host_id,
        people=command.people,
    )
    decision = calendar.book(wish, at=now)
    run.take(command.venue_id, decision)
    booking = decision.state.bookings[booking_id(command.gathering_id, command.slot_id)]
    if booking.state is BookingState.BOOKED:
        return SlotBookedAnswer(
            id=answer_id(command.id),
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
        id=answer_id(command.id),
        correlation_id=command.correlation_id,
        gathering_id=command.gathering_id,
        slot_id=command.slot_id,
        code=why.code,
        detail=why.detail if isinstance(why, Booking) else str(why),
        occurred_at=now,
    )


def _place(command: SlotCommand) -> Place:
    return Place(command.venue_id, command.slot_id, command.gathering_id)
