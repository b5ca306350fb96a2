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
    """The untried lots that a host may have, and their scores, in the order of their keys.

    A key is one number a lot, the same in every index. Small numbers, for in a young market
    that is nearly every lot, for each host.
    """

    rows: NDArray[np.int32]
    scores: NDArray[np.int32]

    def has_any_in(self, rows: Collection[int]) -> bool:
        """Whether one of them is in these rows."""
        return not bool(
            not_among(self.rows.astype(np.intp), np.array(sorted(rows), np.intp)).all()
        )

    def drawn(
        self, keys: NDArray[np.int64], besides: NDArray[np.int64], seed: int
    ) -> Drawn | None:
        """One of them, but none of those besides, in proportion to its score.

        ``keys`` has that of each row of the index, ``besides`` are keys. Each lot has as many
        tickets as points, one at least. The same lots and seed give the same one, in whatever
        order the lots came. None if there are no others.
        """
        if not len(self.rows):
            return None
        up_to = np.maximum(self.scores, 1).cumsum(dtype=np.int64)
        left_out = self._tickets_of(besides, keys, up_to)
        tickets = int(up_to[-1]) - sum(end - start for start, end in left_out)
        if not tickets:
            return None
        ticket = _mixed(seed) % tickets
        for start, end in left_out:
            if ticket < start:
                break
            ticket += end - start
        place = int(up_to.searchsorted(ticket, side="right"))
        start, end = _tickets_at(place, up_to)
        return Drawn(int(self.rows[place]), int(self.scores[place]), (end - start) / tickets)

    def _tickets_of(
        self, besides: NDArray[np.int64], keys: NDArray[np.int64], up_to: NDArray[np.int64]
    ) -> list[tuple[int, int]]:
        """Those of the lots with these keys, as far as they are among them, in order."""
        mine = keys.take(self.rows)
        places = mine.searchsorted(besides)
        found = places[mine.take(places, mode="clip") == besides]
        return sorted(_tickets_at(place, up_to) for place in found.tolist())


def _tickets_at(place: int, up_to: NDArray[np.int64]) -> tuple[int, int]:
    return int(up_to[place - 1]) if place else 0, int(up_to[place])


def untried_lots(rows: Rows, keys: NDArray[np.int64], scores: NDArray[np.int64]) -> Untried:
    """The lots in these rows, with these keys and scores, in the order of the keys."""
    order = keys.argsort()
    return Untried(rows[order].astype(np.int32), scores[order].astype(np.int32))


def is_untried(lot: LotFacts, today: int) -> bool:
    """Whether it is new and nobody has claimed it yet."""
    return not lot.claims and days_old(lot, today) < NEW_DAYS


def _mixed(seed: int) -> int:
    """A number of 64 bits that looks drawn at random, the same for the same seed (SplitMix64)."""
    found = (seed + 1) * _GOLDEN & _WORD
    found = (found ^ (found >> 30)) * 0xBF58_476D_1CE4_E5B9 & _WORD
    found = (found ^ (found >> 27)) * 0x94D0_49BB_1331_11EB & _WORD
    return found ^ (found >> 31)
