"""What to do about commands about slots: parse, call one use case."""

from __future__ import annotations

from collections.abc import Sequence

from chassis.envelope import Event
from chassis.inbox import Handler, command_of
from chassis.kernel.time import Clock
from services.catalog.slots.schemas import BookSlotSchema, ReleaseSlotSchema
from services.catalog.slots.use_cases import (
    BookSlot,
    Calendars,
    ReleaseSlot,
    book_slots,
    release_slots,
)

_book, _release = BookSlotSchema(), ReleaseSlotSchema()


def handlers(calendars: Calendars, clock: Clock) -> dict[str, Handler]:
    """Commands that matching sends; each is answered."""

    def on_book(events: Sequence[Event]) -> None:
        """Give slots to gatherings."""
        commands = [BookSlot(**command_of(event, _book.load)) for event in events]
        book_slots(commands, calendars=calendars, now=clock())

    def on_release(events: Sequence[Event]) -> None:
        """Free gatherings' slots."""
        commands = [ReleaseSlot(**command_of(event, _release.load)) for event in events]
        release_slots(commands, calendars=calendars, now=clock())

    return {
        "catalog.command.book-slot.v1": on_book,
        "catalog.command.release-slot.v1": on_release,
    }
