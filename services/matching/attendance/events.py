"""What becomes known about a gathering's guests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chassis.kernel.decisions import DomainEvent
from services.matching.gatherings.events import OfGathering


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestCheckedIn(OfGathering, DomainEvent):
    """A guest came; ``checked_in`` counts those who have come so far."""

    type: ClassVar[str] = "matching.gathering.checked-in.v1"
    gathering_id: str
    ticket_id: str
    community_id: str | None
    invitation_id: str | None
    checked_in: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GatheringRated(OfGathering, DomainEvent):
    """Somebody who was there gave it one to five stars."""

    type: ClassVar[str] = "matching.gathering.rated.v1"
    gathering_id: str
    cartridge_id: str
    ticket_id: str
    stars: int
