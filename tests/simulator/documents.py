"""The documents beside the log, with transactions that happen whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from services.payments.destinations.domain import Destination, DestinationNotFound
from services.payments.releases.domain import Release
from services.payments.settlements.use_cases import Books
from tests.builders.payments import FakeLedger, FakeReplies, Shelf, books
from tests.builders.providers import FakeDestinations, FakeOperations, FakePayouts

OPEN, DONE = "open", "done"
SHELVES = (
    "contracts",
    "escrows",
    "naming",
    "sales",
    "settlements",
    "refunds",
    "royalties",
    "pending",
)


class Intents(Shelf):
    """What was intended, each once, and whether it is done: the ``Intentions`` port."""

    def record(self, kind: str, about: str) -> None:
        self.by_id.setdefault((kind, about), OPEN)

    def finish(self, kind: str, about: str) -> None:
        self.by_id[kind, about] = DONE

    def open(self) -> list[tuple[str, str]]:
        return [name for name, state in self.by_id.items() if state == OPEN]


class FakeReleases(Shelf):
    """``Releases`` and ``CompletedReleases``."""

    def since(self, organization_id: str, currency: str, after: datetime | None) -> list[Release]:
        return [
            release
            for release in self.by_id.values()
            if (release.organization_id, release.amount.currency) == (organization_id, currency)
            and release.completed_at
            and (after is None or release.completed_at > after)
        ]


class Mark(NamedTuple):
    """How a shelf stood; its lists only grow, so that their lengths will do."""

    shelf: Shelf
    members: dict[str, Any]
    by_id: dict[Any, Any]
    events: int
    messages: int

    @classmethod
    def of(cls, shelf: Shelf) -> Mark:
        """How it stands now."""
        members = dict(vars(shelf))
        return cls(shelf, members, dict(shelf.by_id), len(shelf.events), len(shelf.messages))

    def restore(self) -> None:
        """Let it stand so again; the mark is of no more use."""
        vars(self.shelf).update(self.members)
        self.shelf.by_id = self.by_id
        del self.shelf.events[self.events :], self.shelf.messages[self.messages :]


@dataclass(frozen=True)
class Documents:
    """All aggregates of payments, and the names of what was taken in; durable, whoever dies."""

    books: Books
    destinations: FakeDestinations
    releases: FakeReleases = field(default_factory=lambda: FakeReleases(LookupError))
    payouts: FakePayouts = field(default_factory=FakePayouts)
    operations: FakeOperations = field(default_factory=lambda: FakeOperations(KeyError))
    intents: Intents = field(default_factory=lambda: Intents(KeyError))
    done: set[str] = field(default_factory=set)

    @classmethod
    def empty(cls, *states: object) -> Documents:
        """Documents with these states among them."""
        named = [state for state in states if isinstance(state, Destination)]
        return cls(books(FakeLedger(), *states), FakeDestinations(DestinationNotFound, *named))

    @property
    def shelves(self) -> Sequence[Shelf]:
        """Every kind of aggregate there is."""
        own = (self.destinations, self.releases, self.payouts, self.operations, self.intents)
        return (*(getattr(self.books, name) for name in SHELVES), *own)

    def marks(self) -> list[Mark]:
        """How all of it stands."""
        return [Mark.of(shelf) for shelf in self.shelves]

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Undo everything that was stored, if it does not come to its end."""
        before = self.marks()
        replies: FakeReplies = self.books.replies
        sent = len(replies.sent)
        try:
            yield
        except BaseException:
            for mark in before:
                mark.restore()
            del replies.sent[sent:]
            raise
