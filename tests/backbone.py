"""Events, letters and a small service for tests of the backbone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from mongoengine import IntField, StringField

from chassis.consumer.letters import Letter, admit
from chassis.context import NOBODY
from chassis.envelope import Stamp, event_json, message_json
from chassis.kernel.decisions import DomainEvent, Message
from chassis.kernel.ids import from_int
from chassis.mongo import AggregateDocument
from chassis.pace import Pace
from chassis.topics import register

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
LOTS = "teahouse.catalog.lot"
REPLIES = "teahouse.matching.saga-replies"
PUBLISHED = "catalog.lot.published.v1"
RESERVED = "catalog.reply.packs-reserved.v1"

QUICK = Pace(
    lease=2.0,
    poll_longest=0.05,
    broker_check=0.5,
    silence=3.0,
    stall=5.0,
    backoff_longest=1.0,
    mend=0.2,
    gap_pull=1.0,
    gap_give_up=3.0,
    retries=(0.2, 0.4),
)
"""Waiting times for tests: seconds where production waits minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LotPublished(DomainEvent):
    type: ClassVar[str] = PUBLISHED
    lot_id: str
    number: int

    @property
    def subject(self):
        return self.lot_id


@dataclass(frozen=True, slots=True, kw_only=True)
class LotClosed(DomainEvent):
    type: ClassVar[str] = "catalog.lot.closed.v1"
    lot_id: str

    @property
    def subject(self):
        return self.lot_id


@dataclass(frozen=True, slots=True, kw_only=True)
class PacksReserved(Message):
    type: ClassVar[str] = RESERVED
    topic: ClassVar[str] = REPLIES
    claim_id: str

    @property
    def key(self):
        return self.correlation_id


class Tin(AggregateDocument):
    """An aggregate that only counts."""

    meta = {"collection": "test_tins", "auto_create_index": False}
    id = StringField(primary_key=True)
    count = IntField(required=True)


def lot(number=1):
    """The id of a lot."""
    return from_int("lot", number)


def published(subject, number):
    """A fact of a lot; by habit its number is its sequence."""
    return LotPublished(occurred_at=NOW, lot_id=subject, number=number)


def reserved(message_id, saga="sag_1", claim_id="clm_1"):
    """A reply to a saga."""
    return PacksReserved(id=message_id, correlation_id=saga, occurred_at=NOW, claim_id=claim_id)


def stamp(source="/catalog/1"):
    """What the chassis adds to an event."""
    return Stamp(source=source, context=NOBODY, recorded_at=NOW)


def envelope(subject, sequence, *, source="/catalog/1", event=None):
    """The envelope of a fact, its id told by what it is."""
    return event_json(
        event or published(subject, sequence),
        event_id=f"evt-{source}-{subject}-{sequence}",
        sequence=sequence,
        stamp=stamp(source),
    )


def a_letter(subject, sequence, *, source="/catalog/1", event=None):
    """A fact as it comes from its topic."""
    return as_letter(envelope(subject, sequence, source=source, event=event))


def a_reply(message_id, saga="sag_1"):
    """A reply as it comes from its topic."""
    return as_letter(message_json(reserved(message_id, saga), stamp=stamp()), topic=REPLIES)


def as_letter(text, *, topic=LOTS):
    """Anything as it comes from a topic."""
    letter = admit(text.encode(), register()[topic], "test/0/0")
    assert isinstance(letter, Letter)
    return letter


def parked(letter, *, is_retry=False, due_in_seconds=0.0, attempts=0):
    """The same letter, back from where it waited."""
    return Letter(
        event=letter.event,
        raw=letter.raw,
        attempts=attempts,
        due_at=NOW + timedelta(seconds=due_in_seconds),
        first_at=NOW,
        is_parked=True,
        is_retry=is_retry,
    )
