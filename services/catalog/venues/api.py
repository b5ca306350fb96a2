"""Venues over HTTP: parse, call one use case or query, dump."""

from __future__ import annotations

from typing import Any

from chassis.auth import principal
from chassis.kernel.ids import Ids
from chassis.kernel.time import Clock
from chassis.permissions import Permission
from chassis.web import Blueprint, etag, needs, page, position_of, tagged
from chassis.web.schemas import PageQuery
from services.catalog.venues.domain import Slot, Venue
from services.catalog.venues.queries import VenueLists
from services.catalog.venues.schemas import (
    OpenSlotSchema,
    OpenVenueSchema,
    SlotPage,
    SlotSchema,
    VenuePage,
    VenueQuery,
    VenueSchema,
)
from services.catalog.venues.use_cases import (
    OpenSlot,
    OpenVenue,
    Venues,
    open_slot,
    open_venue,
)


def venues_blueprint(venues: Venues, lists: VenueLists, ids: Ids, clock: Clock) -> Blueprint:
    """Routes under ``/v1/venues``."""
    blueprint = Blueprint(
        "venues", __name__, url_prefix="/v1/venues", description="Rooms and the hours they lend"
    )

    @blueprint.post("")
    @needs(Permission.CATALOG_VENUE_OPEN)
    @blueprint.arguments(OpenVenueSchema)
    @blueprint.response(201, VenueSchema)
    def open_venue_view(body: dict[str, Any]) -> Venue:
        """Lend a room to gatherings."""
        command = OpenVenue(organization_id=principal().organization_id, **body)
        return tagged(open_venue(command, venues=venues, ids=ids, now=clock()))

    @blueprint.get("")
    @blueprint.arguments(VenueQuery, location="query")
    @blueprint.response(200, VenuePage)
    def list_venues_view(query: dict[str, Any]) -> dict[str, Any]:
        """All venues, those of a city, or the caller's own."""
        limit = query["limit"]
        rows = lists.venues(
            city=query["city"],
            organization_id=principal().organization_id if query["mine"] else None,
            after=position_of(query["cursor"]),
            limit=limit + 1,
        )
        return page(rows, limit=limit, position=lambda row: str(row["id"]))

    @blueprint.get("/<venue_id>")
    @blueprint.response(200, VenueSchema)
    def read_venue_view(venue_id: str) -> dict[str, Any]:
        """A venue, whoever owns it: hosts must see where they invite to."""
        venue = lists.venue(venue_id)
        etag(venue["version"])
        return venue

    @blueprint.post("/<venue_id>/slots")
    @needs(Permission.CATALOG_VENUE_OPEN)
    @blueprint.arguments(OpenSlotSchema)
    @blueprint.response(201, SlotSchema)
    def open_slot_view(body: dict[str, Any], venue_id: str) -> Slot:
        """Lend some hours of the caller's room."""
        command = OpenSlot(venue_id=venue_id, organization_id=principal().organization_id, **body)
        return open_slot(command, venues=venues, ids=ids, now=clock())

    @blueprint.get("/<venue_id>/slots")
    @blueprint.arguments(PageQuery, location="query")
    @blueprint.response(200, SlotPage)
    def list_slots_view(query: dict[str, Any], venue_id: str) -> dict[str, Any]:
        """A venue's slots that have not ended."""
        limit = query["limit"]
        rows = lists.slots(
            venue_id,
            from_moment=clock(),
            after=position_of(query["cursor"]),
            limit=limit + 1,
        )
        return page(rows, limit=limit, position=lambda row: str(row["id"]))

    return blueprint
