"""Slots, who holds and who has booked them, and every rule that may forbid it."""

from __future__ import annotations

from services.catalog.slots.domain.calendar import Calendar, HoldWish, Wish
from services.catalog.slots.domain.refusals import (
    BookingNotFound,
    BookingReleased,
    HoldEnded,
    HoldNotAccepted,
    HoldNotFound,
    HoldTimesWrong,
    SlotHeldAlready,
    SlotNotFound,
    SlotsOverlap,
    SlotStarted,
    SlotTaken,
    SlotTimesWrong,
    VenueTooSmall,
)
from services.catalog.slots.domain.slot import (
    LONGEST,
    LONGEST_HOLD,
    Agreement,
    Booking,
    BookingState,
    Hold,
    HoldState,
    Quote,
    Slot,
    booking_id,
    quote,
)

__all__ = [
    "LONGEST",
    "LONGEST_HOLD",
    "Agreement",
    "Booking",
    "BookingNotFound",
    "BookingReleased",
    "BookingState",
    "Calendar",
    "Hold",
    "HoldEnded",
    "HoldNotAccepted",
    "HoldNotFound",
    "HoldState",
    "HoldTimesWrong",
    "HoldWish",
    "Quote",
    "Slot",
    "SlotHeldAlready",
    "SlotNotFound",
    "SlotStarted",
    "SlotTaken",
    "SlotTimesWrong",
    "SlotsOverlap",
    "VenueTooSmall",
    "Wish",
    "booking_id",
    "quote",
]
