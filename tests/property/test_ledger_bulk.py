"""A bulk call does what its entries would do one by one."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.payments.ledger.adapters import to_json
from services.payments.ledger.domain import Outcome, Round, Status
from services.payments.ledger.engine.books import Books
from services.payments.ledger.engine.reading import each_entry
from services.payments.ledger.repositories.sequencer import Sequencer
from services.payments.ledger.repositories.writer import Writer
from tests.property.ledger_random import RandomEntries
from tests.unit.payments.ledger.books import MARKET, MemoryLog, MovableClock, a_writer

SIZES = (1, 2, 30, 60)


def told(rounds: list[Round]) -> list[tuple[str, ...]]:
    """What became of each line: its id, its status or code, and what is said of it."""
    found = []
    for part in rounds:
        assert len(part.ids) == len(part.indexes) == part.stop - part.start
        for position, entry_id in enumerate(part.ids, start=part.start):
            other = part.others.get(position)
            found.append(in_short(other) if other else (entry_id, Status.POSTED, "", ""))
    return found


def in_short(outcome: Outcome) -> tuple[str, ...]:
    return (outcome.id, outcome.status, outcome.code, outcome.detail)


def entries_of(log: MemoryLog) -> list[object]:
    return [
        entry._replace(
            accounts=(),
            code=0,
            reference=(0, entry.reference[1]),
            limits=entry.limits and (0, *entry.limits[1:]),
        )
        for segment in log.segments
        for entry in each_entry(segment.entries)
    ]


def standing(books: Books, path: str, currency: str) -> list[int]:
    """All that the books say of an account."""
    accounts = books.accounts
    number = accounts.numbers[path, currency]
    columns = (
        *(accounts.posted, accounts.available, accounts.promised),
        *(accounts.floor, accounts.ceiling, accounts.version),
    )
    return [int(column[number]) for column in columns]


def run(seed: int, entries: int, *, accounts: int) -> None:
    clock = MovableClock()
    log, single_log = MemoryLog(), MemoryLog()
    sequencer = Sequencer(lambda: Writer(MARKET, log, clock))
    single = a_writer(single_log, clock)
    source = RandomEntries(seed, clock, accounts=accounts)
    seen: set[str] = set()
    while entries > 0:
        # A bulk call takes no chains.
        wanted = source.batch(source.random.choice(SIZES))
        batch = [replace(entry, linked=False) for entry in wanted]
        texts = [json.dumps(to_json(entry)).encode() for entry in batch]

        rounds = sequencer.submit_lines(texts)

        expected = [single.book([entry])[0] for entry in batch]
        # Which entry took the money first is told by the state before the batch.
        without = [told_of[:3] for told_of in told(rounds)]
        assert without == [in_short(outcome)[:3] for outcome in expected], f"seed {seed}"
        seen.update(outcome.code or outcome.status for outcome in expected)
        entries -= len(batch)
        clock.forward(seconds=source.random.choice([0, 0.2, 60]))
    sequencer.close()
    books = a_writer(log, clock).books
    assert entries_of(log) == entries_of(single_log)
    for path, currency in single.books.accounts.names:
        assert standing(books, path, currency) == standing(single.books, path, currency)
    assert len(books.holds) == len(single.books.holds)
    assert dict(books.reversals) == dict(single.books.reversals)
    assert books.closed_until == single.books.closed_until


class TestBulkIsOneByOne:
    @pytest.mark.parametrize(("seed", "accounts"), [(1, 3), (2, 12)])
    def test_for_many_entries(self, seed, accounts):
        run(seed, 600, accounts=accounts)

    @given(seed=st.integers(0, 2**32), accounts=st.integers(2, 8))
    def test_for_any_seed(self, seed, accounts):
        run(seed, 20, accounts=accounts)
