"""How good and how fair lists are: NDCG, its interval by the bootstrap, shown brands.

NDCG as by Jarvelin and Kekalainen (2002) with a gain of one for what was taken and zero
otherwise; the paired bootstrap by Efron and Tibshirani (1993), percentiles of resampled means.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.data import Whole

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

PLACES = 10
RESAMPLES = 2_000
SEED = 5


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean and where it lies in 95 of 100 resamples."""

    mean: float
    low: float
    high: float


def best(scores: NDArray[Any], places: int = PLACES) -> Whole:
    """The lots with the most points of each row, best first; the earlier lot wins a tie."""
    places = min(places, scores.shape[1])
    order = np.arange(scores.shape[1])
    edge = np.partition(scores, scores.shape[1] - places, axis=1)[:, scores.shape[1] - places]
    listed = np.empty((len(scores), places), np.int64)
    for row, (points, least) in enumerate(zip(scores, edge, strict=True)):
        near = order[points >= least]
        listed[row] = near[np.argsort(-points[near], kind="stable")[:places]]
    return listed


def ndcg(listed: Whole, relevant: csr_matrix) -> NDArray[np.float64]:
    """Of each row that has anything relevant, the gain of its list over the best there is."""
    places = listed.shape[1]
    weight = 1 / np.log2(np.arange(2, places + 2))
    ideal = np.concatenate([[0.0], np.cumsum(weight)])
    counts = relevant.getnnz(axis=1)
    rows = np.arange(len(listed))[:, None]
    hit = np.asarray((relevant != 0)[rows, listed].todense(), dtype=bool)
    reached = (hit * weight).sum(axis=1)
    asked = counts > 0
    gained: NDArray[np.float64] = reached[asked] / ideal[np.minimum(counts[asked], places)]
    return gained


def interval(values: NDArray[np.float64], resamples: int = RESAMPLES) -> Interval:
    """The mean of the values with its 95 % interval, the same for the same values.

    Of a difference, hand over the differences: what is resampled are whole households.
    """
    chance = np.random.default_rng(SEED)
    means = np.empty(resamples)
    for turn in range(resamples):
        means[turn] = values[chance.integers(0, len(values), len(values))].mean()
    low, high = np.percentile(means, [2.5, 97.5])
    return Interval(float(values.mean()), float(low), float(high))


def exposures(listed: Whole, brand_of: Whole, brands: int) -> Whole:
    """How many places each brand has in all lists together."""
    return np.bincount(brand_of[listed].ravel(), minlength=brands).astype(np.int64)
