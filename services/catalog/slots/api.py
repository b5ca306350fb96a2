"""Slots over HTTP: parse, call one use case or query, dump."""

from __future__ import annotations

from typing import Any

from flask import Response

from chassis.auth import principal
from chassis.kernel.ids import Ids
from chassis.kernel.time import Clock
from chassis.permissions import Permission
from chassis.web import Blueprint, needs, number_of, page, position_of, public
from chassis.web.schemas import PageQuery
from services.catalog.slots.domain import Hold, Quote, Slot
from services.catalog.slots.engine.ics import calendar_text
from services.catalog.slots.queries import SlotLists
from services.catalog.slots.schemas import (
    HoldPage,
    HoldSchema,
    HoldSlotSchema,
    OpenSlotSchema,
    QuoteSchema,
    SlotPage,
    SlotSchema,
    entry_of,
    moment_after,
    place_of,
)
from services.catalog.slots.use_cases import (
    AboutHold,
    Calendars,
    HoldSlot,
    OpenSlot,
    Place,
    accept_hold,
    hold_slot,
    open_slot,
    quote_cancellation,
    read_hold,
    refuse_hold,
    withdraw_hold,
)
from services.catalog.venues.domain import Venue
from services.catalog.venues.use_cases import Venues, own_venue

ICS = "text/calendar"
MOST_ENTRIES = 500  # a fifth of a second, and anybody may ask


def slots_blueprint(
    calendars: Calendars, venues: Venues, lists: SlotLists, ids: Ids, clock: Clock
) -> Blueprint:
    """Routes under ``/v1/venues/{id}``: slots, the calendar, bookings."""
    blueprint = Blueprint(
        "slots",
        __name__,
        url_prefix="/v1/venues/<venue_id>",
        description="The hours venues lend, and who has them",
    )

    @blueprint.post("/slots")
    @needs(Permission.CATALOG_VENUE_OPEN)
    @blueprint.arguments(OpenSlotSchema)
    @blueprint.response(201, SlotSchema)
    def open_slot_view(body: dict[str, Any], venue_id: str) -> Slot:
        """Lend some hours of the caller's room."""
        command = OpenSlot(venue_id=venue_id, organization_id=principal().organization_id, **body)
        return open_slot(command, calendars=calendars, ids=ids, now=clock())

    @blueprint.get("/slots")
    @blueprint.arguments(PageQuery, location="query")
    @blueprint.response(200, SlotPage)
    def list_slots_view(query: dict[str, Any], venue_id: str) -> dict[str, Any]:
        """A venue's slots that have not ended, the earliest first."""
        venue, limit = venues.get(venue_id), query["limit"]
        after = moment_after(number_of(query["cursor"]))
        rows = lists.slots(venue.id, from_moment=clock(), after=after, limit=limit + 1)
        return page(rows, limit=limit, position=place_of)

    @blueprint.get("/slots/<slot_id>/cancellation-quote")
    @blueprint.response(200, QuoteSchema)
    def quote_cancellation_view(venue_id: str, slot_id: str) -> Quote:
        """What cancelling a booking now would give back; for its host and the owner."""
        place = Place(venue_id, slot_id)
        who = principal().organization_id
        return quote_cancellation(place, who, calendars=calendars, now=clock())

    @blueprint.get("/calendar.ics")
    @blueprint.response(200, content_type=ICS)
    def read_calendar_view(venue_id: str) -> Response:
        """The owner's calendar (RFC 5545): which gathering of which host has what."""
        venue = own_venue(venue_id, principal().organization_id, venues=venues)
        return _calendar(venue, for_owner=True)

    @blueprint.get("/public.ics")
    @public
    @blueprint.response(200, content_type=ICS)
    def read_public_calendar_view(venue_id: str) -> Response:
        """When the room is free and when not, for any calendar program to subscribe to."""
        return _calendar(venues.get(venue_id), for_owner=False)

    def _calendar(venue: Venue, *, for_owner: bool) -> Response:
        now = clock()
        after = moment_after(0)
        rows = lists.slots(venue.id, from_moment=now, after=after, limit=MOST_ENTRIES)
        entries = [entry_of(row, for_owner=for_owner) for row in rows]
        text = calendar_text(venue.room.name, entries, zone=venue.zone, at=now)
        return Response(text.encode(), content_type=f"{ICS}; charset=utf-8")

    return blueprint


def holds_blueprint(
    calendars: Calendars, venues: Venues, lists: SlotLists, ids: Ids, clock: Clock
) -> Blueprint:
    """Routes under ``/v1/venues/{id}/holds``."""
    blueprint = Blueprint(
        "holds",
        __name__,
        url_prefix="/v1/venues/<venue_id>/holds",
        description="Slots kept from others until a deadline",
    )

    def about(venue_id: str, hold_id: str) -> AboutHold:
        who = principal().organization_id
        return AboutHold(venue_id=venue_id, hold_id=hold_id, organization_id=who)

    @blueprint.post("")
    @needs(Permission.CATALOG_SLOT_HOLD)
    @blueprint.arguments(HoldSlotSchema)
    @blueprint.response(201, HoldSchema)
    def hold_slot_view(body: dict[str, Any], venue_id: str) -> Hold:
        """Keep a slot from others; the venue accepts at once, or its owner is asked."""
        command = HoldSlot(venue_id=venue_id, host_id=principal().organization_id, **body)
        return hold_slot(command, calendars=calendars, ids=ids, now=clock())

    @blueprint.get("")
    @blueprint.arguments(PageQuery, location="query")
    @blueprint.response(200, HoldPage)
    def list_holds_view(query: dict[str, Any], venue_id: str) -> dict[str, Any]:
        """All holds for the venue's owner; for others, their own."""
        who, limit = principal().organization_id, query["limit"]
        host_id = None if venues.get(venue_id).organization_id == who else who
        after = position_of(query["cursor"])
        rows = lists.holds(venue_id, host_id=host_id, after=after, limit=limit + 1)
        return page(rows, limit=limit, position=lambda row: str(row["id"]))

    @blueprint.get("/<hold_id>")
    @blueprint.response(200, HoldSchema)
    def read_hold_view(venue_id: str, hold_id: str) -> Hold:
        """What became of a hold, for its host and the venue's owner."""
        return read_hold(about(venue_id, hold_id), calendars=calendars)

    @blueprint.post("/<hold_id>/acceptances")
    @needs(Permission.CATALOG_VENUE_OPEN)
    @blueprint.response(201, HoldSchema)
    def accept_hold_view(venue_id: str, hold_id: str) -> Hold:
        """Agree to lend the slot to the host."""
        return accept_hold(about(venue_id, hold_id), calendars=calendars, now=clock())

    @blueprint.post("/<hold_id>/refusals")
    @needs(Permission.CATALOG_VENUE_OPEN)
    @blueprint.response(201, HoldSchema)
    def refuse_hold_view(venue_id: str, hold_id: str) -> Hold:
        """Not agree: the slot can be had again."""
        return refuse_hold(about(venue_id, hold_id), calendars=calendars, now=clock())

    @blueprint.post("/<hold_id>/withdrawals")
    @needs(Permission.CATALOG_SLOT_HOLD)
    @blueprint.response(201, HoldSchema)
    def withdraw_hold_view(venue_id: str, hold_id: str) -> Hold:
        """Hold the slot no more."""
        return withdraw_hold(about(venue_id, hold_id), calendars=calendars, now=clock())

    return blueprint
