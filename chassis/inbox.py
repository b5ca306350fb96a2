"""Events in: what a handler is, and how far each subject has been read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from mongoengine import DateTimeField, Document, LongField, StringField
from mongoengine.connection import get_db

from chassis import tracing
from chassis.context import Context, bound
from chassis.envelope import Event

Handle = Callable[[Sequence[Event]], None]
"""Acts on a run of events of one type, in order, inside the transaction that keeps their
heads; called with one event or up to 400. It may be called again from the start, so no
effect outside MongoDB belongs in it. It raises only for an event that can never be handled."""


@dataclass(frozen=True, slots=True)
class TwoStep:
    """A handler whose effect lives outside this database.

    ``submit`` runs outside the transaction and must be idempotent (network, with the
    event's id as key); ``record`` runs inside, with what ``submit`` answered. A crash in
    between submits the same events again.
    """

    submit: Callable[[Sequence[Event]], Any]
    record: Callable[[Sequence[Event], Any], None]


Handler = Handle | TwoStep
Handlers = Mapping[str, Handler]
"""What to do about each event type, by full type name."""


def each(handle_one: Callable[[Event], None]) -> Handle:
    """Make a handler of a function of one event; it acts in that event's context."""

    def handle(events: Sequence[Event]) -> None:
        for event in events:
            with acting_on([event]):
                handle_one(event)

    return handle


def joined(*several: Mapping[str, Handler]) -> dict[str, Handler]:
    """Make the handlers of several aggregates one; those of one type act in turn.

    Raises ``TypeError`` for a type of which one works in two steps: there is no turn between.
    """
    found: dict[str, Handler] = {}
    for handlers in several:
        for name, handler in handlers.items():
            found[name] = _in_turn(found[name], handler) if name in found else handler
    return found


def _in_turn(first: Handler, then: Handler) -> Handle:
    if isinstance(first, TwoStep) or isinstance(then, TwoStep):
        raise TypeError("a handler in two steps has its events for itself")

    def handle(events: Sequence[Event]) -> None:
        first(events)
        then(events)

    return handle


@contextmanager
def acting_on(events: Sequence[Event]) -> Iterator[None]:
    """Act in the context that these events agree on, timed as part of the first one's trace."""
    first, shared = events[0], _agreed(events)
    with (
        tracing.span(first.type, first.traceparent) as span,
        bound(replace(shared, traceparent=span.traceparent)),
    ):
        yield


def _agreed(events: Sequence[Event]) -> Context:
    first = events[0]
    if len(events) == 1:
        return first.context
    return Context(
        actor=first.actor if len({event.actor for event in events}) == 1 else None,
        organization=(
            first.organization if len({event.organization for event in events}) == 1 else None
        ),
        reason=first.type,
    )


def saga_of(command: Event) -> str:
    """The saga that a command's reply goes to; raise ``ValueError`` when it names none."""
    if command.correlation_id is None:
        raise ValueError(f"{command.type} {command.id} names no saga to answer")
    return command.correlation_id


def command_of(event: Event, read: Callable[[Mapping[str, Any]], Any]) -> dict[str, Any]:
    """What a command says, and the ``id`` and ``correlation_id`` that make its answer.

    Raises what ``read`` raises, and ``ValueError`` for a command that names no saga.
    """
    return {**read(event.data), "id": event.id, "correlation_id": saga_of(event)}


class InboxHead(Document):
    """The last sequence of one subject that one group has handled. Kept for ever."""

    meta = {
        "collection": "inbox_heads",
        "auto_create_index": False,
        "indexes": [{"fields": ["source", "id"]}],
    }
    id = StringField(primary_key=True)  # group|source|subject
    source = StringField(required=True)
    subject = StringField(required=True)
    sequence = LongField(required=True)
    at = DateTimeField()


class HandledMessage(Document):
    """A command or reply that one group has handled. Kept as long as a saga may last."""

    meta = {
        "collection": "inbox_log",
        "auto_create_index": False,
        "indexes": [{"fields": ["at"], "expireAfterSeconds": 400 * 86_400}],
    }
    id = StringField(primary_key=True)  # group|message id
    at = DateTimeField(required=True)


def head_id(group: str, source: str, subject: str) -> str:
    """The key of a head; no part of it may hold a ``|``."""
    return f"{group}|{source}|{subject}"


def heads(group: str, stream: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """How far ``group`` has read each ``(source, subject)``; 0 where it never has."""
    wanted = {head_id(group, source, subject): (source, subject) for source, subject in stream}
    answer = dict.fromkeys(wanted.values(), 0)
    for found in get_db()["inbox_heads"].find({"_id": {"$in": list(wanted)}}):
        answer[wanted[found["_id"]]] = found["sequence"]
    return answer


def heads_of_source(source: str, *, after: str = "", limit: int = 1000) -> list[dict[str, Any]]:
    """Heads any group here keeps of one source, ordered by id, for ``/internal/inbox/heads``.

    ``after`` is the id of the last head of the page before.
    """
    found = (
        get_db()["inbox_heads"]
        .find({"_id": {"$gt": after}, "source": source})
        .sort("_id", 1)
        .limit(limit)
    )
    return [
        {"id": head["_id"], "subject": head["subject"], "sequence": head["sequence"]}
        for head in found
    ]


def seen(group: str, message_ids: Iterable[str]) -> set[str]:
    """Which of these messages ``group`` has handled."""
    wanted = {f"{group}|{message_id}": message_id for message_id in message_ids}
    found = get_db()["inbox_log"].find({"_id": {"$in": list(wanted)}}, {"_id": 1})
    return {wanted[entry["_id"]] for entry in found}


def remember(group: str, message_ids: Iterable[str], *, now: datetime) -> None:
    """Note messages as handled; a duplicate aborts the transaction."""
    get_db()["inbox_log"].insert_many(
        [{"_id": f"{group}|{message_id}", "at": now} for message_id in message_ids]
    )
