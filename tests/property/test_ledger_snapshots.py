"""Books from a snapshot and the rest of the log are the books from the whole log."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.payments.ledger.engine.books import Books
from services.payments.ledger.engine.holds import Holds
from services.payments.ledger.engine.snapshots import SnapshotUnfit, freeze, thaw
from services.payments.ledger.repositories.writer import Writer
from tests.property.ledger_random import RandomEntries
from tests.unit.payments.ledger.books import MARKET, MemoryLog, MovableClock, a_writer

NOT_STATE = {
    "books._fetch",  # how the log is read
    "books.ids._read_ids",
    "books._shelf",  # what of the log is at hand, and read again when it is not
    "books.ids._recent",
    "books.accounts.scratch",  # room to reckon in
}


def state(books: Books) -> dict[str, object]:
    """All that books hold, field by field: one that is added later is among them."""
    return dict(_fields(books, "books"))


def _fields(part: object, place: str) -> Iterator[tuple[str, object]]:
    for name, value in vars(part).items():
        where = f"{place}.{name}"
        if where in NOT_STATE:
            continue
        if isinstance(part, Holds) and name == "_due":
            # A heap, in which what is no longer so stays until it is met.
            opened = {(hold.expires_at, number) for number, hold in part}
            yield where, sorted(opened & set(value))
        elif hasattr(value, "__dict__"):
            yield from _fields(value, where)
        else:
            yield where, _plain(value, getattr(part, "count", None))


def _plain(value: object, count: int | None = None) -> object:
    if isinstance(value, np.ndarray):
        return value[:count].tolist()
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    assert isinstance(value, bool | int | str | bytes), f"{value!r} cannot be compared"
    return value


class Market:
    """A log of random entries of every kind, chains among them."""

    def __init__(self, seed: int, *, accounts: int = 5) -> None:
        self.clock, self.log = MovableClock(), MemoryLog()
        self.source = RandomEntries(seed, self.clock, accounts=accounts)
        self.writer = a_writer(self.log, self.clock)

    def go_on(self, batches: int, size: int) -> None:
        for _ in range(batches):
            self.writer.book(self.source.batch(size))
            self.clock.forward(seconds=self.source.random.choice([0, 0.2, 40, 600]))

    def books(self, upto: int) -> Books:
        """The books of the first segments."""
        books = Books(MARKET, self.log.read)
        for segment in self.log.segments[:upto]:
            books.apply(segment)
        return books

    def restored(self, upto: int) -> Books:
        """The same, from a snapshot."""
        return thaw(MARKET, freeze(self.books(upto)), self.log.read)


class Kept:
    """The ``Snapshots`` port with one snapshot."""

    def __init__(self, books: Books) -> None:
        self._books = books

    def latest(self, _read: object) -> Books:
        return self._books


class TestRestored:
    @given(
        seed=st.integers(0, 2**32),
        accounts=st.integers(2, 8),
        batches=st.integers(1, 12),
        cut=st.integers(0, 2**16),
    )
    def test_books_are_those_of_the_whole_log_and_go_on_alike(self, seed, accounts, batches, cut):
        market = Market(seed, accounts=accounts)
        market.go_on(batches, 25)
        segments = market.log.segments
        cut %= len(segments) + 1

        books = market.restored(cut)
        assert state(books) == state(market.books(cut))
        for segment in segments[cut:]:
            books.apply(segment)
        assert state(books) == state(market.books(len(segments)))

        batch, logs, told = market.source.batch(40), [], []
        for upto in (0, cut):
            log = MemoryLog()
            log.segments = list(segments)
            writer = Writer(MARKET, log, market.clock, snapshots=Kept(market.restored(upto)))
            writer.catch_up()
            told.append(writer.book(batch))
            logs.append(log)
        assert told[0] == told[1]
        assert [segment.hash for segment in logs[0].segments] == [
            segment.hash for segment in logs[1].segments
        ]

    def test_no_field_was_compared_that_nothing_ever_changes(self):
        market = Market(3)
        market.go_on(60, 60)
        fresh, books = state(Books(MARKET, market.log.read)), state(market.books(2**16))

        untouched = {where for where, value in books.items() if value == fresh.get(where)}

        assert untouched == {"books.market"}

    def test_a_snapshot_of_restored_books_is_the_same(self):
        market = Market(4)
        market.go_on(20, 30)

        assert freeze(market.restored(15)) == freeze(market.books(15))


class TestUnfit:
    @pytest.mark.parametrize(
        "change",
        [
            {"format": 1},
            {"format": 3},
            {"shape": []},
            {"next_sequence": None, "head": "no hash"},
        ],
    )
    def test_of_another_version(self, change):
        parts = self.parts()
        parts["header"] = json.dumps(json.loads(parts["header"]) | change).encode()

        self.refuse(parts)

    @pytest.mark.parametrize("name", ["header", "words", "holds", "reversals", "accounts.shape"])
    def test_with_a_part_missing(self, name):
        parts = self.parts()
        del parts[name]

        self.refuse(parts)

    def parts(self) -> dict[str, Any]:
        market = Market(5)
        market.go_on(4, 20)
        return freeze(market.books(4))

    def refuse(self, parts: dict[str, bytes]) -> None:
        with pytest.raises(SnapshotUnfit):
            thaw(MARKET, parts, MemoryLog().read)
