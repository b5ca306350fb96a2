"""The search compiled by numba, an optional extra: the same answers in a third of the time.

Importing this compiles for some seconds, and a process that has holds 125 MB more.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

from services.matching.offers.engine import points
from services.matching.offers.engine.bits import Words
from services.matching.offers.engine.search import Asked, Position, Search, in_order
from services.matching.offers.engine.tiers import TIERS

Numbers: TypeAlias = NDArray[np.int64]

_LOWEST, _NO_BOUND = np.iinfo(np.int64).min, np.iinfo(np.int64).max
_ROOM = 256
_SIGNATURE = (
    "Tuple((int64[::1], int64[::1]))"
    f"(int32[::1], int64[::1], int64[::1], uint64[::1], UniTuple(uint64[::1], {TIERS}),"
    " int64[::1], int64[:, ::1], int64[:, ::1], int64[::1], int64[::1], int64[::1], int64[::1],"
    " UniTuple(int64, 2), UniTuple(int64, 5))"
)


@dataclass(slots=True)
class CompiledSearch(Search):
    """``Search``, one compiled loop over the same bits, postings, tiers and columns."""

    _sums: Numbers = field(default_factory=lambda: np.zeros(0, np.int64))

    def top(self, asked: Asked, limit: int, after: Position | None) -> list[Position]:
        """The ``limit`` best lots that come after a position, best first."""
        columns, tiers = self.columns, self.tiers.best_first()
        if len(self._sums) != len(columns.base):
            self._sums = np.zeros(len(columns.base), np.int64)
        rows, ends, worth = self.postings.under(asked.host.affinity)
        found, scores = _best(
            rows,
            ends,
            worth,
            asked.passing,
            tuple(bits.words for bits, _ in tiers),
            np.array([ceiling for _, ceiling in tiers], np.int64),
            columns.record,
            columns.kinds,
            asked.reach,
            asked.kindred.points,
            asked.least,
            self._sums,
            (limit, _NO_BOUND if after is None else after.score),
            (
                self.weights.affinity,
                self.weights.price,
                points.HALF_PRICE_A_HEAD,
                self.weights.kindred,
                asked.kindred.most,
            ),
        )
        return in_order(found, scores, self.lot_id_of, limit, after)


@njit(error_model="numpy")
def _touched(
    posted: NDArray[np.int32], ends: Numbers, worth: Numbers, passing: Words, sums: Numbers
) -> Numbers:
    """The passing rows under any tag; ``sums`` then has the points of their tags."""
    rows = np.empty(len(posted), np.int64)
    count = start = 0
    for tag in range(len(ends)):
        for place in range(start, ends[tag]):
            row = posted[place]
            if passing[row >> 6] >> np.uint64(row & 63) & np.uint64(1):
                if not sums[row]:
                    rows[count] = row
                    count += 1
                sums[row] += worth[tag]
        start = ends[tag]
    return rows[:count]


@njit(error_model="numpy")
def _others(passing: Words, tier: Words, sums: Numbers) -> Numbers:
    """The passing rows of a tier that no tag of hers has."""
    rows = np.empty(_ROOM, np.int64)
    count = 0
    for word in range(len(passing)):
        bits, row = passing[word] & tier[word], word << 6
        while bits:
            if bits & np.uint64(1) and not sums[row]:
                if count == len(rows):
                    rows = np.concatenate((rows, np.empty_like(rows)))
                rows[count] = row
                count += 1
            bits >>= np.uint64(1)
            row += 1
    return rows[:count]


@njit(error_model="numpy")
def _scored(
    rows: Numbers,
    record: Numbers,
    kinds: Numbers,
    reach_of: Numbers,
    worth_of: Numbers,
    least: Numbers,
    sums: Numbers,
    weights: tuple[int, int, int, int, int],
) -> tuple[Numbers, Numbers]:
    """The rows for which a community is large enough and that are listed, and their scores."""
    affinity, price, half_price, kindred, most_kindred = weights
    scores, count = np.empty(len(rows), np.int64), 0
    for row in rows:
        place, min_size, base, pack_price = record[row]
        reach = reach_of[place]
        if reach >= min_size:
            comfortable = half_price * reach
            rows[count] = row
            scores[count] = (
                base + min(affinity, sums[row]) + price * comfortable // (comfortable + pack_price)
            )
            if most_kindred:
                worth = worth_of[kinds[row, 0]] + worth_of[kinds[row, 1]]
                scores[count] += min(kindred, worth)
            if not len(least) or scores[count] >= least[row]:
                count += 1
    return rows[:count], scores[:count]


@njit(error_model="numpy")
def _entered(best: Numbers, count: int, scores: Numbers, bound: int) -> int:
    """Sort scores below the bound into the best so far; how many there are then."""
    for score in scores:
        if score < bound and (count < len(best) or score > best[-1]):
            place = min(count, len(best) - 1)
            while place and best[place - 1] < score:
                best[place] = best[place - 1]
                place -= 1
            best[place] = score
            count = min(count + 1, len(best))
    return count


@njit(_SIGNATURE, error_model="numpy")
def _best(  # noqa: PLR0913, PLR0917 - a compiled function takes plain arrays, not objects of ours
    posted: NDArray[np.int32],
    ends: Numbers,
    worth: Numbers,
    passing: Words,
    tiers: tuple[Words, ...],
    ceilings: Numbers,
    record: Numbers,
    kinds: Numbers,
    reach_of: Numbers,
    worth_of: Numbers,
    least: Numbers,
    sums: Numbers,
    limits: tuple[int, int],
    weights: tuple[int, int, int, int, int],
) -> tuple[Numbers, Numbers]:
    """Every row with exactly the bound's score, and of those below the best with their ties.

    ``sums`` is zero everywhere, before and after.
    """
    limit, bound = limits
    best = np.empty(limit, np.int64)
    touched = _touched(posted, ends, worth, passing, sums)
    rows, scores = _scored(touched.copy(), record, kinds, reach_of, worth_of, least, sums, weights)
    count = _entered(best, 0, scores, bound)
    for tier in range(len(tiers)):
        # Outside the tags only price and kindred can add to the points of the tier.
        if count == limit and best[-1] >= ceilings[tier] + weights[1] + weights[4]:
            break
        others = _others(passing, tiers[tier], sums)
        others, points_of_others = _scored(
            others, record, kinds, reach_of, worth_of, least, sums, weights
        )
        count = _entered(best, count, points_of_others, bound)
        rows = np.concatenate((rows, others))
        scores = np.concatenate((scores, points_of_others))
    for row in touched:
        sums[row] = 0
    # Demand may bring a score below zero.
    worst = best[-1] if count == limit else np.int64(_LOWEST)
    kept = (scores == bound) | ((scores < bound) & (scores >= worst))
    return rows[kept], scores[kept]
