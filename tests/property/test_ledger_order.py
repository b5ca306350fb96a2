"""What need not come in order, may come in any."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from services.payments.ledger.domain import EntryRequest, Leg, plain
from services.payments.ledger.repositories.writer import Writer
from tests.unit.payments.ledger.books import OUTSIDE, MovableClock, SeededIds, a_writer

LARGEST, ENTRIES, CURRENCIES = 10**9, 30, ("CNY", "USD", "TICKET")


def transfers(seed: int) -> tuple[list[EntryRequest], list[EntryRequest]]:
    """Deposits, and entries that move no more than these together bring."""
    chance, ids = random.Random(seed), SeededIds(seed, MovableClock())
    paths = [f"org:{ids('org')}:available" for _ in range(4)]
    deposits = [
        _move(ids, OUTSIDE, {path: ENTRIES * LARGEST}, currency)
        for path in paths
        for currency in CURRENCIES
    ]
    entries = [
        _move(
            ids,
            chance.choice(paths),
            {path: chance.randint(1, LARGEST // 4) for path in chance.sample(paths, 3)},
            chance.choice(CURRENCIES),
        )
        for _ in range(ENTRIES)
    ]
    return deposits, entries


def _move(ids: SeededIds, source: str, to: dict[str, int], currency: str) -> EntryRequest:
    legs = [Leg(source, -sum(to.values()), currency)]
    return plain(ids("ent"), [*legs, *(Leg(p, m, currency) for p, m in to.items())], "moved")


def balances(writer: Writer) -> dict[tuple[str, str], tuple[int, int]]:
    accounts = writer.books.accounts
    return {name: tuple(accounts.balance(*name)) for name in accounts.names}


@given(seed=st.integers(0, 2**32), order=st.randoms(use_true_random=False), cut=st.integers(1, 30))
def test_transfers_that_do_not_need_each_other_end_alike_in_any_order(seed, order, cut):
    deposits, entries = transfers(seed)
    shuffled = entries.copy()
    order.shuffle(shuffled)
    one, other = a_writer(), a_writer()
    for writer in (one, other):
        assert all(outcome.stands for outcome in writer.book(deposits))

    assert all(outcome.stands for outcome in one.book(entries))
    for part in (shuffled[:cut], shuffled[cut:]):
        assert all(outcome.stands for outcome in other.book(part))

    assert balances(one) == balances(other)
