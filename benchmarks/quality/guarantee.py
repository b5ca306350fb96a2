"""Every brand that anybody may want is shown at least so often, at the least loss of value.

All lists are made at once as a minimum-cost flow: each household sends ten units along its
candidates to their brands, each earning the likelihood that the lot is taken; the first units
that reach a brand earn a bonus that is worth more than any lot (Ahuja, Magnanti and Orlin
1993, convex costs as parallel arcs). The optimum is exact in whole micro-likelihoods.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.data import Whole
from benchmarks.quality.fit import POINTS, Lists, Model
from benchmarks.quality.metrics import PLACES

NEWTON_STEPS = 12
BONUS = 2 * POINTS


def likelihood(model: Model, lists: Sequence[Lists], scores: Whole) -> Whole:
    """Millionths of a chance that a candidate is taken, by its score.

    The two numbers of the logistic curve are fitted on the lists (Platt 1999), which must be
    earlier than what the scores are for.
    """
    points = np.concatenate([model.scores(each.terms).ravel() for each in lists]) / POINTS
    taken = np.concatenate([each.taken.ravel() for each in lists]).astype(np.float64)
    middle, spread = points.mean(), points.std() + 1e-9
    columns = np.stack([(points - middle) / spread, np.ones_like(points)])
    curve = np.array([1.0, np.log(max(taken.mean(), 1e-9))])
    for _ in range(NEWTON_STEPS):
        chance = 1 / (1 + np.exp(-curve @ columns))
        bend = (columns * (chance * (1 - chance))) @ columns.T
        curve += np.linalg.solve(bend, columns @ (taken - chance))
    steep = curve[0] * (scores / POINTS - middle) / spread + curve[1]
    chances: Whole = np.rint(POINTS / (1 + np.exp(-steep))).astype(np.int64)
    return chances


def guaranteed(chances: Whole, brands: Whole, slots: int) -> NDArray[np.bool_]:
    """Which ten candidates of each household are shown so that each brand has its slots.

    ``chances`` and ``brands`` are households x candidates. A brand that is in fewer lists of
    candidates than its slots is shown in all of them, as far as there is room.
    """
    from ortools.graph.python import min_cost_flow  # noqa: PLC0415 - heavy, used only here

    households, places = chances.shape
    shown = min(PLACES, places)
    known, brand = np.unique(brands, return_inverse=True)
    end = households + len(known)
    flow = min_cost_flow.SimpleMinCostFlow()
    arcs = flow.add_arcs_with_capacity_and_unit_cost(
        np.repeat(np.arange(households), places),
        households + brand.ravel(),
        np.ones(chances.size, np.int64),
        -chances.ravel(),
    )
    for capacity, bonus in ((slots, BONUS), (households * places, 0)):
        flow.add_arcs_with_capacity_and_unit_cost(
            np.arange(households, end),
            np.full(len(known), end),
            np.full(len(known), capacity),
            np.full(len(known), -bonus),
        )
    supplies = np.concatenate(
        [np.full(households, shown), np.zeros(len(known), np.int64), [-households * shown]]
    )
    flow.set_nodes_supplies(np.arange(end + 1), supplies)
    if flow.solve() != flow.OPTIMAL:
        raise ArithmeticError("no flow of ten lots a household")
    return np.asarray(flow.flows(arcs) > 0).reshape(chances.shape)
