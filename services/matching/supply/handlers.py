"""The catalog's facts about venues, cartridges and kits: parse, note."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from chassis.envelope import Event
from chassis.inbox import Handle, Handler
from chassis.web.schemas import EventSchema
from services.matching.supply.schemas import (
    HoldAcceptedRead,
    HoldEndedRead,
    KitClosedRead,
    KitPublishedRead,
    SlotBookedRead,
    SlotClosedRead,
    SlotHeldRead,
    SlotOpenedRead,
    SlotReleasedRead,
    VenueRead,
    VersionPublishedRead,
    VersionYankedRead,
)
from services.matching.supply.use_cases import Cartridges, Kits, Slots


def handlers(slots: Slots, cartridges: Cartridges, kits: Kits) -> dict[str, Handler]:
    """What matching does about each fact; group ``matching.projection``."""
    return {
        "catalog.venue.opened.v1": _noting(VenueRead(), slots.note_venues),
        "catalog.venue.changed.v1": _noting(VenueRead(), slots.note_venues),
        "catalog.venue.slot-opened.v1": _noting(SlotOpenedRead(), slots.note_slots),
        "catalog.venue.slot-closed.v1": _noting(SlotClosedRead(), slots.note_closings),
        "catalog.venue.slot-held.v1": _noting(SlotHeldRead(), slots.note_holdings),
        "catalog.venue.hold-accepted.v1": _noting(HoldAcceptedRead(), slots.note_acceptances),
        "catalog.venue.slot-refused.v1": _noting(HoldEndedRead(), slots.note_holdings),
        "catalog.venue.hold-released.v1": _noting(HoldEndedRead(), slots.note_holdings),
        "catalog.venue.slot-booked.v1": _noting(SlotBookedRead(), slots.note_bookings),
        "catalog.venue.slot-released.v1": _noting(SlotReleasedRead(), slots.note_bookings),
        "catalog.cartridge.version-published.v1": _noting(VersionPublishedRead(), cartridges.note),
        "catalog.cartridge.version-yanked.v1": _noting(
            VersionYankedRead(), cartridges.note_yanked
        ),
        "catalog.kit.published.v1": _noting(KitPublishedRead(), kits.note),
        "catalog.kit.closed.v1": _noting(KitClosedRead(), kits.note_closed),
    }


def _noting(schema: EventSchema, note: Callable[[Sequence[Any]], None]) -> Handle:
    def handle(events: Sequence[Event]) -> None:
        read = (schema.load(event.data) for event in events)
        if known := [one for one in read if one is not None]:
            note(known)

    return handle
