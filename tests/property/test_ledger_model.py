"""The ledger agrees with its model, entry for entry, and never makes or loses a fen."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.payments.ledger.domain import Outcome, Status
from services.payments.ledger.engine.books import Books
from services.payments.ledger.repositories.writer import Writer
from tests.property.ledger_model import Model
from tests.property.ledger_random import RandomEntries
from tests.unit.payments.ledger.books import MARKET, MemoryLog, MovableClock, a_writer

ENTRIES = 100_000
BATCHES = (1, 3, 20, 150, 600)


def word(outcome: Outcome) -> str:
    if outcome.status is Status.POSTED:
        return "accepted"
    return "exists" if outcome.status is Status.EXISTS else outcome.code


def agree(writer: Writer, model: Model) -> None:
    """The balances are the model's, and add up to zero in each currency."""
    accounts = writer.books.accounts
    assert not any(accounts.trial_balance().values())
    for number, account in enumerate(accounts.names):
        assert int(accounts.posted[number]) == model.posted[account]
        assert int(accounts.available[number]) == model.available[account]


def run(
    seed: int, entries: int, *, accounts: int, largest: int = 900
) -> tuple[MemoryLog, Writer, Counter[str]]:
    """Submit random batches to the books and to the model; compare after every batch."""
    clock, log, model = MovableClock(), MemoryLog(), Model()
    writer = a_writer(log, clock)
    source = RandomEntries(seed, clock, accounts=accounts, largest=largest)
    seen: Counter[str] = Counter()
    while seen.total() < entries:
        batch = source.batch(source.random.choice(BATCHES))

        outcomes = writer.book(batch)

        expected = [model.submit(entry, clock()) for entry in batch]
        assert [word(outcome) for outcome in outcomes] == expected, f"seed {seed}"
        agree(writer, model)
        seen.update(expected)
        clock.forward(seconds=source.random.choice([0, 0.2, 40, 60, 60]))
    return log, writer, seen


class TestAgainstTheModel:
    @pytest.mark.parametrize(
        ("seed", "accounts", "largest"), [(1, 3, 900), (2, 5, 3), (3, 12, 10**12), (4, 60, 30)]
    )
    def test_a_hundred_thousand_entries_end_as_the_model_says(self, seed, accounts, largest):
        log, writer, seen = run(seed, ENTRIES // 4, accounts=accounts, largest=largest)

        assert set(seen) >= {
            "accepted",
            "exists",
            "id-conflict",
            "bad-legs",
            "not-balanced",
            "floor-broken",
            "hold-not-found",
            "hold-resolved",
            "hold-expired",
            "hold-not-expired",
            "exceeds-hold",
            "legs-differ-from-hold",
        }, seen
        replayed = Books(MARKET, log.read)
        for segment in log.segments:
            replayed.apply(segment)
            assert not any(replayed.accounts.trial_balance().values())
        assert replayed.head == writer.books.head
        assert replayed.accounts.names == writer.books.accounts.names
        assert (replayed.accounts.posted == writer.books.accounts.posted).all()
        assert (replayed.accounts.available == writer.books.accounts.available).all()
        assert len(replayed.holds) == len(writer.books.holds)

    @given(
        seed=st.integers(0, 2**32), accounts=st.integers(2, 8), largest=st.sampled_from([2, 900])
    )
    def test_any_seed_agrees(self, seed, accounts, largest):
        run(seed, 200, accounts=accounts, largest=largest)
