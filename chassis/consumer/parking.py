"""Where events wait in the consumer's own database: for an earlier one, or another try."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from mongoengine import DateTimeField, Document, IntField, LongField, StringField
from pymongo import UpdateOne

from chassis.consumer.letters import Letter
from chassis.envelope import Event, parse
from chassis.inbox import head_id
from chassis.mongo import Row, collection

GAP, RETRY = "gap", "retry"


class ParkedEvent(Document):
    """An event that cannot be applied yet; ``due_at`` is when the mender looks at it.

    Reason ``gap``: an earlier one of its subject is missing, being retried or dead.
    Reason ``retry``: its handler failed.
    """

    meta = {
        "collection": "inbox_pending",
        "auto_create_index": False,
        "indexes": [
            {"fields": ["stream", "sequence"]},
            {"fields": ["group", "due_at"]},
        ],
    }
    id = StringField(primary_key=True)  # group|event id
    group = StringField(required=True)
    stream = StringField()  # the id of its head; absent from commands and replies
    sequence = LongField()
    event = StringField(required=True)
    place = StringField()
    reason = StringField(required=True)
    attempts = IntField(required=True)
    due_at = DateTimeField()
    first_at = DateTimeField(required=True)
    error = StringField()


def parked_id(group: str, event: Event) -> str:
    """The key of a parked event."""
    return f"{group}|{event.id}"


def stream_of(group: str, event: Event) -> str | None:
    """The id of the head an event moves; None for a command or reply."""
    return None if event.sequence is None else head_id(group, event.source, event.subject)


def park(
    group: str, letters: Iterable[Letter], *, reason: str, due_at: datetime, now: datetime
) -> None:
    """Put new letters by; one that is there already stays as it is."""
    writes = [
        UpdateOne(
            {"_id": parked_id(group, letter.event)},
            {
                "$setOnInsert": _row(group, letter, now)
                | {"reason": reason, "due_at": due_at, "attempts": letter.attempts}
            },
            upsert=True,
        )
        for letter in letters
    ]
    if writes:
        collection("inbox_pending").bulk_write(writes, ordered=False)


def try_later(
    group: str, letter: Letter, *, attempts: int, due_at: datetime, error: str, now: datetime
) -> None:
    """Put a letter by whose handler failed, or note the next failure."""
    collection("inbox_pending").update_one(
        {"_id": parked_id(group, letter.event)},
        {
            "$set": {"reason": RETRY, "due_at": due_at, "attempts": attempts, "error": error},
            "$setOnInsert": _row(group, letter, now),
        },
        upsert=True,
    )


def unpark(group: str, letters: Iterable[Letter]) -> None:
    """Forget letters that were applied or seen before."""
    ids = [parked_id(group, letter.event) for letter in letters if letter.is_parked]
    if ids:
        collection("inbox_pending").delete_many({"_id": {"$in": ids}})


def of_streams(streams: Sequence[str], *, limit: int) -> list[Letter]:
    """The parked letters of some streams, lowest sequences first."""
    rows = collection("inbox_pending").find({"stream": {"$in": list(streams)}})
    return [letter_of(row) for row in rows.sort("sequence", 1).limit(limit)]


def of_messages(group: str, events: Iterable[Event]) -> dict[str, Letter]:
    """The parked ones among these commands and replies, by event id."""
    ids = [parked_id(group, event) for event in events]
    rows = collection("inbox_pending").find({"_id": {"$in": ids}})
    return {letter.event.id: letter for letter in map(letter_of, rows)}


def due(group: str, *, now: datetime, limit: int) -> list[Letter]:
    """What the mender has to look at, longest overdue first."""
    rows = collection("inbox_pending").find({"group": group, "due_at": {"$lte": now}})
    return [letter_of(row) for row in rows.sort("due_at", 1).limit(limit)]


def postpone(query: dict[str, Any], due_at: datetime) -> None:
    """Look at these rows again at that time."""
    collection("inbox_pending").update_many(query, {"$set": {"due_at": due_at}})


def letter_of(row: Row) -> Letter:
    """A parked row as a letter."""
    return Letter(
        event=parse(row["event"]),
        raw=row["event"],
        place=row.get("place", ""),
        attempts=row["attempts"],
        due_at=row["due_at"],
        first_at=row["first_at"],
        is_parked=True,
        is_retry=row["reason"] == RETRY,
    )


def _row(group: str, letter: Letter, now: datetime) -> Row:
    event = letter.event
    row: Row = {"group": group, "event": letter.raw, "place": letter.place, "first_at": now}
    stream = stream_of(group, event)
    if stream is not None:
        row |= {"stream": stream, "sequence": event.sequence}
    return row
