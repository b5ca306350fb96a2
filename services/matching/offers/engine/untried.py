"""Lots that nobody has tried yet: which there are for a host, and how one of them is drawn."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.matching.offers.engine.bits import Rows, not_among
from services.matching.offers.engine.breakdown import days_old
from services.matching.offers.engine.facts import LotFacts

NEW_DAYS = 14
_WORD, _GOLDEN = (1 << 64) - 1, 0x9E37_79B9_7F4A_7C15


class Drawn(NamedTuple):
    """A row that was drawn, its score, and the chance it had."""

    row: int
    score: int
    chance: float


class Untried(NamedTuple):
    """The untried lots that a host may have, in the order of their keys.

    A key is one number a lot, the same in every index. Each lot has as many tickets as points
    of its score, one at least; ``up_to`` are those of the lot and of all before it.
    """

    rows: Rows
    keys: NDArray[np.int64]
    scores: NDArray[np.int64]
    up_to: NDArray[np.int64]

    def has_any_in(self, rows: Collection[int]) -> bool:
        """Whether one of them is in these rows."""
        return not bool(not_among(self.rows, np.array(sorted(rows), np.intp)).all())

    def drawn(self, besides: NDArray[np.int64], seed: int) -> Drawn | None:
        """One of them, but none with these keys, in proportion to its tickets.

        The same lots and seed give the same one, in whatever order the lots came. None if there
        are no others.
        """
        left_out = self._tickets_of(besides)
        tickets = (int(self.up_to[-1]) if len(self.up_to) else 0) - sum(
            end - start for start, end in left_out
        )
        if not tickets:
            return None
        ticket = _mixed(seed) % tickets
        for start, end in left_out:
            if ticket < start:
                break
            ticket += end - start
        place = int(self.up_to.searchsorted(ticket, side="right"))
        start, end = self._tickets_at(place)
        return Drawn(int(self.rows[place]), int(self.scores[place]), (end - start) / tickets)

    def _tickets_of(self, keys: NDArray[np.int64]) -> list[tuple[int, int]]:
        """Those of the lots with these keys, as far as they are among them, in order."""
        if not len(self.keys):
            return []
        places = self.keys.searchsorted(keys)
        found = places[self.keys.take(places, mode="clip") == keys]
        return sorted(map(self._tickets_at, found.tolist()))

    def _tickets_at(self, place: int) -> tuple[int, int]:
        return int(self.up_to[place - 1]) if place else 0, int(self.up_to[place])


def untried_lots(rows: Rows, keys: NDArray[np.int64], scores: NDArray[np.int64]) -> Untried:
    """The lots in these rows, with these keys and scores, in the order of the keys."""
    order = keys.argsort()
    scores = scores[order]
    return Untried(rows[order], keys[order], scores, np.maximum(scores, 1).cumsum())


def is_untried(lot: LotFacts, today: int) -> bool:
    """Whether it is new and nobody has claimed it yet."""
    return not lot.claims and days_old(lot, today) < NEW_DAYS


def _mixed(seed: int) -> int:
    """A number of 64 bits that looks drawn at random, the same for the same seed (SplitMix64)."""
    found = (seed + 1) * _GOLDEN & _WORD
    found = (found ^ (found >> 30)) * 0xBF58_476D_1CE4_E5B9 & _WORD
    found = (found ^ (found >> 27)) * 0x94D0_49BB_1331_11EB & _WORD
    return found ^ (found >> 31)
