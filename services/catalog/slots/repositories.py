"""Slots, holds and bookings kept in MongoDB beside the venues they are of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pymongo import InsertOne, ReplaceOne

from chassis import outbox
from chassis.kernel.decisions import Decision, Message
from chassis.kernel.money import Money
from chassis.mongo import Row, collection
from services.catalog.slots.domain import (
    LONGEST,
    Agreement,
    Booking,
    BookingState,
    Calendar,
    Hold,
    HoldNotFound,
    HoldState,
    Slot,
    booking_id,
)
from services.catalog.slots.use_cases import Place
from services.catalog.venues.domain import SHARE_OF_TERMS, Ask, CancellationPolicy, Step
from services.catalog.venues.use_cases import Venues

SLOTS, HOLDS, BOOKINGS = "slots", "slot_holds", "slot_bookings"
Write = InsertOne[Row] | ReplaceOne[Row]


class MongoCalendars:
    """The ``Calendars`` port over ``slots``, ``slot_holds``, ``slot_bookings`` and venues.

    Every change of a slot saves its venue too, so that the venue's version keeps two
    runs from giving the same hours away. Unique indexes say it once more: a slot has one
    live hold and one booking at most, whoever writes.
    """

    def __init__(self, venues: Venues) -> None:
        self._venues = venues

    def between(self, venue_id: str, starts_at: datetime, ends_at: datetime) -> Calendar:
        venue = self._venues.get(venue_id)
        # No slot is longer than LONGEST, which bounds the part of the index to look at.
        around = {"$gt": starts_at - LONGEST, "$lt": ends_at}
        found = collection(SLOTS).find({"venue_id": venue_id, "starts_at": around})
        slots = {row["_id"]: _to_slot(row) for row in found if row["ends_at"] > starts_at}
        return Calendar(venue, slots, holds=_holds(slots.values()).get(venue_id, {}))

    def find(self, places: Sequence[Place]) -> dict[str, Calendar]:
        venues = self._venues.find({place.venue_id for place in places})
        slots, bookings = _slots(places), _bookings(places)
        holds = _holds(slot for of_venue in slots.values() for slot in of_venue.values())
        return {
            key: Calendar(venue, slots.get(key, {}), bookings.get(key, {}), holds.get(key, {}))
            for key, venue in venues.items()
        }

    def hold(self, hold_id: str) -> Hold:
        row = collection(HOLDS).find_one({"_id": hold_id})
        if row is None:
            raise HoldNotFound(f"no hold {hold_id}")
        return _to_hold(row)

    def booking_of(self, slot: Slot) -> Booking | None:
        if not slot.gathering_id:
            return None
        row = collection(BOOKINGS).find_one({"_id": booking_id(slot.gathering_id, slot.id)})
        return _to_booking(row) if row else None

    def overdue(self, at: datetime, *, limit: int) -> list[Hold]:
        found = collection(HOLDS).find({"is_live": True, "expires_at": {"$lte": at}})
        return [_to_hold(row) for row in found.sort("expires_at", 1).limit(limit)]

    def save_all(
        self, decisions: Sequence[Decision[Calendar]], answers: Sequence[Message] = ()
    ) -> None:
        self._venues.save_all(
            [Decision(calendar.venue, events) for calendar, events, _ in decisions if events]
        )
        closed = sorted(key for calendar, _, _ in decisions for key in calendar.closed)
        if closed:
            collection(SLOTS).delete_many({"_id": {"$in": closed}})
        for name, writes in _writes(decisions).items():
            outbox.write(name, writes)
        outbox.append(messages=answers)


def _writes(decisions: Sequence[Decision[Calendar]]) -> dict[str, list[Write]]:
    """By collection; what is stored already comes first, so that it gives its place up."""
    writes: dict[str, list[tuple[bool, Write]]] = defaultdict(list)
    for calendar, _, _ in decisions:
        for key in sorted(calendar.changed):
            if slot := calendar.slots.get(key):
                writes[SLOTS].append(_write(_slot_row(slot), is_stored=slot.is_stored))
            elif hold := calendar.holds.get(key):
                writes[HOLDS].append(_write(_hold_row(hold), is_stored=hold.is_stored))
            elif booking := calendar.bookings.get(key):
                row = _booking_row(booking)
                writes[BOOKINGS].append(_write(row, is_stored=booking.is_stored))
    return {
        name: [write for _, write in sorted(found, key=lambda one: one[0])]
        for name, found in writes.items()
    }


def _write(row: Row, *, is_stored: bool) -> tuple[bool, Write]:
    return not is_stored, ReplaceOne({"_id": row["_id"]}, row) if is_stored else InsertOne(row)


def _slots(places: Sequence[Place]) -> dict[str, dict[str, Slot]]:
    """The slots of these places, by venue; a slot of another venue is none of this one."""
    ids = sorted({place.slot_id for place in places})
    found: dict[str, dict[str, Slot]] = defaultdict(dict)
    for row in collection(SLOTS).find({"_id": {"$in": ids}}):
        found[row["venue_id"]][row["_id"]] = _to_slot(row)
    return found


def _holds(slots: Iterable[Slot]) -> dict[str, dict[str, Hold]]:
    """The live holds on these slots, by venue."""
    ids = sorted(slot.hold_id for slot in slots if slot.hold_id)
    found: dict[str, dict[str, Hold]] = defaultdict(dict)
    if ids:
        for row in collection(HOLDS).find({"_id": {"$in": ids}}):
            found[row["venue_id"]][row["_id"]] = _to_hold(row)
    return found


def _bookings(places: Sequence[Place]) -> dict[str, dict[str, Booking]]:
    wanted = {booking_id(one.gathering_id, one.slot_id) for one in places if one.gathering_id}
    found: dict[str, dict[str, Booking]] = defaultdict(dict)
    if wanted:
        for row in collection(BOOKINGS).find({"_id": {"$in": sorted(wanted)}}):
            found[row["venue_id"]][row["_id"]] = _to_booking(row)
    return found


def ask_row(ask: Ask) -> Row:
    """How an ask lies in MongoDB."""
    rent = ask.rent and {"minor": ask.rent.minor, "currency": ask.rent.currency}
    return {"rent": rent, "share_basis_points": ask.share_basis_points, "naming": ask.naming}


def ask_of(row: Mapping[str, Any]) -> Ask:
    """The inverse of ``ask_row``."""
    rent = row["rent"] and Money(int(row["rent"]["minor"]), row["rent"]["currency"])
    return Ask(rent=rent, share_basis_points=row["share_basis_points"], naming=row["naming"])


def _agreement_row(agreement: Agreement) -> Row:
    return {
        "ask": ask_row(agreement.ask),
        "policy": {
            "name": agreement.policy.name,
            "steps": [step._asdict() for step in agreement.policy.steps],
        },
    }


def _to_agreement(row: Mapping[str, Any]) -> Agreement:
    steps = tuple(Step(**step) for step in row["policy"]["steps"])
    return Agreement(ask_of(row["ask"]), CancellationPolicy(row["policy"]["name"], steps))


def _to_slot(row: Mapping[str, Any]) -> Slot:
    return Slot(
        id=row["_id"],
        venue_id=row["venue_id"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        # Absent from slots of earlier versions, opened by hand for the share of the terms.
        ask=ask_of(row["ask"]) if "ask" in row else SHARE_OF_TERMS,
        is_planned=row.get("is_planned", False),
        gathering_id=row["gathering_id"],
        host_id=row["host_id"],
        hold_id=row.get("hold_id", ""),
        is_stored=True,
    )


def _slot_row(slot: Slot) -> Row:
    return {
        "_id": slot.id,
        "venue_id": slot.venue_id,
        "starts_at": slot.starts_at,
        "ends_at": slot.ends_at,
        "ask": ask_row(slot.ask),
        "is_planned": slot.is_planned,
        "gathering_id": slot.gathering_id,
        "host_id": slot.host_id,
        "hold_id": slot.hold_id,
    }


def _to_hold(row: Mapping[str, Any]) -> Hold:
    return Hold(
        id=row["_id"],
        venue_id=row["venue_id"],
        slot_id=row["slot_id"],
        host_id=row["host_id"],
        people=row["people"],
        expires_at=row["expires_at"],
        agreement=_to_agreement(row["agreement"]),
        state=HoldState(row["state"]),
        is_stored=True,
    )


def _hold_row(hold: Hold) -> Row:
    return {
        "_id": hold.id,
        "venue_id": hold.venue_id,
        "slot_id": hold.slot_id,
        "host_id": hold.host_id,
        "people": hold.people,
        "expires_at": hold.expires_at,
        "agreement": _agreement_row(hold.agreement),
        "state": hold.state.value,
        "is_live": hold.is_live,
    }


def _to_booking(row: Mapping[str, Any]) -> Booking:
    return Booking(
        id=row["_id"],
        venue_id=row["venue_id"],
        slot_id=row["slot_id"],
        gathering_id=row["gathering_id"],
        state=BookingState(row["state"]),
        agreement=_to_agreement(row["agreement"]) if row.get("agreement") else None,
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
        "agreement": _agreement_row(booking.agreement) if booking.agreement else None,
        "code": booking.code,
        "detail": booking.detail,
    }
