"""What a domain method answers: the next state and the facts that led there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Generic, NamedTuple, TypeVar

State = TypeVar("State")


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainEvent:
    """A fact, named in the past tense, that other services may react to.

    ``type`` reads ``service.noun.verb.v1`` and names the topic: ``teahouse.service.noun``.
    Every field but ``occurred_at`` becomes the event's data. It holds ids, never
    personal data.
    """

    type: ClassVar[str]
    occurred_at: datetime

    @property
    def subject(self) -> str:
        """The aggregate it belongs to; one subject's events stay in order."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A command to another service, or the reply to one: addressed, and not a fact.

    It carries no sequence; ``id`` makes a second delivery a no-op. ``correlation_id`` is
    the saga it belongs to. Those two and ``occurred_at`` travel in the envelope; every
    other field becomes its data.
    """

    type: ClassVar[str]
    topic: ClassVar[str]
    id: str
    correlation_id: str
    occurred_at: datetime

    @property
    def key(self) -> str:
        """What orders it: the target aggregate of a command, the saga of a reply."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Revision:
    """Where in its history a state stands.

    ``version`` counts the times it was saved and guards against lost updates;
    ``last_sequence`` counts the events it has published.
    """

    version: int = 0
    last_sequence: int = 0

    def after(self, events: int) -> Revision:
        """The revision that saving it with this many events leads to."""
        return Revision(self.version + 1, self.last_sequence + events)


class Decision(NamedTuple, Generic[State]):
    """The next state of an aggregate, the events that explain it, and messages to send."""

    state: State
    events: tuple[DomainEvent, ...] = ()
    messages: tuple[Message, ...] = ()


class NotYet(Exception):
    """What a decision needs is not known here yet; ask again later."""
