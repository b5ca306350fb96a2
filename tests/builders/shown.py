"""Hosts who claim by weights that are known: logs in which the truth is known."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from services.matching.models.engine.shown import (
    KINDRED,
    Real,
    ShownRows,
    Whole,
    places_by,
    scores,
)
from services.matching.offers.engine.points import DEFAULT, Weights

TRUE = Weights(300_000, 80_000, 400_000, 60_000, 100_000, 40_000, 20_000)
"""What the hosts of these logs really go by: prices far more than was thought."""
BACKWARDS = Weights(10_000, 700_000, 10_000, 10_000, 10_000, 10_000, 250_000)
LOTS_A_PAGE = 10


@dataclass(frozen=True)
class World:
    """Hosts who claim by ``weights``; a place is looked at ``place ** -decay`` times as much."""

    weights: Weights = TRUE
    decay: float = 0.6
    steep: float = 6.0
    base: float = -5.0

    def chances(self, shown: ShownRows, place: Whole) -> Real:
        """The true probability of a claim of each row, were it at this place."""
        wanted = 1 / (1 + np.exp(-self.base - self.steep * scores(shown, self.weights)))
        found: Real = wanted * place.astype(float) ** -self.decay
        return found

    def log(
        self, seed: int, *, pages: int, ranked_by: Weights = DEFAULT, hosts: int = 200
    ) -> ShownRows:
        """Pages ordered by a model but for one place, which is filled by chance, and claims."""
        chance = np.random.default_rng(seed)
        rows = pages * LOTS_A_PAGE
        kindred = np.random.default_rng([seed, KINDRED]).beta(1.2, 1.8, size=rows)
        shown = ShownRows(
            host=np.repeat(chance.integers(hosts, size=pages), LOTS_A_PAGE),
            page=np.repeat(np.arange(pages), LOTS_A_PAGE),
            place=np.tile(np.arange(1, LOTS_A_PAGE + 1), pages),
            shares=np.column_stack((chance.beta(1.2, 1.8, size=(rows, KINDRED)), kindred)),
            explored=np.zeros(rows, bool),
            claimed=np.zeros(rows, bool),
            demand=np.zeros(rows),
            kindred_then=kindred,
        )
        # As they come, rows are in no order: "ordered by nothing" is the order of the draw.
        nothing = Weights(0, 0, 0, 0, 0, 0, 0)
        shown = replace(shown, place=places_by(shown, ranked_by, nothing))
        explored = chance.integers(1, LOTS_A_PAGE + 1, size=pages).repeat(LOTS_A_PAGE)
        shown = replace(shown, explored=shown.place == explored)
        claimed = chance.random(rows) < self.chances(shown, shown.place)
        return replace(shown, claimed=claimed)

    def gain(self, shown: ShownRows, weights: Weights, present: Weights = DEFAULT) -> float:
        """What these weights would truly add to each row's claims, on these pages."""
        places = places_by(shown, weights, present)
        after, before = self.chances(shown, places), self.chances(shown, shown.place)
        return float(after.mean() - before.mean())
