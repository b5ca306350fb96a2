"""What can be told of a batch without looking at balances or holds."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from services.payments.ledger.engine.accounts import Accounts
from services.payments.ledger.engine.chains import unit_start
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
    Flag,
    Flags,
    Kind,
    wide,
)
from services.payments.ledger.engine.flows import forbidden
from services.payments.ledger.engine.holds import LONGEST_HOLD, Holds
from services.payments.ledger.engine.reversals import Original
from services.payments.ledger.engine.rulings import Ruling
from services.payments.ledger.engine.segments import Batch


def fitting(
    batch: Batch, units: I64 | None, holds: Holds, originals: Mapping[int, Original]
) -> int:
    """How many of the first entries fit into one segment, chains whole; zero if no unit does.

    Bounds the entries, the legs with those that others bring in, the bytes of the
    reasons, and the money moved, so that no sum can overflow.
    """
    entries = batch.entries
    fit = min(
        len(entries),
        MAX_ENTRIES,
        _within(_weights(entries, holds, originals), MAX_SEGMENT_LEGS),
        _within(_masses(entries, originals), MAX_BATCH_MASS),
        _within(_reason_sizes(batch, len(entries)), MAX_REASONS_BYTES),
    )
    return fit if fit == len(entries) else unit_start(units, fit)


def check(entries: Entries, accounts: Accounts) -> U8:
    """Rule on the form of each entry: its kind, its legs, their sum, and where they go."""
    rulings = np.zeros(len(entries), np.uint8)
    owners = entries.owners()
    rulings[forbidden(entries, accounts.shape, accounts.currency)] = Ruling.FLOW_FORBIDDEN
    rulings[_unbalanced(entries, owners, accounts.currency)] = Ruling.NOT_BALANCED
    counts, kind = entries.counts(), entries.kind
    moves = (kind == Kind.PLAIN) | (kind == Kind.HOLD)
    wrong_count = moves & (counts == 0) | (counts > MAX_LEGS) | (kind > Kind.CLOSE)
    wrong_count |= (kind > Kind.POST) & (kind != Kind.REVERSE) & (counts > 0)
    if entries.flags.any():
        # Only a post that names its legs can be followed by another of the same hold.
        keeps_rest = entries.flags & ~np.uint8(Flag.LINKED) != 0
        wrong_count |= keeps_rest & ((kind != Kind.POST) | (counts == 0))
        wrong_count |= entries.flags > (Flag.LINKED | Flag.KEEPS_REST)
    rulings[wrong_count] = Ruling.BAD_LEGS
    amount = entries.amount
    wrong_amount = (amount > MAX_AMOUNT) | (amount < -MAX_AMOUNT)
    wrong_amount |= (amount == 0) & moves[owners]
    if wrong_amount.any():
        rulings[owners[wrong_amount]] = Ruling.BAD_LEGS
    return rulings


def check_times(entries: Entries, rulings: U8, *, at: int, closed_until: int) -> None:
    """Rule on the times of entries booked at that moment.

    A hold must have some of its time before it and not too much. What takes effect
    earlier than it is booked must do so in an open period, and nothing takes effect
    later. A period is closed once, after the one before it, and not before it is over.
    """
    kind, expires_at, effective = entries.kind, entries.expires_at, entries.effective_at
    sound = rulings == Ruling.ACCEPTED
    if expires_at.any():
        holds = sound & (kind == Kind.HOLD)
        rulings[holds & (expires_at != 0) & (expires_at <= at)] = Ruling.HOLD_EXPIRED
        rulings[holds & (expires_at > at + LONGEST_HOLD)] = Ruling.HOLD_TOO_LONG
    if effective.any():
        closes = kind == Kind.CLOSE
        too_early = np.where(closes, effective <= closed_until, effective < closed_until)
        rulings[sound & (effective != 0) & too_early] = Ruling.PERIOD_CLOSED
        rulings[sound & (effective > at)] = Ruling.EFFECTIVE_TOO_LATE


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


def _weights(entries: Entries, holds: Holds, originals: Mapping[int, Original]) -> I64:
    """How many legs each entry will have once others bring theirs in."""
    counts = entries.counts()
    if not len(entries.pending_high):
        return counts
    positions = entries.naming()
    most = max(holds.most_legs, int(counts.max()), MAX_LEGS if originals else 0)
    if len(entries.account) + len(positions) * most <= MAX_SEGMENT_LEGS:
        return counts
    placed = np.flatnonzero(entries.kind == Kind.HOLD)
    numbers = wide(entries.id_high[placed], entries.id_low[placed])
    placed_here = dict(zip(numbers, counts[placed].tolist(), strict=True))
    pending = wide(entries.pending_high, entries.pending_low)
    for position, number in zip(positions.tolist(), pending, strict=True):
        if not counts[position]:
            reverses = originals.get(number)
            counts[position] = (
                holds.leg_count(number)
                or placed_here.get(number, 0)
                or (len(reverses.accounts) if reverses else 0)
            )
    return counts


def _masses(entries: Entries, originals: Mapping[int, Original]) -> F64:
    """How much money each entry moves; zeros while all of it is little.

    What holds bring in only gives back what counts already, so it is left out.
    """
    sizes = np.minimum(np.abs(entries.amount.astype(np.float64)), MAX_AMOUNT)
    brought = _reversed_masses(entries, originals) if originals else {}
    if sizes.sum() + sum(brought.values()) < MAX_BATCH_MASS:
        return np.zeros(len(entries))
    masses = np.zeros(len(entries))
    np.add.at(masses, entries.owners(), sizes)
    for position, mass in brought.items():
        masses[position] += mass
    return masses


def _reversed_masses(entries: Entries, originals: Mapping[int, Original]) -> dict[int, float]:
    """How much the reversals move that name no legs, by position."""
    positions = entries.naming()
    numbers = wide(entries.pending_high, entries.pending_low)
    bare = (entries.kind[positions] == Kind.REVERSE) & (entries.leg_count[positions] == 0)
    return {
        position: float(sum(map(abs, originals[number].rest)))
        for position, number, is_bare in zip(
            positions.tolist(), numbers, bare.tolist(), strict=True
        )
        if is_bare and number in originals
    }


def _reason_sizes(batch: Batch, count: int) -> I64:
    sizes = np.zeros(count, np.int64)
    for position, reason in batch.reasons.items():
        if position < count:
            sizes[position] = len(reason)
    return sizes


def _within(sizes: I64 | F64, limit: int) -> int:
    return int(np.searchsorted(np.cumsum(sizes), limit, side="right"))
