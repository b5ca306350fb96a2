"""Venues kept in MongoDB with their slots and bookings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from pymongo import InsertOne, ReplaceOne

from chassis import outbox
from chassis.kernel.decisions import Decision, Message
from chassis.mongo import Row, collection
from services.catalog.venues.documents import VenueDocument
from services.catalog.venues.domain import (
    LONGEST,
    Booking,
    BookingState,
    Calendar,
    Slot,
    Venue,
    VenueNotFound,
    booking_id,
)
from services.catalog.venues.use_cases import Place

Write = InsertOne[Row] | ReplaceOne[Row]


class MongoVenues:
    """The ``Venues`` port over ``venues``, ``slots`` and ``slot_bookings``.

    Every change of a slot saves its venue too, so that the venue's version keeps two
    runs from giving the same hours away.
    """

    def add(self, decision: Decision[Venue]) -> Venue:
        venue, events, messages = decision
        revision = outbox.save(_to_document(venue), venue.revision, events, messages)
        return replace(venue, revision=revision)

    def between(self, venue_id: str, starts_at: datetime, ends_at: datetime) -> Calendar:
        document = VenueDocument.objects(pk=venue_id).first()
        if document is None:
            raise VenueNotFound(f"no venue {venue_id}")
        # No slot is longer than LONGEST, which bounds the part of the index to look at.
        around = {"$gt": starts_at - LONGEST, "$lt": ends_at}
        found = collection("slots").find({"venue_id": venue_id, "starts_at": around})
        slots = (_to_slot(row) for row in found if row["ends_at"] > starts_at)
        return Calendar(_to_domain(document), {slot.id: slot for slot in slots})

    def calendars(self, places: Sequence[Place]) -> dict[str, Calendar]:
        venues = VenueDocument.objects(pk__in=sorted({place.venue_id for place in places}))
        slots, bookings = _slots(places), _bookings(places)
        return {
            document.id: Calendar(
                _to_domain(document), slots.get(document.id, {}), bookings.get(document.id, {})
            )
            for document in venues
        }

    def save_all(
        self, decisions: Sequence[Decision[Calendar]], answers: Sequence[Message]
    ) -> None:
        outbox.save_all(
            (_to_document(calendar.venue), calendar.venue.revision, events)
            for calendar, events, _ in decisions
            if events
        )
        slots, bookings = _writes(decisions)
        if slots:
            collection("slots").bulk_write(slots)
        if bookings:
            collection("slot_bookings").bulk_write(bookings)
        outbox.append(messages=answers)


def _writes(decisions: Sequence[Decision[Calendar]]) -> tuple[list[Write], list[Write]]:
    slots: list[Write] = []
    bookings: list[Write] = []
    for calendar, _, _ in decisions:
        for changed in sorted(calendar.changed):
            if slot := calendar.slots.get(changed):
                slots.append(_write(_slot_row(slot), is_stored=slot.is_stored))
            else:
                booking = calendar.bookings[changed]
                bookings.append(_write(_booking_row(booking), is_stored=booking.is_stored))
    return slots, bookings


def _write(row: Row, *, is_stored: bool) -> Write:
    return ReplaceOne({"_id": row["_id"]}, row) if is_stored else InsertOne(row)


def _slots(places: Sequence[Place]) -> dict[str, dict[str, Slot]]:
    """The slots of these places, by venue; a slot of another venue is none of this one."""
    ids = sorted({place.slot_id for place in places})
    found: dict[str, dict[str, Slot]] = defaultdict(dict)
    for row in collection("slots").find({"_id": {"$in": ids}}):
        found[row["venue_id"]][row["_id"]] = _to_slot(row)
    return found


def _bookings(places: Sequence[Place]) -> dict[str, dict[str, Booking]]:
    ids = sorted({booking_id(place.gathering_id, place.slot_id) for place in places})
    found: dict[str, dict[str, Booking]] = defaultdict(dict)
    for row in collection("slot_bookings").find({"_id": {"$in": ids}}):
        found[row["venue_id"]][row["_id"]] = _to_booking(row)
    return found


def _to_domain(document: VenueDocument) -> Venue:
    return Venue(
        id=document.id,
        organization_id=document.organization_id,
        name=document.name,
        city=document.city,
        capacity=document.capacity,
        equipment=tuple(document.equipment),
        revision=document.revision(),
    )


def _to_document(venue: Venue) -> VenueDocument:
    return VenueDocument(
        id=venue.id,
        organization_id=venue.organization_id,
        name=venue.name,
        city=venue.city,
        capacity=venue.capacity,
        equipment=list(venue.equipment),
    )


def _to_slot(row: Mapping[str, Any]) -> Slot:
    return Slot(
        id=row["_id"],
        venue_id=row["venue_id"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        gathering_id=row["gathering_id"],
        host_id=row["host_id"],
        is_stored=True,
    )


def _slot_row(slot: Slot) -> Row:
    return {
        "_id": slot.id,
        "venue_id": slot.venue_id,
        "starts_at": slot.starts_at,
        "ends_at": slot.ends_at,
        "gathering_id": slot.gathering_id,
        "host_id": slot.host_id,
    }


def _to_booking(row: Mapping[str, Any]) -> Booking:
    return Booking(
        id=row["_id"],
        venue_id=row["venue_id"],
        slot_id=row["slot_id"],
        gathering_id=row["gathering_id"],
        state=BookingState(row["state"]),
        code=row["code"],
        detail=row["detail"],
        is_stored=True,
    )


def _booking_row(booking: Booking) -> Row:
    return {
        "_id": booking.id,
        "venue_id": booking.venue_id,
        "slot_id": booking.slot_id,
        "gathering_id": booking.gathering_id,
        "state": booking.state.value,
        "code": booking.code,
        "detail": booking.detail,
    }
