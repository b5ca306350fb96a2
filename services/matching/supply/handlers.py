"""The catalog's facts about venues and cartridges: parse, note."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from chassis.envelope import Event
from chassis.inbox import Handle, Handler
from chassis.web.schemas import EventSchema
from services.matching.supply.schemas import (
    SlotBookedRead,
    SlotClosedRead,
    SlotOpenedRead,
    SlotReleasedRead,
    VenueRead,
    VersionPublishedRead,
    VersionYankedRead,
)
from services.matching.supply.use_cases import Cartridges, Slots


def handlers(slots: Slots, cartridges: Cartridges) -> dict[str, Handler]:
    """What matching does about each fact; group ``matching.projection``."""
    return {
        "catalog.venue.opened.v1": _noting(VenueRead(), slots.note_venues),
        "catalog.venue.changed.v1": _noting(VenueRead(), slots.note_venues),
        "catalog.venue.slot-opened.v1": _noting(SlotOpenedRead(), slots.note_slots),
        "catalog.venue.slot-closed.v1": _noting(SlotClosedRead(), slots.note_closings),
        "catalog.venue.slot-booked.v1": _noting(SlotBookedRead(), slots.note_bookings),
        "catalog.venue.slot-released.v1": _noting(SlotReleasedRead(), slots.note_bookings),
        "catalog.cartridge.version-published.v1": _noting(VersionPublishedRead(), cartridges.note),
        "catalog.cartridge.version-yanked.v1": _noting(
            VersionYankedRead(), cartridges.note_yanked
        ),
    }


def _noting(schema: EventSchema, note: Callable[[Sequence[Any]], None]) -> Handle:
    def handle(events: Sequence[Event]) -> None:
        note([schema.load(event.data) for event in events])

    return handle
