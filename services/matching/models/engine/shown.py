"""What hosts were shown and what they claimed of it, as columns."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from services.matching.offers.engine.points import MILLION, Weights

Whole = NDArray[np.int64]
Real = NDArray[np.float64]
Flags = NDArray[np.bool_]

KINDRED = Weights._fields.index("kindred")
"""Its column among the shares."""


@dataclass(frozen=True, slots=True)
class ShownRows:
    """One row a lot shown to a host; the rows of a page lie together.

    ``host`` and ``page`` are numbers that tell them apart; ``place`` counts from 1;
    ``shares`` is how much of the most of each term the lot had, 0 to 1, in the order of
    ``Weights``; ``explored`` rows were put there by chance; ``claimed`` tells whether the
    host claimed the lot in time. ``demand`` is the share of a perfect match by which it stood
    lower because others wanted it, zero or less: no weight of a model changes it. The share of
    ``kindred`` is by the kinships that are learned or judged; the one that it had where it was
    shown is ``kindred_then``.
    """

    host: Whole
    page: Whole
    place: Whole
    shares: Real
    explored: Flags
    claimed: Flags
    demand: Real
    kindred_then: Real

    def __len__(self) -> int:
        return len(self.place)

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return len(np.unique(self.page))

    @property
    def hosts(self) -> int:
        """How many hosts saw any."""
        return len(np.unique(self.host))

    def those(self, kept: Flags) -> ShownRows:
        """The rows that are true."""
        return ShownRows(*(getattr(self, column.name)[kept] for column in fields(self)))


def scores(shown: ShownRows, weights: Weights) -> Real:
    """What each row is worth to its host by these weights, as a share of a perfect match."""
    found: Real = shown.shares @ (np.array(weights) / MILLION)
    return found


def scores_then(shown: ShownRows, weights: Weights) -> Real:
    """What each row was worth by these weights where it was shown, by the kinships of then."""
    more: Real = (shown.kindred_then - shown.shares[:, KINDRED]) * weights.kindred / MILLION
    return scores(shown, weights) + more


def places_by(shown: ShownRows, weights: Weights, present: Weights) -> Whole:
    """The place each row would have, had its page been ordered by these weights.

    ``present`` are those it was ordered by. Whatever else had a say in the order, such as
    variety, is taken to do the same again: who comes first by score gets the place of who
    came first. Demand is a part of both scores. What exploring put there stays where it is.
    """
    places, ordered = shown.place.copy(), np.flatnonzero(~shown.explored)
    some = shown.those(~shown.explored)
    then, now = _order(some, scores_then(some, present)), _order(some, scores(some, weights))
    places[ordered[now]] = some.place[then]
    return places


def _order(shown: ShownRows, worth: Real) -> NDArray[np.intp]:
    """The rows page by page, best first; of equals the one that stood first."""
    listed = worth + shown.demand
    return np.lexsort((shown.place, -listed.round(9), shown.page))
