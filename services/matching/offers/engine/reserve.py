"""Lots that are listed only for hosts for whom they score enough, as a clearing found."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from services.matching.offers.engine.facts import LotFacts

Least = NDArray[np.int64]

NO_LEAST = -(10**18)
"""The least score of a lot that is in every list: no score is so low."""
NONE_HAS: Least = np.empty(0, np.int64)


class Reserve:
    """By row the least score, by the model that ranks and on the day of the index."""

    def __init__(self, capacity: int) -> None:
        self.model = ""
        self._least = np.full(capacity, NO_LEAST)
        self._rows: set[int] = set()

    def grow(self, capacity: int) -> None:
        """Make room for more rows."""
        more = np.full(capacity - len(self._least), NO_LEAST)
        self._least = np.concatenate((self._least, more))

    def put(self, row: int, lot: LotFacts, today: int) -> None:
        """Note what a lot asks for on a day."""
        self.remove(row)
        if lot.demand is not None and lot.demand.least is not None:
            self._rows.add(row)
            self._count(row, lot, today)

    def put_all(self, lots: Sequence[LotFacts], today: int) -> None:
        """Note what lots ask for that lie in rows from the first on, of which none did."""
        for row, lot in enumerate(lots):
            if lot.demand is not None and lot.demand.least is not None:
                self.put(row, lot, today)

    def remove(self, row: int) -> None:
        """Forget the lot of a row, if it asked for anything."""
        self._rows.discard(row)
        self._least[row] = NO_LEAST

    def count(self, lot_of: Callable[[int], LotFacts], today: int) -> None:
        """Count anew what lots ask for, on another day or by another model."""
        for row in self._rows:
            self._count(row, lot_of(row), today)

    def least_beside(self, held: Collection[int]) -> Least:
        """By row the least score to be listed, for whom these are held; empty where none asks."""
        if not self._rows:
            return NONE_HAS
        if not held:
            return self._least
        least = self._least.copy()
        least[list(held)] = NO_LEAST
        return least

    def _count(self, row: int, lot: LotFacts, today: int) -> None:
        least = lot.least_on(today, self.model)
        self._least[row] = NO_LEAST if least is None else least
