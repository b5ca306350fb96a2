"""Many bookings of one slot at once, from a process of its own."""

from __future__ import annotations

import threading
from typing import NamedTuple

from chassis import mongo
from chassis.envelope import Event
from chassis.mongo import atomically
from services.catalog.slots.handlers import handlers
from services.catalog.slots.repositories import MongoCalendars
from services.catalog.venues.repositories import MongoVenues
from tests.unit.catalog.fakes import HOST, NOW

BOOK = "catalog.command.book-slot.v1"


class Rush(NamedTuple):
    """Who wants what: these gatherings, all at once, this slot."""

    uri: str
    venue_id: str
    slot_id: str
    gathering_ids: tuple[str, ...]


def a_booking(rush: Rush, gathering_id: str) -> Event:
    """The command as matching sends it; message and saga are named after the gathering."""
    return Event(
        id=gathering_id.replace("gth_", "msg_"),
        type=BOOK,
        source="/matching/1",
        subject=rush.venue_id,
        key=rush.venue_id,
        time=NOW,
        correlation_id=gathering_id.replace("gth_", "sag_"),
        data={
            "gathering_id": gathering_id,
            "venue_id": rush.venue_id,
            "slot_id": rush.slot_id,
            "host_id": HOST,
            "people": 9,
        },
    )


def run(rush: Rush) -> int:
    """Handle every booking in a thread and a transaction of its own; answer how many."""
    mongo.connect(rush.uri)
    book = handlers(MongoCalendars(MongoVenues()), lambda: NOW)[BOOK]
    barrier = threading.Barrier(len(rush.gathering_ids))
    done: list[str] = []

    def one(gathering_id: str) -> None:
        event = a_booking(rush, gathering_id)
        barrier.wait()
        atomically(lambda: book([event]), timeout_seconds=30)
        done.append(gathering_id)

    threads = [threading.Thread(target=one, args=(each,)) for each in rush.gathering_ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(done)
