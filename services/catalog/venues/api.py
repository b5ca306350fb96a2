"""Venues over HTTP: parse, call one use case or query, dump."""

from __future__ import annotations

from typing import Any

from cartridges.venues import misfits
from chassis.auth import principal
from chassis.kernel.ids import Ids
from chassis.kernel.time import Clock
from chassis.permissions import Permission
from chassis.web import Blueprint, check_if_match, needs, page, position_of, tagged
from services.catalog.cartridges.use_cases import Cartridges
from services.catalog.venues.domain import Room, Venue
from services.catalog.venues.queries import VenueLists
from services.catalog.venues.schemas import (
    FitQuery,
    FitSchema,
    OpenVenueSchema,
    RoomSchema,
    VenuePage,
    VenueQuery,
    VenueSchema,
    needs_of,
)
from services.catalog.venues.use_cases import (
    OpenVenue,
    Venues,
    change_venue,
    open_venue,
    own_venue,
)


def venues_blueprint(
    venues: Venues, lists: VenueLists, cartridges: Cartridges, ids: Ids, clock: Clock
) -> Blueprint:
    """Routes under ``/v1/venues``."""
    blueprint = Blueprint(
        "venues", __name__, url_prefix="/v1/venues", description="Rooms and what they have"
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
        """All venues that fit, those of a city, or the caller's own."""
        limit = query["limit"]
        rows = lists.venues(
            needs_of(query),
            city=query["city"],
            organization_id=principal().organization_id if query["mine"] else None,
            after=position_of(query["cursor"]),
            limit=limit + 1,
        )
        return page(rows, limit=limit, position=lambda row: str(row["id"]))

    @blueprint.get("/<venue_id>")
    @blueprint.response(200, VenueSchema)
    def read_venue_view(venue_id: str) -> Venue:
        """A venue, whoever owns it: hosts must see where they invite to."""
        return tagged(venues.get(venue_id))

    @blueprint.put("/<venue_id>")
    @needs(Permission.CATALOG_VENUE_OPEN)
    @blueprint.arguments(RoomSchema)
    @blueprint.response(200, VenueSchema)
    def change_venue_view(body: Room, venue_id: str) -> Venue:
        """Say anew what the room is; If-Match names the version it was read at."""
        venue = own_venue(venue_id, principal().organization_id, venues=venues)
        check_if_match(venue.revision.version)
        return tagged(change_venue(venue, body, venues=venues, now=clock()))

    @blueprint.get("/<venue_id>/fit")
    @blueprint.arguments(FitQuery, location="query")
    @blueprint.response(200, FitSchema)
    def read_fit_view(query: dict[str, Any], venue_id: str) -> dict[str, Any]:
        """Whether a room will do for a gathering or a cartridge, and every reason why not."""
        wanted, venue = needs_of(query), venues.get(venue_id)
        if query["cartridge_id"]:
            theme = cartridges.version(query["cartridge_id"], query["version"])
            wanted = wanted.and_of(theme.manifest)
        reasons = misfits(wanted, venue.room)
        return {"fits": not reasons, "reasons": reasons}

    return blueprint
