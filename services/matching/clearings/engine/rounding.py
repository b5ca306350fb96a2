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
    # By their share, in steps coarse enough for the solver's noise, then by their worth.
    share = np.round(relaxed.share, 6) * market.value.max(initial=0)
    choice.fill(share * 1_000 + choice.worth())
    improve(choice, market.reduced(relaxed.prices))
    return choice.chosen


def _taken_whole(market: Market, relaxed: Relaxed) -> Whole:
    """What the programme takes whole, save of brands that its noise lets overspend."""
    whole = np.flatnonzero(relaxed.share > 1 - NEARLY)
    return whole[left_of_budgets(market, whole)[market.edge_brand[whole]] >= 0]
