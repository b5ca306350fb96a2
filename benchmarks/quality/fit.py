"""Weights of named terms, none below zero, learned from what was taken out of a list.

A score is the sum of a weight times a term, as in the service: each product is rounded to
whole micro-points first, so that the terms of an explanation add up to the score exactly.
Weights follow the gradient of pairs, each pair weighed by what exchanging it would change in
NDCG (LambdaRank, Burges 2010), and are held at zero where they would turn negative: no
reason that speaks for a lot may ever count against it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.data import Real, Whole
from benchmarks.quality.metrics import PLACES

POINTS = 1_000_000
ROUNDS, PACE, TOP = 60, 0.05, 40
TIES = 0.001
"""How strongly weights are drawn to zero; decides between terms that say the same."""


@dataclass(frozen=True, slots=True)
class Lists:
    """Lists of equal length: terms (rows x places each, all zero or more), and what was taken."""

    terms: Mapping[str, Real]
    taken: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Model:
    """A weight for each named term."""

    weights: Mapping[str, float]

    def explained(self, terms: Mapping[str, Real]) -> dict[str, Whole]:
        """Whole micro-points of each term."""
        return {
            name: np.rint(weight * terms[name] * POINTS).astype(np.int64)
            for name, weight in self.weights.items()
        }

    def scores(self, terms: Mapping[str, Real]) -> Whole:
        """The sum of all terms, in micro-points."""
        total: Whole = np.sum(list(self.explained(terms).values()), axis=0, dtype=np.int64)
        return total


def learn(lists: Sequence[Lists], names: Sequence[str]) -> Model:
    """Fit the weights of the named terms to what was taken; the same answer every time."""
    spread = np.array([_spread([each.terms[name] for each in lists]) for name in names])
    known = [
        (np.stack([each.terms[name] for name in names], axis=2) / spread, each.taken)
        for each in lists
    ]
    weights = np.full(len(names), 0.1, np.float32)
    slope, rough = np.zeros_like(weights), np.zeros_like(weights)
    for turn in range(1, ROUNDS + 1):  # Adam (Kingma and Ba 2015), slower and slower
        uphill = sum(_slope(terms, taken, weights) for terms, taken in known)
        steep = uphill / sum(len(taken) for _, taken in known) - 2 * TIES * weights
        slope = 0.9 * slope + 0.1 * steep
        rough = 0.99 * rough + 0.01 * steep * steep
        step = slope / (1 - 0.9**turn) / (np.sqrt(rough / (1 - 0.99**turn)) + 1e-8)
        weights = np.maximum(0, weights + PACE * (1 - (turn - 1) / ROUNDS) * step)
    return Model({name: float(each) for name, each in zip(names, weights / spread, strict=True)})


def _spread(columns: Sequence[Real]) -> np.float32:
    return np.float32(np.concatenate([column.ravel() for column in columns]).std() + 1e-6)


def _slope(terms: Real, taken: NDArray[np.bool_], weights: Real) -> Real:
    """Where the sum of NDCG rises, from the pairs near the top of each list."""
    top = min(TOP, terms.shape[1])
    points = terms @ weights
    order = np.argsort(-points, axis=1, kind="stable")[:, :top]
    points = np.take_along_axis(points, order, axis=1)
    wanted = np.take_along_axis(taken, order, axis=1)
    worth = np.zeros(top, np.float32)
    worth[:PLACES] = 1 / np.log2(np.arange(2, min(PLACES, top) + 2))
    ideal = np.cumsum(1 / np.log2(np.arange(2, PLACES + 2)))
    whole = ideal[np.clip(taken.sum(axis=1), 1, PLACES) - 1].astype(np.float32)
    apart = np.clip(points[:, :, None] - points[:, None, :], -30, 30)
    pull = np.abs(worth[:, None] - worth) / (1 + np.exp(apart)) / whole[:, None, None]
    pull *= wanted[:, :, None] & ~wanted[:, None, :]
    force = (pull.sum(axis=2) - pull.sum(axis=1)).astype(np.float32)
    near = np.take_along_axis(terms, order[:, :, None], axis=1)
    return np.asarray(np.tensordot(force, near, ((0, 1), (0, 1))), dtype=np.float32)
