"""Whole choices from the linear programme: what it takes whole, the rest by what it says."""

from __future__ import annotations

import numpy as np

from services.matching.clearings.engine.certificate import left_of_budgets
from services.matching.clearings.engine.choice import Choice
from services.matching.clearings.engine.market import Bonuses, Market, Whole
from services.matching.clearings.engine.programme import Relaxed
from services.matching.clearings.engine.swaps import improve

NEARLY = 1e-6
"""The solver's whole numbers are whole within this."""


def rounded(market: Market, bonuses: Bonuses, relaxed: Relaxed) -> Whole:
    """Edges of a choice near the programme's, within all limits; the same for equal input."""
    choice = Choice.of(market, bonuses, _taken_whole(market, relaxed))
    choice.fill(_by_share(choice, relaxed))
    improve(choice, market.reduced(relaxed.prices))
    return choice.chosen


def _taken_whole(market: Market, relaxed: Relaxed) -> Whole:
    """What the programme takes whole, save of brands that its noise lets overspend."""
    whole = np.flatnonzero(relaxed.share > 1 - NEARLY)
    return whole[left_of_budgets(market, whole)[market.edge_brand[whole]] >= 0]


def _by_share(choice: Choice, relaxed: Relaxed) -> Whole:
    """What still fits, by its share in steps above the solver's noise, then by its worth."""
    edges = np.flatnonzero(choice.fitting())
    share = np.round(relaxed.share[edges] / NEARLY).astype(np.int64)
    return edges[np.lexsort((-choice.worth()[edges], -share))]
