"""Lots grouped by the points they have for everyone, best first.

A host's best lots mostly share a tag with her; the others compete by these points alone,
so a search opens one tier after another and stops when the next one cannot win.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from services.matching.offers.engine.bits import Bits, Rows, Words

# Shares of all lots above each floor: every tier is about twice the one before.
_SHARES_ABOVE = np.array([0.69, 0.37, 0.20, 0.10, 0.05, 0.02, 0.007])
TIERS = len(_SHARES_ABOVE) + 1


class Tiers:
    """Which tier each row is in. Any floors are right; good ones make searches short."""

    def __init__(self, capacity: int) -> None:
        self._floors: list[int] = [0] * len(_SHARES_ABOVE)
        self._highest = 0
        self._sizes = [0] * TIERS
        self.bits = [Bits(capacity) for _ in range(TIERS)]
        self._tier_of = np.full(capacity, -1, np.int8)

    def grow(self, capacity: int) -> None:
        """Make room for more rows."""
        for bits in self.bits:
            bits.grow(capacity)
        room = np.full(capacity - len(self._tier_of), -1, np.int8)
        self._tier_of = np.concatenate((self._tier_of, room))

    def put(self, row: int, base: int) -> None:
        """Move a row to the tier of its points."""
        self.remove(row)
        tier = bisect_right(self._floors, base)
        self._highest = max(self._highest, base)
        self.bits[tier].put(row, present=True)
        self._tier_of[row] = tier

    def remove(self, row: int) -> None:
        """Take a row out of its tier."""
        tier = int(self._tier_of[row])
        if tier >= 0:
            self.bits[tier].put(row, present=False)
            self._tier_of[row] = -1

    def put_many(self, rows: Rows, base: NDArray[np.int64]) -> None:
        """Move many rows, none named twice, to the tiers of their points."""
        self._highest = max(self._highest, int(base.max(initial=0)))
        for tier, bits in enumerate(self.bits):
            bits.put_many(rows[self._tier_of[rows] == tier], present=False)
        tiers = np.searchsorted(self._floors, base, side="right")
        for tier, bits in enumerate(self.bits):
            bits.put_many(rows[tiers == tier], present=True)
        self._tier_of[rows] = tiers

    def rebuild(self, rows: Rows, base: NDArray[np.int64]) -> None:
        """Choose the floors anew from these rows, the only ones in use, and sort them in."""
        if len(rows):
            self._floors = np.quantile(base, 1 - _SHARES_ABOVE).astype(np.int64).tolist()
        self._highest = int(base.max(initial=0))
        self._tier_of.fill(-1)
        self._tier_of[rows] = tiers = np.searchsorted(self._floors, base, side="right")
        self._sizes = np.bincount(tiers, minlength=TIERS).tolist()
        for tier, bits in enumerate(self.bits):
            bits.replace(self._tier_of == tier)

    def best_first(self) -> list[tuple[Bits, int]]:
        """Every tier with the points that its rows stay below."""
        ceilings = [*self._floors, self._highest + 1]
        return list(zip(reversed(self.bits), reversed(ceilings), strict=True))

    def together(self, least: int) -> Iterator[tuple[Words, int]]:
        """The same, but as many tiers at once as held so many rows when they were sorted.

        To look at a few rows more costs less than to look twice.
        """
        gathered, held, highest = None, 0, 0
        for (bits, ceiling), size in zip(self.best_first(), reversed(self._sizes), strict=True):
            highest = ceiling if gathered is None else highest
            gathered = bits.words if gathered is None else gathered | bits.words
            held += size
            if held >= least:
                yield gathered, highest
                gathered, held = None, 0
        if gathered is not None:
            yield gathered, highest
