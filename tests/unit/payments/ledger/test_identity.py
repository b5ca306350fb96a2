"""The index of ids says where an id stands, whatever its time and whatever shares its key."""

from __future__ import annotations

import random

import numpy as np
import pytest

from services.payments.ledger.engine import identity
from services.payments.ledger.engine.columns import U64
from services.payments.ledger.engine.identity import IdIndex, Place

Ids = tuple[U64, U64]


class Shelf:
    """Segments of ids, and how often an old one was fetched."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.segments: list[Ids] = []
        self.fetched = 0
        self.index = IdIndex(self.fetch)

    def fetch(self, segment: int) -> Ids:
        self.fetched += 1
        return self.segments[segment]

    def ids(self, count: int, *, now: int, late: int) -> Ids:
        times = [now - self.random.randrange(late) for _ in range(count)]
        high = [time << 16 | self.random.getrandbits(12) for time in times]
        low = [self.random.getrandbits(64) for _ in range(count)]
        return np.array(high, np.uint64), np.array(low, np.uint64)

    def add(self, ids: Ids) -> None:
        self.index.remember(len(self.segments), *ids)
        self.segments.append(ids)

    def check(self) -> None:
        """Every id is found where it is, and no other is found."""
        for segment, (high, low) in enumerate(self.segments):
            found = self.index.find(high, low)
            assert found == {index: Place(segment, index) for index in range(len(high))}
        assert self.index.find(*self.ids(500, now=2_000_000, late=1_000)) == {}


class TestIdIndex:
    @pytest.mark.parametrize("late", [1, 50, 100_000])
    def test_finds_each_id_and_no_other(self, late):
        shelf = Shelf(late)
        for turn in range(150):
            shelf.add(shelf.ids(shelf.random.choice([1, 7, 60]), now=1_000_000 + turn, late=late))

        shelf.check()

    def test_compares_ids_that_share_a_key_in_full(self, monkeypatch):
        monkeypatch.setattr(
            identity, "keys_of", lambda high, low: (high >> np.uint64(16)) % np.uint64(7)
        )
        shelf = Shelf(1)
        for turn in range(80):
            shelf.add(shelf.ids(5, now=1_000_000 + turn, late=50))

        shelf.check()
        assert shelf.fetched > 0

    def test_keeps_the_runs_few_and_none_too_long(self, monkeypatch):
        monkeypatch.setattr(identity, "MAX_RUN", 512)
        shelf = Shelf(2)
        for turn in range(400):
            shelf.add(shelf.ids(10, now=1_000_000 + turn, late=3))

        sizes = [len(run.keys) for run in shelf.index._runs]
        assert sum(sizes) == 4_000
        assert max(sizes) <= 512
        assert len(sizes) < 20
        shelf.check()

    def test_new_ids_in_the_order_of_time_fetch_nothing(self):
        shelf = Shelf(3)
        for turn in range(200):
            ids = shelf.ids(20, now=1_000_000 + turn, late=1)
            assert shelf.index.find(*ids) == {}
            shelf.add(ids)

        assert shelf.fetched == 0

    def test_empty_it_finds_nothing(self):
        nothing = np.zeros(0, np.uint64)

        assert Shelf(4).index.find(nothing, nothing) == {}
        assert Shelf(4).index.find(np.ones(1, np.uint64), np.ones(1, np.uint64)) == {}
