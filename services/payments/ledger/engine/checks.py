"""What can be told of a batch without looking at balances or holds."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from services.payments.ledger.engine.columns import (
    F64,
    I64,
    MAX_AMOUNT,
    MAX_BATCH_MASS,
    MAX_ENTRIES,
    MAX_LEGS,
    MAX_REASONS_BYTES,
    MAX_SEGMENT_LEGS,
    U8,
    U16,
    Entries,
    Flags,
    Kind,
    wide,
)
from services.payments.ledger.engine.holds import Holds
from services.payments.ledger.engine.identity import keys_of
from services.payments.ledger.engine.rulings import Ruling
from services.payments.ledger.engine.segments import Batch


def fitting(batch: Batch, holds: Holds) -> int:
    """How many of the first entries fit into one segment; at least one.

    Bounds the entries, the legs with those that holds bring in, the bytes of the
    reasons, and the money moved, so that no sum can overflow.
    """
    entries = batch.entries.first(MAX_ENTRIES)
    fit = min(
        len(entries),
        _within(_weights(entries, holds), MAX_SEGMENT_LEGS),
        _within(_masses(entries), MAX_BATCH_MASS),
        _within(_reason_sizes(batch, len(entries)), MAX_REASONS_BYTES),
    )
    return max(fit, 1)


def before_twin(entries: Entries, known: Iterable[int]) -> int:
    """How many entries come before the second use of an id that the log does not have.

    What the second use means depends on what becomes of the first, so it waits for the
    next batch.
    """
    keys = np.sort(keys_of(entries.id_high, entries.id_low))
    if not (keys[1:] == keys[:-1]).any():
        return len(entries)
    skipped = set(known)
    seen: set[int] = set()
    for position, number in enumerate(entries.numbers()):
        if position in skipped:
            continue
        if number in seen:
            return position
        seen.add(number)
    return len(entries)


def check(entries: Entries, currency: U16) -> U8:
    """Rule on the form of each entry: its kind, the number and size of its legs, their sum.

    ``currency`` tells the currency of each account.
    """
    rulings = np.zeros(len(entries), np.uint8)
    owners = entries.owners()
    rulings[_unbalanced(entries, owners, currency)] = Ruling.NOT_BALANCED
    counts, kind = entries.counts(), entries.kind
    moves = (kind == Kind.PLAIN) | (kind == Kind.HOLD)
    wrong_count = moves & (counts == 0) | (counts > MAX_LEGS) | (kind > Kind.EXPIRE)
    wrong_count |= (kind > Kind.POST) & (counts > 0)
    rulings[wrong_count] = Ruling.BAD_LEGS
    amount = entries.amount
    wrong_amount = (amount > MAX_AMOUNT) | (amount < -MAX_AMOUNT)
    wrong_amount |= (amount == 0) & moves[owners]
    if wrong_amount.any():
        rulings[owners[wrong_amount]] = Ruling.BAD_LEGS
    return rulings


def _unbalanced(entries: Entries, owners: I64, currency: U16) -> Flags:
    """Entries whose legs do not add up to zero in each currency."""
    ends = np.cumsum(entries.counts())
    starts = ends - entries.counts()
    amount = np.clip(entries.amount, -MAX_AMOUNT - 1, MAX_AMOUNT + 1)
    running = np.concatenate(([0], np.cumsum(amount)))
    unbalanced: Flags = running[ends] != running[starts]
    if len(owners):
        of_leg = currency[entries.account]
        mixed = of_leg != of_leg[starts[owners]]
        for position in np.unique(owners[mixed]).tolist():
            legs = slice(starts[position], ends[position])
            sums = np.zeros(int(of_leg[legs].max()) + 1, np.int64)
            np.add.at(sums, of_leg[legs], amount[legs])
            unbalanced[position] = bool(sums.any())
    return unbalanced


def _weights(entries: Entries, holds: Holds) -> I64:
    """How many legs each entry will have once holds bring theirs in."""
    counts = entries.counts()
    bare = entries.endings()
    if len(entries.account) + len(bare) * MAX_LEGS <= MAX_SEGMENT_LEGS:
        return counts
    placed = np.flatnonzero(entries.kind == Kind.HOLD)
    numbers = wide(entries.id_high[placed], entries.id_low[placed])
    placed_here = dict(zip(numbers, counts[placed].tolist(), strict=True))
    pending = wide(entries.pending_high, entries.pending_low)
    for position, number in zip(bare.tolist(), pending, strict=True):
        if not counts[position]:
            counts[position] = holds.leg_count(number) or placed_here.get(number, 0)
    return counts


def _masses(entries: Entries) -> F64:
    sizes = np.minimum(np.abs(entries.amount.astype(np.float64)), MAX_AMOUNT)
    if sizes.sum() < MAX_BATCH_MASS:
        return np.zeros(len(entries))
    masses = np.zeros(len(entries))
    np.add.at(masses, entries.owners(), sizes)
    return masses


def _reason_sizes(batch: Batch, count: int) -> I64:
    sizes = np.zeros(count, np.int64)
    for position, reason in batch.reasons.items():
        if position < count:
            sizes[position] = len(reason)
    return sizes


def _within(sizes: I64 | F64, limit: int) -> int:
    return int(np.searchsorted(np.cumsum(sizes), limit, side="right"))
