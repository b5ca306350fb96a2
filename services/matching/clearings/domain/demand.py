"""What a clearing found of each lot: how much more others want it than there is of it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from chassis.kernel.money import WHOLE
from services.matching.clearings.engine.clear import Clearing
from services.matching.clearings.engine.market import Amounts, Market
from services.matching.offers.engine.points import MILLION

DEMAND_DAYS = 7
"""Demand counts on the day the clearing was asked for and on so many after it: a week's."""
MICRO, CERTAIN = 1_000, 1_000
"""A value is in milli-points, a score in micro-points, a likelihood in thousandths."""


def demand_of(market: Market, solved: Clearing, lot_of: Mapping[str, str]) -> dict[str, int]:
    """By lot of the market the micro-points that one more pack of it would have been worth.

    A pack costs its own shadow price and that of the money which goes with it, the same for
    every host, rounded down and a million at most. Where values are what hosts want times how
    likely the brand accepts them, that is divided by the likelihood of those who might have
    the lot, on the average: lists are in points of what hosts want. ``lot_of`` has the lot of
    each shelf; a lot with several costs what its cheapest does, so that nobody is charged for
    packs that are not hers to have. Zero is enough for all, also where bonuses make it less.
    """
    cost = np.zeros(len(market.lots), np.int64)
    cost[market.edge_lot] = market.cost
    price = solved.lot_price + solved.budget_price[market.brand_of] * cost
    price = price / _accepted(market)
    points = np.clip(np.floor(price * MICRO), 0, MILLION).astype(np.int64).tolist()
    lowest: dict[str, int] = {}
    for shelf, worth in zip(market.lots, points, strict=True):
        lot_id = lot_of[shelf]
        lowest[lot_id] = min(worth, lowest.get(lot_id, worth))
    return lowest


def least_score(points: int, reserve: int) -> int:
    """The least score of a lot of this demand that may be dearer by so many basis points.

    A reserve is a share of what the lot is worth before its demand is taken off. In
    micro-points, zero or less, rounded up.
    """
    return -(points * reserve // (WHOLE + reserve))


def _accepted(market: Market) -> Amounts:
    """By lot, how likely its brand accepts those who might have it; 1 where nobody asked."""
    if market.brand_value is None:
        return np.ones(len(market.lots))
    edges = np.bincount(market.edge_lot, minlength=len(market.lots))
    total = np.bincount(market.edge_lot, market.brand_value, minlength=len(market.lots))
    accepted: Amounts = np.maximum(total, 1) / np.maximum(edges, 1) / CERTAIN
    return accepted
