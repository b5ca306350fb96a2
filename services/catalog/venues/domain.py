"""Venues, their slots, and the rule that a slot has one booking at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from chassis.kernel.decisions import Decision, Revision
from chassis.kernel.errors import DomainError, NotFound, RuleBroken
from chassis.kernel.ids import derived_id
from services.catalog.venues.events import SlotBooked, SlotOpened, SlotReleased, VenueOpened

LONGEST = timedelta(hours=24)


class VenueNotFound(NotFound):
    """There is no such venue."""

    code = "venue-not-found"
    hint = "Check the venue's identifier and that it belongs to your organisation."
    chinese = "没有这个场地，请核对编号及其所属组织。"


class SlotNotFound(NotFound):
    """The venue has no such slot."""

    code = "slot-not-found"
    hint = "Choose one of the venue's slots."
    chinese = "该场地没有这个时段，请选择其他时段。"


class SlotTimesWrong(RuleBroken):
    """The slot's times cannot be kept."""

    code = "slot-times-wrong"
    hint = "Start in the future, end after the start, and last 24 hours at most."
    chinese = "时段须在未来开始，结束晚于开始，且不超过 24 小时。"


class SlotsOverlap(RuleBroken):
    """The venue has a slot in these hours already."""

    code = "slots-overlap"
    hint = "Choose hours that touch no other slot of the venue."
    chinese = "与该场地已有时段重叠，请选择其他时间。"


class SlotTaken(RuleBroken):
    """Another gathering has the slot."""

    code = "slot-taken"
    hint = "Choose another slot."
    chinese = "该时段已被其他活动预订，请选择其他时段。"


class SlotStarted(RuleBroken):
    """The slot has begun already."""

    code = "slot-started"
    hint = "Choose a slot in the future."
    chinese = "该时段已经开始，请选择未来的时段。"


class VenueTooSmall(RuleBroken):
    """More people would come than the venue holds."""

    code = "venue-too-small"
    hint = "Choose a larger venue, or invite fewer people."
    chinese = "人数超过场地容量，请选择更大的场地。"


class BookingReleased(RuleBroken):
    """The gathering gave the slot up before."""

    code = "booking-released"
    hint = "Plan a new gathering."
    chinese = "该活动已放弃此时段，请重新安排活动。"


class BookingState(StrEnum):
    """What became of a gathering's wish for a slot."""

    BOOKED = "booked"
    RELEASED = "released"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Venue:
    """A room that an organisation lends to gatherings."""

    id: str
    organization_id: str
    name: str
    city: str
    capacity: int
    equipment: tuple[str, ...] = ()
    revision: Revision = Revision()

    def open(self, *, at: datetime) -> Decision[Venue]:
        """Announce a new venue."""
        fact = VenueOpened(
            venue_id=self.id,
            venue_org_id=self.organization_id,
            city=self.city,
            capacity=self.capacity,
            equipment=self.equipment,
            occurred_at=at,
        )
        return Decision(self, (fact,))


@dataclass(frozen=True, slots=True)
class Slot:
    """Some hours at a venue; ``gathering_id`` is empty while it is free."""

    id: str
    venue_id: str
    starts_at: datetime
    ends_at: datetime
    gathering_id: str = ""
    host_id: str = ""
    is_stored: bool = field(default=False, compare=False)

    @property
    def is_free(self) -> bool:
        """Whether a gathering may have it."""
        return not self.gathering_id

    def overlaps(self, other: Slot) -> bool:
        """Whether both have a moment in common; touching ends are none."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """What became of one gathering's wish for one slot; kept, so that repeats are known."""

    id: str
    venue_id: str
    slot_id: str
    gathering_id: str
    state: BookingState
    code: str = ""
    detail: str = ""
    is_stored: bool = field(default=False, compare=False)


def booking_id(gathering_id: str, slot_id: str) -> str:
    """A gathering wants a slot once, so the id follows from both."""
    return derived_id("bkg", gathering_id, slot_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A gathering's wish for a slot."""

    gathering_id: str
    slot_id: str
    host_id: str
    people: int


@dataclass(frozen=True, slots=True)
class Calendar:
    """A venue with the slots and bookings that are in question.

    ``bookings`` are known by id. ``changed`` names the slots and bookings to be saved.
    """

    venue: Venue
    slots: Mapping[str, Slot]
    bookings: Mapping[str, Booking] = field(default_factory=dict)
    changed: frozenset[str] = frozenset()

    def open_slot(self, slot: Slot, *, at: datetime) -> Decision[Calendar]:
        """Lend some more hours; the calendar must know every slot that could overlap."""
        if not at < slot.starts_at < slot.ends_at or slot.ends_at - slot.starts_at > LONGEST:
            raise SlotTimesWrong(f"{slot.starts_at.isoformat()} to {slot.ends_at.isoformat()}")
        for other in self.slots.values():
            if slot.overlaps(other):
                raise SlotsOverlap(f"overlaps {other.id}", slot_id=other.id)
        fact = SlotOpened(
            venue_id=self.venue.id,
            slot_id=slot.id,
            venue_org_id=self.venue.organization_id,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            occurred_at=at,
        )
        return Decision(self._with_slot(slot), (fact,))

    def book(self, wish: Wish, *, at: datetime) -> Decision[Calendar]:
        """Give the slot to a gathering, or note why not; an earlier answer stays."""
        key = booking_id(wish.gathering_id, wish.slot_id)
        if key in self.bookings:
            return Decision(self)
        booking = self._booking(wish.gathering_id, wish.slot_id, BookingState.BOOKED)
        if refusal := self._refusal(wish, at):
            refused = replace(
                booking, state=BookingState.REFUSED, code=refusal.code, detail=str(refusal)
            )
            return Decision(self._with_booking(refused))
        slot = replace(
            self.slots[wish.slot_id], gathering_id=wish.gathering_id, host_id=wish.host_id
        )
        fact = SlotBooked(
            venue_id=self.venue.id,
            slot_id=slot.id,
            gathering_id=wish.gathering_id,
            host_id=wish.host_id,
            occurred_at=at,
        )
        return Decision(self._with_slot(slot)._with_booking(booking), (fact,))

    def release(self, gathering_id: str, slot_id: str, *, at: datetime) -> Decision[Calendar]:
        """Free the slot; if this comes first, the booking that follows is refused."""
        known = self.bookings.get(booking_id(gathering_id, slot_id))
        if known is None:
            given_up = self._booking(gathering_id, slot_id, BookingState.RELEASED)
            return Decision(self._with_booking(given_up))
        if known.state is not BookingState.BOOKED:
            return Decision(self)
        slot = self.slots[slot_id]
        fact = SlotReleased(
            venue_id=self.venue.id,
            slot_id=slot_id,
            gathering_id=gathering_id,
            host_id=slot.host_id,
            occurred_at=at,
        )
        freed = self._with_slot(replace(slot, gathering_id="", host_id=""))
        released = replace(known, state=BookingState.RELEASED)
        return Decision(freed._with_booking(released), (fact,))

    def _refusal(self, wish: Wish, at: datetime) -> DomainError | None:
        slot = self.slots.get(wish.slot_id)
        if slot is None:
            return SlotNotFound(f"no slot {wish.slot_id} at venue {self.venue.id}")
        if not slot.is_free:
            return SlotTaken(f"slot {slot.id} is taken")
        if slot.starts_at <= at:
            return SlotStarted(f"started at {slot.starts_at.isoformat()}")
        if wish.people > self.venue.capacity:
            return VenueTooSmall(f"{wish.people} people, room for {self.venue.capacity}")
        return None

    def _booking(self, gathering_id: str, slot_id: str, state: BookingState) -> Booking:
        return Booking(
            id=booking_id(gathering_id, slot_id),
            venue_id=self.venue.id,
            slot_id=slot_id,
            gathering_id=gathering_id,
            state=state,
        )

    def _with_slot(self, slot: Slot) -> Calendar:
        return replace(self, slots={**self.slots, slot.id: slot}, changed=self.changed | {slot.id})

    def _with_booking(self, booking: Booking) -> Calendar:
        return replace(
            self,
            bookings={**self.bookings, booking.id: booking},
            changed=self.changed | {booking.id},
        )
