"""Events on their way in: admitted from the wire, or back from where they waited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chassis.envelope import LIMIT_BYTES, Event, Unreadable, parse
from chassis.topics import Topic


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One event, its bytes, and what earlier attempts left behind.

    ``place`` says where on the broker it was. A parked letter has a row in
    ``inbox_pending``; ``due_at`` is when to try it again.
    """

    event: Event
    raw: str
    place: str = ""
    attempts: int = 0
    due_at: datetime | None = None
    first_at: datetime | None = None
    is_parked: bool = False
    is_retry: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfit:
    """Bytes that must not reach business code, and the reason as a stable code."""

    raw: str
    place: str
    reason: str
    detail: str


def admit(raw: bytes | None, topic: Topic, place: str) -> Letter | Unfit:
    """Read what came from a topic: an event of a service that may write there, or unfit."""
    text = (raw or b"")[: LIMIT_BYTES + 1].decode(errors="replace")
    try:
        event = parse(raw)
    except Unreadable as error:
        return Unfit(raw=text, place=place, reason=error.reason, detail=str(error))
    producer = event.source.split("/")[1]
    if producer not in topic.producers:
        detail = f"{event.source} may not write to {topic.name}"
        return Unfit(raw=text, place=place, reason="source", detail=detail)
    return Letter(event=event, raw=text, place=place)
