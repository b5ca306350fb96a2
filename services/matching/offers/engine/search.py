"""The exact best rows for one host: those that share a tag, then tier after tier."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.matching.offers.engine import points
from services.matching.offers.engine.bits import Rows, Words, members, not_among, those_in
from services.matching.offers.engine.facts import HostFacts
from services.matching.offers.engine.filters import Filters
from services.matching.offers.engine.kinds import Kinds, Worth
from services.matching.offers.engine.points import Weights
from services.matching.offers.engine.postings import Points, Postings
from services.matching.offers.engine.reserve import NONE_HAS, Least, Reserve
from services.matching.offers.engine.table import Columns
from services.matching.offers.engine.tiers import Tiers


class Position(NamedTuple):
    """A place in a ranking: higher scores first, of equals the lower lot id."""

    score: int
    lot_id: str

    @property
    def order(self) -> tuple[int, str]:
        """Sorts positions best first."""
        return (-self.score, self.lot_id)


_OPENED_EACH = 60
"""Rows of tiers that are looked at together for each lot that is wanted."""


@dataclass(slots=True)
class Asked:
    """What every question of one host has in common, as long as the index stays as it is.

    ``kindred`` is what brands and categories are worth to her; ``least`` has by row the score
    without which a lot is not listed, or nothing where none has one; ``sharing`` are the passing
    rows that share a tag with her, in order, and the points of it.
    """

    host: HostFacts
    passing: Words
    reach: NDArray[np.int64]
    kindred: Worth
    least: Least
    sharing: tuple[Rows, Points] | None = None

    def lists(self, row: int, score: int) -> bool:
        """Whether a lot that scores so much is in her list."""
        return not len(self.least) or score >= int(self.least[row])

    def with_all(self) -> Asked:
        """The same of all lots she may have, with those that her list leaves out."""
        return replace(self, least=NONE_HAS)


@dataclass(slots=True)
class Search:
    """The parts of an index that a search reads."""

    columns: Columns
    filters: Filters
    postings: Postings
    kinds: Kinds
    tiers: Tiers
    reserve: Reserve
    lot_id_of: Callable[[int], str]
    weights: Weights

    def asked(self, host: HostFacts) -> Asked:
        """Prepare a host's questions to the index as it is."""
        kindred = self.kinds.worth(host.kindred, self.weights.kindred)
        passing, reach = self.filters.passing(host), self.filters.reach_by_place(host)
        least = self.reserve.least_beside(self.filters.held_for(host))
        return Asked(host, passing, reach, kindred, least)

    def top(self, asked: Asked, limit: int, after: Position | None) -> list[Position]:
        """The ``limit`` best lots that come after a position, best first."""
        best = _Best(limit, after, self.lot_id_of)
        rows, affinity = self._sharing(asked)
        best.offer(*self._scored(rows, affinity, asked))
        for tier, ceiling in self.tiers.together(_OPENED_EACH * limit):
            # Outside the tags only these two can add to the points of the tier.
            if best.all_reach(ceiling + self.weights.price + asked.kindred.most):
                break
            others = members(asked.passing & tier)
            others = others[not_among(others, rows)]
            best.offer(*self._scored(others, None, asked))
        return best.positions()

    def scored(self, asked: Asked, within: Words) -> tuple[Rows, NDArray[np.int64]]:
        """Those of these passing rows that are in her list, and their scores."""
        rows = members(within)
        shared, worth = self._sharing(asked)
        both = those_in(within, shared).nonzero()[0]
        affinity = np.zeros(len(rows), np.int64)
        affinity[rows.searchsorted(shared.take(both))] = worth.take(both)
        return self._scored(rows, affinity, asked)

    def _sharing(self, asked: Asked) -> tuple[Rows, Points]:
        if asked.sharing is None:
            rows, worth = self.postings.sharing(asked.host.affinity, asked.passing)
            asked.sharing = rows, np.minimum(worth, self.weights.affinity)
        return asked.sharing

    def _scored(
        self, rows: Rows, affinity: Points | None, asked: Asked
    ) -> tuple[Rows, NDArray[np.int64]]:
        """The rows for which a community is large enough and that are listed, and their scores."""
        record = self.columns.record.take(rows, axis=0)
        places, min_size, base, pack_price = record.T
        reach = asked.reach.take(places)
        enough = (reach >= min_size).nonzero()[0]
        rows = rows.take(enough)
        scores = base.take(enough) + points.price_points(
            pack_price.take(enough), reach.take(enough), self.weights
        )
        if affinity is not None:
            scores += affinity.take(enough)
        if asked.kindred.most:
            scores += self._kindred(rows, asked.kindred)
        if not len(asked.least):
            return rows, scores
        listed = (scores >= asked.least.take(rows)).nonzero()[0]
        return rows.take(listed), scores.take(listed)

    def _kindred(self, rows: Rows, worth: Worth) -> Points:
        """The points of these rows for whose brand and category they are."""
        kinds = self.columns.kinds.take(rows, axis=0)
        found: Points = np.minimum(worth.points.take(kinds).sum(axis=1), self.weights.kindred)
        return found


class _Best:
    """The best rows so far; every row tied with the last of them is kept too."""

    def __init__(
        self, limit: int, after: Position | None, lot_id_of: Callable[[int], str]
    ) -> None:
        self._limit = limit
        self._after = after
        self._lot_id_of = lot_id_of
        self._rows: Rows = np.empty(0, np.intp)
        self._scores: NDArray[np.int64] = np.empty(0, np.int64)

    def offer(self, rows: Rows, scores: NDArray[np.int64]) -> None:
        """Let more rows compete."""
        if not len(rows):
            return
        if self._after is not None:
            rows, scores = self._those_after(rows, scores, self._after)
        if len(self._rows):
            rows = np.concatenate((self._rows, rows))
            scores = np.concatenate((self._scores, scores))
        if len(scores) > self._limit:
            last = len(scores) - self._limit
            kept = (scores >= np.partition(scores, last)[last]).nonzero()[0]
            rows, scores = rows.take(kept), scores.take(kept)
        self._rows, self._scores = rows, scores

    def all_reach(self, score: int) -> bool:
        """Whether there are enough rows and none of them has less than this."""
        return len(self._scores) >= self._limit and bool(self._scores.min() >= score)

    def positions(self) -> list[Position]:
        """The best, in order."""
        return in_order(self._rows, self._scores, self._lot_id_of, self._limit)

    def _those_after(
        self, rows: Rows, scores: NDArray[np.int64], after: Position
    ) -> tuple[Rows, NDArray[np.int64]]:
        later = scores < after.score
        for place in np.flatnonzero(scores == after.score).tolist():
            later[place] = self._lot_id_of(int(rows[place])) > after.lot_id
        return rows[later], scores[later]


def in_order(
    rows: Rows,
    scores: NDArray[np.int64],
    lot_id_of: Callable[[int], str],
    limit: int,
    after: Position | None = None,
) -> list[Position]:
    """The best of rows with these scores, those after a position if one is given, in order."""
    # Plain pairs, for thousands of like lots may tie for the last places.
    pairs = sorted(zip((-scores).tolist(), map(lot_id_of, rows.tolist()), strict=True))
    first = bisect_right(pairs, after.order) if after else 0
    return [Position(-score, lot_id) for score, lot_id in pairs[first : first + limit]]
