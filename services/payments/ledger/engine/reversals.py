"""What has been taken back of entries, so that never more than the rest can be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from chassis.kernel.money import split
from services.payments.ledger.engine.columns import Entries, Kind, wide
from services.payments.ledger.engine.reading import Entry

REVERSIBLE = frozenset({Kind.PLAIN, Kind.POST})


class Original(NamedTuple):
    """An entry that may be taken back: its legs, and what is left of each."""

    accounts: tuple[int, ...]
    amounts: tuple[int, ...]
    rest: tuple[int, ...]
    is_reversible: bool

    def less(self, reversed_by: Sequence[int]) -> Original:
        """What is left of it after a reversal with these legs."""
        rest = (left + minor for left, minor in zip(self.rest, reversed_by, strict=True))
        return self._replace(rest=tuple(rest))


class Reversals:
    """For each entry that was reversed at all: what the reversals took of each leg."""

    def __init__(self) -> None:
        self._taken: dict[int, tuple[int, ...]] = {}

    def __iter__(self) -> Iterator[tuple[int, tuple[int, ...]]]:
        return iter(self._taken.items())

    def restore(self, number: int, taken: Sequence[int]) -> None:
        """Write down again what was taken of an entry."""
        self._taken[number] = tuple(taken)

    def take_in(self, entries: Entries) -> None:
        """Add up the reversals among accepted entries."""
        positions = np.flatnonzero(entries.kind[entries.naming()] == Kind.REVERSE)
        if not len(positions):
            return
        ends = np.cumsum(entries.counts())
        numbers = wide(entries.pending_high[positions], entries.pending_low[positions])
        for number, position in zip(numbers, entries.naming()[positions].tolist(), strict=True):
            end = int(ends[position])
            taken = entries.amount[end - int(entries.leg_count[position]) : end].tolist()
            before = self._taken.get(number, (0,) * len(taken))
            sums = (old + new for old, new in zip(before, taken, strict=True))
            self._taken[number] = tuple(sums)

    def original(self, entry: Entry) -> Original:
        """An entry of the log with what is left of it."""
        whole = Original(entry.accounts, entry.amounts, entry.amounts, entry.kind in REVERSIBLE)
        taken = self._taken.get(entry.number)
        return whole.less(taken) if taken else whole


def in_part(minor: int, amounts: Sequence[int], rest: Sequence[int]) -> tuple[int, ...]:
    """The legs that take back ``minor`` of an entry's legs in one currency, by proportion.

    ``minor`` counts what had come in, and as much goes back to where it came from. Each
    leg gets its exact share of all that was taken back so far and now, less what it gave
    before, rounded to whole units: the units left over go to the largest remainders, so
    that what was rounded away is carried to the next part (as ``split`` does), no leg
    ever gives more than its rest, and the last part takes exactly what is left.

    Raises ``ValueError`` for more than is left, and for nothing.
    """
    if not 0 < minor <= sum(left for left in rest if left > 0):
        raise ValueError(f"{minor} of {rest}")
    legs = [0] * len(amounts)
    for sign in (1, -1):
        side = [leg for leg, amount in enumerate(amounts) if amount * sign > 0]
        shares = _shares(
            minor, [abs(amounts[leg]) for leg in side], [abs(rest[leg]) for leg in side]
        )
        for leg, share in zip(side, shares, strict=True):
            legs[leg] = -sign * share
    return tuple(legs)


def _shares(minor: int, weights: Sequence[int], rest: Sequence[int]) -> list[int]:
    whole = sum(weights)
    so_far = whole - sum(rest) + minor
    owed = [
        so_far * weight - (weight - left) * whole
        for weight, left in zip(weights, rest, strict=True)
    ]
    shares = [min(max(due // whole, 0), left) for due, left in zip(owed, rest, strict=True)]
    for party in sorted(range(len(owed)), key=lambda i: shares[i] * whole - owed[i]):
        if sum(shares) < minor and shares[party] < rest[party]:
            shares[party] += 1
    # After reversals of single legs the shares can be far from even; what rounding cannot
    # mend is shared by what is left, or by what was given.
    missing = minor - sum(shares)
    if missing > 0:
        room = [left - share for left, share in zip(rest, shares, strict=True)]
        more = split(missing, room, (0,) * len(room)).shares
        shares = [share + extra for share, extra in zip(shares, more, strict=True)]
    elif missing < 0:
        less = split(-missing, shares, (0,) * len(shares)).shares
        shares = [share - extra for share, extra in zip(shares, less, strict=True)]
    return shares
