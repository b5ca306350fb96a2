"""The ledger agrees with its model, entry for entry, and never makes or loses a fen."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chassis.kernel.ids import to_int
from services.payments.ledger.domain import EntryRequest, Outcome, Status
from services.payments.ledger.engine.books import Books
from services.payments.ledger.engine.columns import NO_CEILING
from services.payments.ledger.repositories.writer import Writer
from tests.property.ledger_model import Deltas, Model
from tests.property.ledger_random import RandomEntries
from tests.unit.payments.ledger.books import MARKET, MemoryLog, MovableClock, a_writer

ENTRIES = 24_000
AT_LENGTH = 200_000
STANDS = {"accepted", "exists"}
BATCHES = (1, 3, 20, 150, 600)


def word(outcome: Outcome) -> str:
    if outcome.status is Status.POSTED:
        return "accepted"
    return "exists" if outcome.status is Status.EXISTS else outcome.code


def agree(writer: Writer, model: Model) -> None:
    """The balances are the model's, within their limits, and zero in sum for each currency."""
    accounts = writer.books.accounts
    assert not any(accounts.trial_balance().values())
    for number, account in enumerate(accounts.names):
        posted, available = int(accounts.posted[number]), int(accounts.available[number])
        promised, ceiling = int(accounts.promised[number]), int(accounts.ceiling[number])
        assert posted == model.posted[account]
        assert available == posted - model.held[account]
        assert promised == model.promised[account]
        down, up = model.room(account)
        assert available - int(accounts.floor[number]) == down >= 0
        assert (ceiling == NO_CEILING) == (up is None)
        assert up is None or ceiling - posted - promised == up >= 0


def agreed(answers: list[str], expected: list[str]) -> bool:
    """The same words, but that of a refused chain any refusal will do."""
    return len(answers) == len(expected) and all(
        word == wanted or (wanted == "refused" and word not in STANDS)
        for word, wanted in zip(answers, expected, strict=True)
    )


def differing(
    batch: list[EntryRequest], answers: list[str], expected: list[str]
) -> list[tuple[EntryRequest, str, str]]:
    """Where books and model first say something else, and what follows."""
    triples = list(zip(batch, answers, expected, strict=True))
    at = next(n for n, triple in enumerate(triples) if not agreed([triple[1]], [triple[2]]))
    return triples[at : at + 4]


def parts(writer: Writer, requests: list[EntryRequest]) -> dict[str, Deltas]:
    """Which legs the books gave to the reversals in part that stand."""
    names, found = writer.books.accounts.names, {}
    for request in requests:
        entry = writer.books.find(to_int(request.id)) if request.part is not None else None
        if entry is not None:
            legs = zip(entry.accounts, entry.amounts, strict=True)
            found[request.id] = [(names[number], minor) for number, minor in legs]
    return found


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

        expected = model.submit(batch, clock(), parts(writer, batch))
        answers = [word(outcome) for outcome in outcomes]
        assert agreed(answers, expected), (f"seed {seed}", differing(batch, answers, expected))
        agree(writer, model)
        seen.update(answers)
        clock.forward(seconds=source.random.choice([0, 0.2, 40, 60, 60]))
    return log, writer, seen


class TestAgainstTheModel:
    @pytest.mark.parametrize(
        ("seed", "accounts", "largest"), [(1, 3, 900), (2, 5, 3), (3, 12, 10**12), (4, 60, 30)]
    )
    def test_thousands_of_entries_end_as_the_model_says(self, seed, accounts, largest, full):
        entries = (AT_LENGTH if full else ENTRIES) // 4
        log, writer, seen = run(seed, entries, accounts=accounts, largest=largest)

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
            "ceiling-broken",
            "chain-refused",
            "period-closed",
            "not-reversible",
            "exceeds-original",
            "legs-differ-from-original",
            "not-an-extension",
            "hold-too-long",
            "limits-stale",
        }, seen
        replayed = Books(MARKET, log.read)
        for segment in log.segments:
            replayed.apply(segment)
            assert not any(replayed.accounts.trial_balance().values())
        assert replayed.head == writer.books.head
        assert replayed.accounts.names == writer.books.accounts.names
        assert (replayed.accounts.posted == writer.books.accounts.posted).all()
        assert (replayed.accounts.available == writer.books.accounts.available).all()
        assert (replayed.accounts.promised == writer.books.accounts.promised).all()
        assert (replayed.accounts.ceiling == writer.books.accounts.ceiling).all()
        assert dict(replayed.holds) == dict(writer.books.holds)
        assert dict(replayed.reversals) == dict(writer.books.reversals)
        assert replayed.closed_until == writer.books.closed_until

    @example(seed=1024, accounts=2, largest=2)  # a part that breaks a floor or a ceiling
    @given(
        seed=st.integers(0, 2**32), accounts=st.integers(2, 8), largest=st.sampled_from([2, 900])
    )
    def test_any_seed_agrees(self, seed, accounts, largest):
        run(seed, 200, accounts=accounts, largest=largest)
