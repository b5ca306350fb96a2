"""The envelope every event travels in: CloudEvents 1.0, structured JSON.

Extensions: ``partitionkey`` orders it, ``sequence`` (20 digits) counts the events of one
``(source, subject)`` from 1 without a hole, ``correlationid`` and ``causationid`` tell the
conversation, ``organization`` and ``actor`` who acted, ``recordedtime`` when it was stored.
A command or a reply has no sequence and is known by its id.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import datetime
from functools import cache
from typing import Any

from chassis.context import Context
from chassis.kernel.decisions import DomainEvent, Message
from chassis.kernel.money import Money
from chassis.kernel.time import from_rfc3339, to_rfc3339

CONTENT_TYPE = "application/cloudevents+json; charset=UTF-8"
LIMIT_BYTES = 64 * 1024
SEQUENCE_DIGITS = 20

_TYPE = re.compile(r"^[a-z]+(\.[a-z0-9-]+){1,3}\.v[0-9]+$")
_SOURCE = re.compile(r"^/[a-z][a-z0-9_-]*/[0-9]+$")
_ORGANIZATION = re.compile(r"^(org_[0-9a-z]+|platform)$")
_TRACEPARENT = re.compile(r"^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$")
_PLAIN = frozenset({str, int, bool, type(None)})
# One for all: ``json.dumps`` would make another for each event.
_write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_OUTSIDE_EVENT = {"occurred_at"}
_OUTSIDE_MESSAGE = {"occurred_at", "id", "correlation_id"}


class Unreadable(ValueError):
    """The bytes are no event of ours; ``reason`` is a stable code for the dead letter."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason


class TooLarge(ValueError):
    """An event of more than 64 KiB; store the bulk elsewhere and publish its digest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A fact or a message as a consumer sees it."""

    id: str
    type: str
    source: str
    subject: str
    time: datetime
    key: str
    sequence: int | None = None
    correlation_id: str | None = None
    causation_id: str | None = None
    organization: str | None = None
    actor: str | None = None
    traceparent: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def context(self) -> Context:
        """The context in which to act on it."""
        return Context(
            actor=self.actor,
            organization=self.organization,
            correlation_id=self.correlation_id,
            causation_id=self.id,
            traceparent=self.traceparent,
            reason=self.type,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What the chassis knows about an event and the domain does not."""

    source: str
    context: Context
    recorded_at: datetime


def event_json(event: DomainEvent, *, event_id: str, sequence: int, stamp: Stamp) -> str:
    """The envelope of a fact, ready to send; raise ``TooLarge`` past 64 KiB."""
    return _dump(
        _attributes(event_id, event.type, event.subject, event.subject, stamp)
        | {
            "time": to_rfc3339(event.occurred_at),
            "sequence": f"{sequence:0{SEQUENCE_DIGITS}d}",
            "correlationid": stamp.context.correlation_id,
        },
        data_of(event),
    )


def message_json(message: Message, *, stamp: Stamp) -> str:
    """The envelope of a command or reply, ready to send; raise ``TooLarge`` past 64 KiB."""
    return _dump(
        _attributes(message.id, message.type, message.key, message.key, stamp)
        | {
            "time": to_rfc3339(message.occurred_at),
            "correlationid": message.correlation_id,
        },
        data_of(message),
    )


def data_of(fact: DomainEvent | Message) -> dict[str, Any]:
    """The fields that travel as ``data``, in JSON's own types."""
    names = _names_inside(type(fact))  # type: ignore[arg-type] # mypy reads __hash__ of the instances
    return {
        name: value if type(value := getattr(fact, name)) in _PLAIN else plain(value)
        for name in names
    }


@cache
def _names_inside(kind: type[DomainEvent | Message]) -> tuple[str, ...]:
    outside = _OUTSIDE_MESSAGE if issubclass(kind, Message) else _OUTSIDE_EVENT
    return tuple(part.name for part in fields(kind) if part.name not in outside)


def plain(value: object) -> Any:  # noqa: ANN401 - JSON has no narrower type
    """A domain value in JSON's types: Money, moments, tuples and frozen dataclasses."""
    # The exact types first: looking up the class tree costs ten times as much.
    if type(value) in _PLAIN or isinstance(value, (str, int)):
        return value
    if isinstance(value, Money):
        return {"minor": value.minor, "currency": value.currency}
    if isinstance(value, datetime):
        return to_rfc3339(value)
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return {part.name: plain(getattr(value, part.name)) for part in fields(value)}
    raise TypeError(f"an event cannot carry {type(value).__name__}: {value!r}")


def parse(raw: bytes | str | None) -> Event:
    """Read and check an envelope; raise ``Unreadable`` with the reason."""
    document = _load(raw)
    if document.get("specversion") != "1.0":
        raise Unreadable("specversion", f"not CloudEvents 1.0: {document.get('specversion')!r}")
    data = document.get("data", {})
    if not isinstance(data, dict):
        raise Unreadable("data", "the data is not an object")
    subject = _text(document, "subject")
    return Event(
        id=_text(document, "id"),
        type=_matching(document, "type", _TYPE),
        source=_matching(document, "source", _SOURCE),
        subject=subject,
        key=_optional(document, "partitionkey") or subject,
        time=_moment(document),
        sequence=_sequence(document),
        correlation_id=_optional(document, "correlationid"),
        causation_id=_optional(document, "causationid"),
        organization=_optional(document, "organization", _ORGANIZATION),
        actor=_optional(document, "actor"),
        traceparent=_optional(document, "traceparent", _TRACEPARENT),
        data=data,
    )


def _attributes(
    event_id: str, event_type: str, subject: str, key: str, stamp: Stamp
) -> dict[str, str | None]:
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": stamp.source,
        "type": event_type,
        "subject": subject,
        "datacontenttype": "application/json",
        "partitionkey": key,
        "causationid": stamp.context.causation_id,
        "traceparent": stamp.context.traceparent,
        "organization": stamp.context.organization,
        "actor": stamp.context.actor,
        "recordedtime": to_rfc3339(stamp.recorded_at),
    }


def _dump(attributes: dict[str, str | None], data: dict[str, Any]) -> str:
    # CloudEvents knows no null attribute: what is unknown is left out.
    document: dict[str, Any] = {name: text for name, text in attributes.items() if text}
    document["data"] = data
    text = _write(document)
    if len(text) > LIMIT_BYTES // 4 and len(text.encode()) > LIMIT_BYTES:
        raise TooLarge(f"{attributes['type']} of {attributes['subject']}: {len(text)} characters")
    return text


def _load(raw: bytes | str | None) -> dict[str, Any]:
    if not raw:
        raise Unreadable("empty", "no bytes at all")
    if len(raw) > LIMIT_BYTES:
        raise Unreadable("too-large", f"{len(raw)} bytes")
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise Unreadable("json", str(error)[:200]) from error
    if not isinstance(document, dict):
        raise Unreadable("json", "not an object")
    return document


def _text(document: Mapping[str, Any], name: str) -> str:
    text = document.get(name)
    if not isinstance(text, str) or not 0 < len(text) <= 256:  # noqa: PLR2004 - a plain ceiling
        raise Unreadable(name, f"missing or no short text: {str(text)[:80]!r}")
    return text


def _matching(document: Mapping[str, Any], name: str, pattern: re.Pattern[str]) -> str:
    text = _text(document, name)
    if not pattern.match(text):
        raise Unreadable(name, f"not of the agreed form: {text[:80]!r}")
    return text


def _optional(
    document: Mapping[str, Any], name: str, pattern: re.Pattern[str] | None = None
) -> str | None:
    if document.get(name) is None:
        return None
    return _matching(document, name, pattern) if pattern else _text(document, name)


def _moment(document: Mapping[str, Any]) -> datetime:
    try:
        return from_rfc3339(_text(document, "time"))
    except ValueError as error:
        raise Unreadable("time", str(error)) from error


def _sequence(document: Mapping[str, Any]) -> int | None:
    text = document.get("sequence")
    if text is None:
        return None
    if not (isinstance(text, str) and len(text) == SEQUENCE_DIGITS and text.isdecimal()):
        raise Unreadable("sequence", f"not 20 digits: {str(text)[:80]!r}")
    number = int(text)
    if number < 1:
        raise Unreadable("sequence", "the first event of a subject has number 1")
    return number
