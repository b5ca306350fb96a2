"""Facts about venues and slots, commands' answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from chassis.kernel.decisions import DomainEvent, Message

REPLIES = "teahouse.matching.saga-replies"


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueEvent(DomainEvent):
    """Something happened at one venue."""

    venue_id: str

    @property
    def subject(self) -> str:
        """The venue, so that what happens to its slots stays in order."""
        return self.venue_id


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueOpened(VenueEvent):
    """A room can be had."""

    type: ClassVar[str] = "catalog.venue.opened.v1"
    venue_org_id: str
    city: str
    capacity: int
    equipment: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotOpened(VenueEvent):
    """Some hours of it can be had."""

    type: ClassVar[str] = "catalog.venue.slot-opened.v1"
    slot_id: str
    venue_org_id: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotBooked(VenueEvent):
    """A gathering has the slot."""

    type: ClassVar[str] = "catalog.venue.slot-booked.v1"
    slot_id: str
    gathering_id: str
    host_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotReleased(VenueEvent):
    """The gathering gave the slot up; it can be had again."""

    type: ClassVar[str] = "catalog.venue.slot-released.v1"
    slot_id: str
    gathering_id: str
    host_id: str


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
