"""What can be done with venues: open one, and say anew what it is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from chassis.kernel.decisions import Decision
from chassis.kernel.ids import Ids
from services.catalog.venues.domain import Room, Venue, VenueNotFound


class Venues(Protocol):
    """The venues, wherever they are kept."""

    def get(self, venue_id: str) -> Venue:
        """The venue; raise ``VenueNotFound`` rather than return None."""
        ...

    def find(self, venue_ids: Collection[str]) -> dict[str, Venue]:
        """Those of these venues that exist, by id."""
        ...

    def save(self, decision: Decision[Venue]) -> Venue:
        """Store the venue and its events together, or raise ``Conflict``."""
        ...

    def save_all(self, decisions: Sequence[Decision[Venue]]) -> None:
        """``save`` for many different venues at once; all or, with ``Conflict``, none."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenVenue:
    """An organisation's wish to lend a room."""

    organization_id: str
    city: str
    time_zone: str
    room: Room


def open_venue(command: OpenVenue, *, venues: Venues, ids: Ids, now: datetime) -> Venue:
    """Lend a room."""
    venue = Venue(
        ids("ven"), command.organization_id, command.city, command.room, command.time_zone
    )
    return venues.save(venue.open(at=now))


def change_venue(venue: Venue, room: Room, *, venues: Venues, now: datetime) -> Venue:
    """Say anew what the room is."""
    return venues.save(venue.change(room, at=now))


def own_venue(venue_id: str, organization_id: str, *, venues: Venues) -> Venue:
    """The owner's venue; another organisation's is as unknown as one that never was."""
    venue = venues.get(venue_id)
    if venue.organization_id != organization_id:
        raise VenueNotFound(f"no venue {venue_id}")
    return venue
