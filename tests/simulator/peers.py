"""Another service, which keeps what payments tells it and drops what it has heard before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chassis.consumer.letters import Letter
from chassis.consumer.streams import Head, sort_out
from chassis.envelope import Event
from chassis.kernel.decisions import DomainEvent
from chassis.settings import Settings
from tests.builders.payments import NOW, Shelf


class Peer:
    """Reads the facts in the outbox of payments; a hole in a stream it fills from there."""

    def __init__(self) -> None:
        self.settings = Settings(service="payments", mongo_uri="")
        self.heads: dict[tuple[str, str], int] = {}
        self.heard: set[str] = set()
        self._read: list[int] = []

    def expect_another_incarnation(self) -> None:
        """Payments was restored: what it tells from now on is of another source."""
        raised = self.settings.incarnation + 1
        self.settings = replace(self.settings, incarnation=raised)
        self._read = []

    def hear(self, shelves: Sequence[Shelf]) -> None:
        """Take in what is new; what was sent before the backup is sent again too."""
        lengths = [len(shelf.events) for shelf in shelves]
        for shelf, read, length in zip(
            shelves, self._read or [0] * len(lengths), lengths, strict=True
        ):
            for subject in dict.fromkeys(fact.subject for fact in shelf.events[read:length]):
                self._take_in(subject, [f for f in shelf.events if f.subject == subject])
        self._read = lengths

    def _take_in(self, subject: str, facts: Sequence[DomainEvent]) -> None:
        stream = (self.settings.source, subject)
        letters = [
            Letter(event=_event(fact, sequence, stream[0]), raw=repr(fact))
            for sequence, fact in enumerate(facts, start=1)
        ]
        ready = sort_out(Head(self.heads.get(stream, 0)), letters, now=NOW).ready
        self.heard.update(letter.raw for letter in ready)
        if ready:
            self.heads[stream] = ready[-1].event.sequence


def _event(fact: DomainEvent, sequence: int, source: str) -> Event:
    name = f"{fact.subject}:{sequence}"
    return Event(
        id=name,
        type=fact.type,
        source=source,
        subject=fact.subject,
        time=fact.occurred_at,
        key=fact.subject,
        sequence=sequence,
    )
