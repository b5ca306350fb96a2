"""Facts about slots, and commands' answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from chassis.kernel.decisions import Message
from chassis.kernel.money import Money
from services.catalog.venues.events import VenueEvent

REPLIES = "teahouse.matching.saga-replies"


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotOpened(VenueEvent):
    """Some hours of it can be had, for one of rent, a share or a line of naming."""

    type: ClassVar[str] = "catalog.venue.slot-opened.v1"
    slot_id: str
    venue_org_id: str
    starts_at: datetime
    ends_at: datetime
    rent: Money | None = None
    share_basis_points: int | None = None
    naming: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotClosed(VenueEvent):
    """The hours are not lent any more; nobody had them."""

    type: ClassVar[str] = "catalog.venue.slot-closed.v1"
    slot_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotHeld(VenueEvent):
    """A host keeps the slot from others until ``expires_at``."""

    type: ClassVar[str] = "catalog.venue.slot-held.v1"
    slot_id: str
    hold_id: str
    host_id: str
    people: int
    expires_at: datetime
    is_accepted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldAccepted(VenueEvent):
    """The owner agreed: the host may book what it holds."""

    type: ClassVar[str] = "catalog.venue.hold-accepted.v1"
    slot_id: str
    hold_id: str
    host_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotRefused(VenueEvent):
    """The owner did not agree; the slot can be had again."""

    type: ClassVar[str] = "catalog.venue.slot-refused.v1"
    slot_id: str
    hold_id: str
    host_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldReleased(VenueEvent):
    """The hold was withdrawn, or its time is over; the slot can be had again."""

    type: ClassVar[str] = "catalog.venue.hold-released.v1"
    slot_id: str
    hold_id: str
    host_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotBooked(VenueEvent):
    """A gathering has the slot; ``hold_id`` names the hold that became its booking.

    The host owes ``venue_org_id`` the ``rent``, where that is what the slot was lent for.
    """

    type: ClassVar[str] = "catalog.venue.slot-booked.v1"
    slot_id: str
    gathering_id: str
    host_id: str
    hold_id: str | None = None
    venue_org_id: str | None = None
    rent: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotReleased(VenueEvent):
    """The gathering gave the slot up; it can be had again.

    What that gives back follows from the policy it was booked under: a part, in basis
    points, and of rent so much.
    """

    type: ClassVar[str] = "catalog.venue.slot-released.v1"
    slot_id: str
    gathering_id: str
    host_id: str
    refund_basis_points: int | None = None
    refund: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotAnswer(Message):
    """The answer to a command about a slot, ordered by the saga that asked."""

    topic: ClassVar[str] = REPLIES
    gathering_id: str
    slot_id: str

    @property
    def key(self) -> str:
        """The saga."""
        return self.correlation_id


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotBookedAnswer(SlotAnswer):
    """The gathering has the slot."""

    type: ClassVar[str] = "catalog.reply.slot-booked.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotRefusedAnswer(SlotAnswer):
    """The gathering does not have the slot, and why."""

    type: ClassVar[str] = "catalog.reply.slot-refused.v1"
    code: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotReleasedAnswer(SlotAnswer):
    """The gathering holds the slot no more."""

    type: ClassVar[str] = "catalog.reply.slot-released.v1"
