"""Events out: stored in the transaction that made them, for the relay to carry."""

from __future__ import annotations

import itertools
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from mongoengine import DateTimeField, Document, IntField, LongField, StringField
from pymongo import InsertOne, ReplaceOne
from pymongo.errors import BulkWriteError

from chassis import context, history, nudge
from chassis.envelope import Stamp, event_json, message_json
from chassis.kernel.decisions import DomainEvent, Message, Revision
from chassis.kernel.errors import Conflict
from chassis.kernel.ids import id_maker
from chassis.mongo import (
    AggregateDocument,
    AggregateRow,
    Row,
    atomically,
    collection,
    database,
    on_commit,
)

PENDING, SENT, PARKED = 0, 1, 2
FIRST_WORD = "teahouse"

_DUPLICATE_KEY = 11000
_make_id = id_maker(lambda: datetime.now(UTC))
_gathered: ContextVar[list[Row] | None] = ContextVar("gathered", default=None)
_identity: dict[str, Any] = {"source": None, "keep": timedelta(days=400)}


class OutboxRow(Document):
    """One event or message, ready for the wire, and how far it has come.

    A row of state PENDING waits, SENT was acknowledged by the broker incarnation it
    names, PARKED can never be sent by the broker and is read over HTTP instead.
    """

    meta = {
        "collection": "outbox",
        "auto_create_index": False,
        "indexes": [
            {
                "fields": ["subject", "sequence"],
                "unique": True,
                "partialFilterExpression": {"sequence": {"$exists": True}},
            },
            {
                "name": "waiting",
                "fields": ["state", "place"],
                "partialFilterExpression": {"state": PENDING},
            },
            {
                "name": "sent_to",
                "fields": ["topic", "incarnation", "created_at"],
                "partialFilterExpression": {"state": SENT},
            },
            {"fields": ["expires_at"], "expireAfterSeconds": 0, "sparse": True},
        ],
    }
    id = StringField(primary_key=True)
    subject = StringField(required=True)
    sequence = LongField()  # absent from commands and replies
    place = LongField(required=True)  # when it was made, in nanoseconds, none twice a process
    topic = StringField(required=True)
    key = StringField(required=True)
    type = StringField(required=True)
    event = StringField(required=True)
    state = IntField(required=True)
    created_at = DateTimeField(required=True)
    expires_at = DateTimeField()
    incarnation = StringField()  # the broker's id of the topic when it was sent
    epoch = LongField()
    sent_at = DateTimeField()
    error = StringField()


class _Places:
    """The time of day, but never the same twice and never backwards."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0

    def next(self) -> int:
        with self._lock:
            self._last = max(self._last + 1, time.time_ns())
            return self._last


_places = _Places()


class Change(NamedTuple):
    """One aggregate to save: its document, the revision read, what it decided."""

    document: AggregateDocument | AggregateRow
    revision: Revision
    events: Sequence[DomainEvent] = ()
    messages: Sequence[Message] = ()


def publish_as(source: str, *, keep: timedelta | None = timedelta(days=400)) -> None:
    """Name this process's events (``/catalog/1``) and say how long to keep sent rows.

    ``keep=None`` keeps them for ever.
    """
    _identity.update(source=source, keep=keep)


def source() -> str:
    """The source of events published here."""
    return _identity["source"] or f"/{database().name}/1"


def topic_of(event_type: str) -> str:
    """The topic of a fact: its first two words, ``teahouse.catalog.lot``."""
    service, aggregate, _ = event_type.split(".", 2)
    return f"{FIRST_WORD}.{service}.{aggregate}"


def save(
    document: AggregateDocument,
    revision: Revision,
    events: Sequence[DomainEvent] = (),
    messages: Sequence[Message] = (),
) -> Revision:
    """Store an aggregate and what it published together; answer its new revision.

    Every event must be of this document's subject. Raises ``Conflict`` when somebody
    saved it since ``revision``; everything in the transaction is then undone.
    """
    (after,) = save_all([Change(document, revision, events, messages)])
    return after


def save_all(changes: Iterable[Change | tuple[Any, ...]]) -> list[Revision]:
    """Store many aggregates and what they published, in two to five round trips.

    What changed, by whom and why, is kept for those whose document names its ``owner``.
    No aggregate may be in it twice. Raises ``Conflict`` as ``save`` does.
    """
    whole = [Change(*change) for change in changes]

    def work() -> list[Revision]:
        saved = [_saved(change) for change in whole]
        together: dict[str, list[history.Saved]] = defaultdict(list)
        for one in saved:
            together[one.document._get_collection_name()].append(one)
        before: dict[str, Row] = {}
        for name, some in together.items():
            before |= _store(name, some)
        history.record(saved, before, at=datetime.now(UTC))
        stamp = _stamp()
        _append(itertools.chain.from_iterable(_rows_of(change, stamp) for change in whole))
        return [change.revision.after(len(change.events)) for change in whole]

    return atomically(work)


def write(name: str, operations: Sequence[InsertOne[Row] | ReplaceOne[Row]]) -> None:
    """Insert and replace, each exactly once, or raise ``Conflict``; inside a transaction."""
    try:
        done = collection(name).bulk_write(operations)
    except BulkWriteError as error:
        # The transaction is lost with the duplicate; say so in the domain's words.
        if any(wrong["code"] == _DUPLICATE_KEY for wrong in error.details["writeErrors"]):
            raise Conflict(f"somebody else made it first, in {name}") from error
        raise
    if done.matched_count + done.inserted_count != len(operations):
        raise Conflict(f"changed since it was read, in {name}")


def append(
    events: Sequence[DomainEvent] = (),
    messages: Sequence[Message] = (),
    *,
    last_sequence: int = 0,
) -> None:
    """Publish events of one subject, numbered after ``last_sequence``, and messages.

    Part of the caller's transaction. For aggregates stored with ``save``, that does it.
    """
    numbered = ((event, last_sequence + place) for place, event in enumerate(events, 1))
    append_numbered(numbered, messages)


def append_numbered(
    numbered: Iterable[tuple[DomainEvent, int]], messages: Iterable[Message] = ()
) -> None:
    """Publish events of any subjects, each with its sequence, and messages."""
    stamp = _stamp()
    rows = [_event_row(event, number, stamp) for event, number in numbered]
    rows += [_message_row(message, stamp) for message in messages]
    _append(rows)


def send_again(row_ids: Sequence[str]) -> None:
    """Have the relay carry sent rows once more; for a request that was not answered."""
    if row_ids:
        collection("outbox").update_many(
            {"_id": {"$in": list(row_ids)}, "state": SENT}, {"$set": {"state": PENDING}}
        )
        on_commit(nudge.ring)


def refeed(
    *,
    topic: str = "",
    subject: str = "",
    after_sequence: int = 0,
    since: datetime | None = None,
) -> int:
    """Have the relay carry everything once more that fits; answer how many rows.

    For an operator: readers drop what they had, a new reader catches up. What is still
    waiting is left to wait, and what the broker can never carry is left alone.
    """
    query: Row = {"state": SENT}
    query |= {"topic": topic} if topic else {}
    query |= {"subject": subject} if subject else {}
    query |= {"sequence": {"$gt": after_sequence}} if after_sequence else {}
    query |= {"created_at": {"$gte": since}} if since else {}
    done = collection("outbox").update_many(query, {"$set": {"state": PENDING}})
    on_commit(nudge.ring)
    return done.modified_count


@contextmanager
def gathered() -> Iterator[None]:
    """Write everything published inside the ``with`` in one round trip, at its end.

    For a transaction that calls many small use cases; an exception writes nothing.
    """
    rows: list[Row] = []
    token = _gathered.set(rows)
    try:
        yield
    finally:
        _gathered.reset(token)
    _append(rows)


def read_after(subject: str, sequence: int, *, limit: int = 500) -> list[str]:
    """The events of a subject after a sequence, in order, as they went on the wire."""
    rows = (
        collection("outbox")
        .find({"subject": subject, "sequence": {"$gt": sequence}}, {"event": 1})
        .sort("sequence", 1)
        .limit(limit)
    )
    return [row["event"] for row in rows]


def _rows_of(change: Change, stamp: Stamp) -> list[Row]:
    subject = change.document.pk
    for event in change.events:
        if event.subject != subject:
            raise ValueError(f"{event.type} is of {event.subject}, the document is {subject}")
    first = change.revision.last_sequence + 1
    rows = [_event_row(event, first + place, stamp) for place, event in enumerate(change.events)]
    return rows + [_message_row(message, stamp) for message in change.messages]


def _saved(change: Change) -> history.Saved:
    document, after = change.document, change.revision.after(len(change.events))
    document.version, document.last_sequence = after.version, after.last_sequence
    return history.Saved(document, document.row(), [event.type for event in change.events])


def _store(name: str, saved: Sequence[history.Saved]) -> dict[str, Row]:
    """Insert and replace; answer what those whose history is kept were before."""
    if len(saved) > 1 or not saved[0].is_a_change:
        before = history.before(name, saved)
        write(name, [_write_of(one.row) for one in saved])
        return before
    # One alone, as on the hot path: MongoDB tells what it replaces, which saves a round trip.
    row = saved[0].row
    known = {"_id": row["_id"], "version": row["version"] - 1}
    old = collection(name).find_one_and_replace(known, row)
    if old is None:
        raise Conflict(f"changed since it was read, in {name}")
    return {row["_id"]: old}


def _write_of(row: Row) -> InsertOne[Row] | ReplaceOne[Row]:
    version = row["version"] - 1
    return ReplaceOne({"_id": row["_id"], "version": version}, row) if version else InsertOne(row)


def _append(rows: Iterable[Row]) -> None:
    waiting = _gathered.get()
    if waiting is not None:
        waiting.extend(rows)
        return
    whole = [InsertOne(row) for row in rows]
    if whole:
        write("outbox", whole)
        on_commit(nudge.ring)


def _stamp() -> Stamp:
    return Stamp(source=source(), context=context.current(), recorded_at=datetime.now(UTC))


def _event_row(event: DomainEvent, sequence: int, stamp: Stamp) -> Row:
    event_id = _make_id("evt")
    text = event_json(event, event_id=event_id, sequence=sequence, stamp=stamp)
    row = _row(event_id, event.type, topic_of(event.type), event.subject, text, stamp)
    row["sequence"] = sequence
    return row


def _message_row(message: Message, stamp: Stamp) -> Row:
    text = message_json(message, stamp=stamp)
    return _row(message.id, message.type, message.topic, message.key, text, stamp)


def _row(row_id: str, event_type: str, topic: str, subject: str, text: str, stamp: Stamp) -> Row:
    row: Row = {
        "_id": row_id,
        "subject": subject,
        "place": _places.next(),
        "topic": topic,
        "key": subject,
        "type": event_type,
        "event": text,
        "state": PENDING,
        "created_at": stamp.recorded_at,
    }
    if _identity["keep"] is not None:
        row["expires_at"] = stamp.recorded_at + _identity["keep"]
    return row
