"""The documents beside the log, with transactions that happen whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from services.payments.settlements.use_cases import Books
from tests.builders.payments import FakeLedger, FakeReplies, Shelf, books

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


@dataclass(frozen=True)
class Documents:
    """All aggregates of payments; durable, whoever dies."""

    books: Books

    @classmethod
    def empty(cls, *states: object) -> Documents:
        """Documents with these states among them."""
        return cls(books(FakeLedger(), *states))

    def shelves(self) -> list[Shelf]:
        """Every kind of aggregate there is."""
        return [getattr(self.books, name) for name in SHELVES]

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Undo everything that was stored, if it does not come to its end."""
        before = [(shelf, dict(vars(shelf)), dict(shelf.by_id)) for shelf in self.shelves()]
        replies: FakeReplies = self.books.replies
        sent = len(replies.sent)
        try:
            yield
        except BaseException:
            for shelf, members, by_id in before:
                vars(shelf).update(members)
                shelf.by_id = by_id
            del replies.sent[sent:]
            raise
