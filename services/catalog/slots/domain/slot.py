"""A slot, a hold on it, a booking of it, and what a cancellation would give back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from chassis.kernel.ids import derived_id
from chassis.kernel.money import Money
from services.catalog.venues.domain import SHARE_OF_TERMS, Ask, CancellationPolicy

LONGEST = timedelta(hours=24)
LONGEST_HOLD = timedelta(days=7)


class HoldState(StrEnum):
    """What became of a host's hold."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    BOOKED = "booked"


class BookingState(StrEnum):
    """What became of a gathering's wish for a slot."""

    BOOKED = "booked"
    RELEASED = "released"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Slot:
    """Some hours at a venue; ``gathering_id`` and ``hold_id`` are empty while it is free.

    ``is_planned`` tells a slot of the weekly plan from one that was opened by hand.
    """

    id: str
    venue_id: str
    starts_at: datetime
    ends_at: datetime
    ask: Ask = SHARE_OF_TERMS
    is_planned: bool = False
    gathering_id: str = ""
    host_id: str = ""
    hold_id: str = ""
    is_stored: bool = field(default=False, compare=False)

    @property
    def is_free(self) -> bool:
        """Whether nobody has it, nor holds it."""
        return not (self.gathering_id or self.hold_id)

    def overlaps(self, other: Slot) -> bool:
        """Whether both have a moment in common; touching ends are none."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


@dataclass(frozen=True, slots=True)
class Agreement:
    """What the venue asked and how it lets cancel, as it was when the slot was taken."""

    ask: Ask
    policy: CancellationPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A host's keeping a slot from others until a deadline; kept when it has ended."""

    id: str
    venue_id: str
    slot_id: str
    host_id: str
    people: int
    expires_at: datetime
    agreement: Agreement
    state: HoldState
    is_stored: bool = field(default=False, compare=False)

    @property
    def is_live(self) -> bool:
        """Whether it keeps the slot from others."""
        return self.state in {HoldState.ASKED, HoldState.ACCEPTED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """What became of one gathering's wish for one slot; kept, so that repeats are known."""

    id: str
    venue_id: str
    slot_id: str
    gathering_id: str
    state: BookingState
    agreement: Agreement | None = None
    code: str = ""
    detail: str = ""
    is_stored: bool = field(default=False, compare=False)


def booking_id(gathering_id: str, slot_id: str) -> str:
    """A gathering wants a slot once, so the id follows from both."""
    return derived_id("bkg", gathering_id, slot_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What a cancellation would give back by the agreement: a part, and of rent so much."""

    agreement: Agreement
    refund_basis_points: int
    refund: Money | None


def quote(agreement: Agreement, *, starts_at: datetime, at: datetime) -> Quote:
    """What cancelling at this moment would give back."""
    part = agreement.policy.refund_basis_points(starts_at=starts_at, at=at)
    return Quote(agreement=agreement, refund_basis_points=part, refund=agreement.ask.refund(part))
