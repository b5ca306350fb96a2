"""A venue's calendar, and the rule that a slot is held and booked by one at most."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from chassis.kernel.decisions import Decision
from chassis.kernel.errors import DomainError
from services.catalog.slots.domain.refusals import (
    HoldEnded,
    HoldNotAccepted,
    HoldTimesWrong,
    SlotHeldAlready,
    SlotNotFound,
    SlotsOverlap,
    SlotStarted,
    SlotTaken,
    SlotTimesWrong,
    VenueTooSmall,
)
from services.catalog.slots.domain.slot import (
    LONGEST,
    LONGEST_HOLD,
    Agreement,
    Booking,
    BookingState,
    Hold,
    HoldState,
    Slot,
    booking_id,
    quote,
)
from services.catalog.slots.events import (
    HoldAccepted,
    HoldReleased,
    SlotBooked,
    SlotClosed,
    SlotHeld,
    SlotOpened,
    SlotRefused,
    SlotReleased,
)
from services.catalog.venues.domain import Venue, policy_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A gathering's wish for a slot."""

    gathering_id: str
    slot_id: str
    host_id: str
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldWish:
    """A host's wish to keep a slot from others until a deadline."""

    hold_id: str
    slot_id: str
    host_id: str
    people: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Calendar:
    """A venue with the slots, bookings and live holds that are in question.

    All are known by id. ``changed`` names those to be saved, ``closed`` the slots to be
    taken away.
    """

    venue: Venue
    slots: Mapping[str, Slot]
    bookings: Mapping[str, Booking] = field(default_factory=dict)
    holds: Mapping[str, Hold] = field(default_factory=dict)
    changed: frozenset[str] = frozenset()
    closed: frozenset[str] = frozenset()

    def open_slot(self, slot: Slot, *, at: datetime) -> Decision[Calendar]:
        """Lend some more hours; the calendar must know every slot that could overlap."""
        if not at < slot.starts_at < slot.ends_at or slot.ends_at - slot.starts_at > LONGEST:
            raise SlotTimesWrong(f"{slot.starts_at.isoformat()} to {slot.ends_at.isoformat()}")
        if other := self._overlapping(slot):
            raise SlotsOverlap(f"overlaps {other.id}", slot_id=other.id)
        return Decision(self._with_slot(slot), (self._opened(slot, at),))

    def follow_plan(self, wanted: Iterable[Slot], *, at: datetime) -> Decision[Calendar]:
        """Lend what the weekly plan wants from now on, and no more of what it wanted once.

        The calendar must know every slot of the time planned. What is held or booked
        stays; hours that a slot has already are left to it.
        """
        planned = {slot.id: slot for slot in wanted if slot.starts_at > at}
        facts: list[SlotClosed | SlotOpened] = []
        calendar = self
        for slot in self.slots.values():
            to_come = slot.is_planned and slot.is_free and slot.starts_at > at
            # Not only what is asked may differ: a country may change when its clocks change.
            if to_come and planned.get(slot.id) != slot:
                calendar = calendar._without_slot(slot)
                facts.append(SlotClosed(venue_id=self.venue.id, slot_id=slot.id, occurred_at=at))
        for slot in planned.values():
            if slot.id not in calendar.slots and not calendar._overlapping(slot):
                calendar = calendar._with_slot(slot)
                facts.append(self._opened(slot, at))
        return Decision(calendar, tuple(facts))

    def hold(self, wish: HoldWish, *, at: datetime) -> Decision[Calendar]:
        """Keep a slot from others, or raise the rule that forbids it."""
        calendar, freed, _ = self._without_overdue(wish.slot_id, at)
        if refusal := calendar._unavailable(wish.slot_id, wish.people, at):
            raise refusal
        slot = calendar.slots[wish.slot_id]
        if slot.hold_id:
            raise SlotHeldAlready(f"slot {slot.id} is held")
        if not at < wish.expires_at <= min(at + LONGEST_HOLD, slot.starts_at):
            raise HoldTimesWrong(f"until {wish.expires_at.isoformat()}")
        accepted = self.venue.room.accepts_at_once
        hold = Hold(
            id=wish.hold_id,
            venue_id=self.venue.id,
            slot_id=slot.id,
            host_id=wish.host_id,
            people=wish.people,
            expires_at=wish.expires_at,
            agreement=self._agreement(slot),
            state=HoldState.ACCEPTED if accepted else HoldState.ASKED,
        )
        fact = SlotHeld(
            **_about(hold, at),
            people=hold.people,
            expires_at=hold.expires_at,
            is_accepted=accepted,
        )
        held = calendar._with_slot(replace(slot, hold_id=hold.id))._with_hold(hold)
        return Decision(held, (*freed, fact))

    def accept(self, hold_id: str, *, at: datetime) -> Decision[Calendar]:
        """Agree to lend the slot to who holds it; to agree twice is to agree."""
        hold = self._live(hold_id, at)
        if hold.state is HoldState.ACCEPTED:
            return Decision(self)
        accepted = replace(hold, state=HoldState.ACCEPTED)
        return Decision(self._with_hold(accepted), (HoldAccepted(**_about(hold, at)),))

    def refuse(self, hold_id: str, *, at: datetime) -> Decision[Calendar]:
        """Not agree: the slot can be had again."""
        hold = self._live(hold_id, at)
        freed = self._without_hold(hold, HoldState.REFUSED)
        return Decision(freed, (SlotRefused(**_about(hold, at)),))

    def withdraw(self, hold_id: str, *, at: datetime) -> Decision[Calendar]:
        """Hold the slot no more, at the host's wish."""
        return self._let_go(self._live(hold_id, at), HoldState.WITHDRAWN, at)

    def expire(self, hold_id: str, *, at: datetime) -> Decision[Calendar]:
        """End a hold whose time is over; any other stays as it is."""
        hold = self.holds.get(hold_id)
        if hold is None or not hold.is_live or hold.expires_at > at:
            return Decision(self)
        return self._let_go(hold, HoldState.EXPIRED, at)

    def book(self, wish: Wish, *, at: datetime) -> Decision[Calendar]:
        """Give the slot to a gathering, or note why not; an earlier answer stays."""
        key = booking_id(wish.gathering_id, wish.slot_id)
        if key in self.bookings:
            return Decision(self)
        calendar, freed, _ = self._without_overdue(wish.slot_id, at)
        booking = self._booking(wish.gathering_id, wish.slot_id, BookingState.BOOKED)
        if refusal := calendar._refusal(wish, at):
            refused = replace(
                booking, state=BookingState.REFUSED, code=refusal.code, detail=str(refusal)
            )
            return Decision(calendar._with_booking(refused), freed)
        slot = calendar.slots[wish.slot_id]
        hold = calendar.holds.get(slot.hold_id)
        if hold is not None:
            calendar = calendar._without_hold(hold, HoldState.BOOKED)
        agreement = hold.agreement if hold else self._agreement(slot)
        booked = replace(slot, gathering_id=wish.gathering_id, host_id=wish.host_id, hold_id="")
        fact = SlotBooked(
            venue_id=self.venue.id,
            slot_id=slot.id,
            gathering_id=wish.gathering_id,
            host_id=wish.host_id,
            hold_id=hold.id if hold else None,
            venue_org_id=self.venue.organization_id,
            rent=agreement.ask.rent if agreement else None,
            occurred_at=at,
        )
        calendar = calendar._with_slot(booked)
        return Decision(
            calendar._with_booking(replace(booking, agreement=agreement)), (*freed, fact)
        )

    def release(self, gathering_id: str, slot_id: str, *, at: datetime) -> Decision[Calendar]:
        """Free the slot; if this comes first, the booking that follows is refused."""
        known = self.bookings.get(booking_id(gathering_id, slot_id))
        if known is None:
            given_up = self._booking(gathering_id, slot_id, BookingState.RELEASED)
            return Decision(self._with_booking(given_up))
        if known.state is not BookingState.BOOKED:
            return Decision(self)
        slot = self.slots[slot_id]
        given_back = known.agreement and quote(known.agreement, starts_at=slot.starts_at, at=at)
        fact = SlotReleased(
            venue_id=self.venue.id,
            slot_id=slot_id,
            gathering_id=gathering_id,
            host_id=slot.host_id,
            refund_basis_points=given_back.refund_basis_points if given_back else None,
            refund=given_back.refund if given_back else None,
            occurred_at=at,
        )
        freed = self._with_slot(replace(slot, gathering_id="", host_id=""))
        released = replace(known, state=BookingState.RELEASED)
        return Decision(freed._with_booking(released), (fact,))

    def _unavailable(self, slot_id: str, people: int, at: datetime) -> DomainError | None:
        """The first rule that keeps anybody from the slot, if any."""
        slot = self.slots.get(slot_id)
        if slot is None:
            return SlotNotFound(f"no slot {slot_id} at venue {self.venue.id}")
        if slot.gathering_id:
            return SlotTaken(f"slot {slot.id} is taken")
        if slot.starts_at <= at:
            return SlotStarted(f"started at {slot.starts_at.isoformat()}")
        if people > self.venue.room.capacity:
            return VenueTooSmall(f"{people} people, room for {self.venue.room.capacity}")
        return None

    def _refusal(self, wish: Wish, at: datetime) -> DomainError | None:
        if refusal := self._unavailable(wish.slot_id, wish.people, at):
            return refusal
        hold = self.holds.get(self.slots[wish.slot_id].hold_id)
        if hold is not None and hold.host_id != wish.host_id:
            return SlotHeldAlready(f"slot {hold.slot_id} is held")
        agreed = hold.state is HoldState.ACCEPTED if hold else self.venue.room.accepts_at_once
        return None if agreed else HoldNotAccepted(f"slot {wish.slot_id} is not agreed yet")

    def _live(self, hold_id: str, at: datetime) -> Hold:
        hold = self.holds.get(hold_id)
        if hold is None or not hold.is_live or hold.expires_at <= at:
            raise HoldEnded(f"hold {hold_id} has ended")
        return hold

    def _without_overdue(self, slot_id: str, at: datetime) -> Decision[Calendar]:
        """Time passes without a sweeper: a hold that is over keeps nobody away."""
        slot = self.slots.get(slot_id)
        return self.expire(slot.hold_id, at=at) if slot else Decision(self)

    def _let_go(self, hold: Hold, why: HoldState, at: datetime) -> Decision[Calendar]:
        fact = HoldReleased(**_about(hold, at), reason=why.value)
        return Decision(self._without_hold(hold, why), (fact,))

    def _agreement(self, slot: Slot) -> Agreement:
        return Agreement(slot.ask, policy_of(self.venue.room.policy))

    def _booking(self, gathering_id: str, slot_id: str, state: BookingState) -> Booking:
        return Booking(
            id=booking_id(gathering_id, slot_id),
            venue_id=self.venue.id,
            slot_id=slot_id,
            gathering_id=gathering_id,
            state=state,
        )

    def _opened(self, slot: Slot, at: datetime) -> SlotOpened:
        return SlotOpened(
            venue_id=self.venue.id,
            slot_id=slot.id,
            venue_org_id=self.venue.organization_id,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            rent=slot.ask.rent,
            share_basis_points=slot.ask.share_basis_points,
            naming=slot.ask.naming,
            occurred_at=at,
        )

    def _overlapping(self, slot: Slot) -> Slot | None:
        return next((other for other in self.slots.values() if slot.overlaps(other)), None)

    def _with_slot(self, slot: Slot) -> Calendar:
        return replace(self, slots={**self.slots, slot.id: slot}, changed=self.changed | {slot.id})

    def _without_slot(self, slot: Slot) -> Calendar:
        others = {key: other for key, other in self.slots.items() if key != slot.id}
        return replace(self, slots=others, closed=self.closed | {slot.id})

    def _with_booking(self, booking: Booking) -> Calendar:
        return replace(
            self,
            bookings={**self.bookings, booking.id: booking},
            changed=self.changed | {booking.id},
        )

    def _with_hold(self, hold: Hold) -> Calendar:
        return replace(self, holds={**self.holds, hold.id: hold}, changed=self.changed | {hold.id})

    def _without_hold(self, hold: Hold, why: HoldState) -> Calendar:
        freed = self._with_slot(replace(self.slots[hold.slot_id], hold_id=""))
        return freed._with_hold(replace(hold, state=why))


def _about(hold: Hold, at: datetime) -> dict[str, Any]:
    return {
        "venue_id": hold.venue_id,
        "slot_id": hold.slot_id,
        "hold_id": hold.id,
        "host_id": hold.host_id,
        "occurred_at": at,
    }
