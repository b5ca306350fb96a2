"""Facts about rooms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chassis.kernel.decisions import DomainEvent


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
    indoor: bool = True
    time_zone: str | None = None
    accepts_at_once: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueChanged(VenueEvent):
    """The room holds or has something else from now on."""

    type: ClassVar[str] = "catalog.venue.changed.v1"
    venue_org_id: str
    city: str
    capacity: int
    equipment: tuple[str, ...]
    indoor: bool
    time_zone: str
    accepts_at_once: bool = True
