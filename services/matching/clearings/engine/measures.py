"""What is told of any choice beside its value: envy, and who is left with nothing."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from services.matching.clearings.engine.certificate import (
    left_of_budgets,
    left_of_hosts,
    left_of_lots,
)
from services.matching.clearings.engine.market import Market, Whole

NOBODY = np.int64(1 << 62)


class LeftOut(NamedTuple):
    """How many hosts and brands that could have been matched have nothing."""

    hosts: int
    brands: int


def blocking_pairs(market: Market, chosen: Whole) -> int:
    """How many edges left out both sides would rather have.

    The host has room, or likes it better than one of hers; and the brand could give it,
    within the lot's units and its budget, by dropping only edges that it likes less.
    """
    return int(np.count_nonzero(_is_wished(market, chosen) & _is_given(market, chosen)))


def envious_pairs(market: Market, chosen: Whole) -> int:
    """The blocking pairs for which the brand would drop somebody; the rest are mere waste."""
    fits = (left_of_lots(market, chosen)[market.edge_lot] > 0) & (
        left_of_budgets(market, chosen)[market.edge_brand] >= market.cost
    )
    return int(np.count_nonzero(_is_wished(market, chosen) & _is_given(market, chosen) & ~fits))


def left_out(market: Market, chosen: Whole) -> LeftOut:
    """Those with an edge and a limit above zero that no chosen edge belongs to."""
    can = (market.capacity[market.edge_host] > 0) & (market.units[market.edge_lot] > 0)
    able, host, brand = np.flatnonzero(can), market.edge_host, market.edge_brand
    return LeftOut(
        len(np.setdiff1d(host[able], host[chosen])),
        len(np.setdiff1d(brand[able], brand[chosen])),
    )


def _is_wished(market: Market, chosen: Whole) -> np.ndarray:
    """Edges left out that their hosts have room for or like better than one of theirs."""
    worst = np.full(len(market.hosts), NOBODY)
    np.minimum.at(worst, market.edge_host[chosen], market.to_host[chosen])
    worst[left_of_hosts(market, chosen) > 0] = -1
    wished = market.to_host > worst[market.edge_host]
    wished[chosen] = False
    return wished


def _is_given(market: Market, chosen: Whole) -> np.ndarray:
    """Edges for which unit and money are there, or with somebody whom the brand likes less."""
    worst = np.full(len(market.lots), NOBODY)
    np.minimum.at(worst, market.edge_lot[chosen], market.to_brand[chosen])
    worst[left_of_lots(market, chosen) > 0] = -1
    unit = market.to_brand > worst[market.edge_lot]
    left = left_of_budgets(market, chosen)[market.edge_brand]
    return unit & (market.cost <= left + _of_less_liked(market, chosen))


def _of_less_liked(market: Market, chosen: Whole) -> Whole:
    """What each edge's brand spends on chosen edges that it likes less, in minor units."""
    spent = np.zeros(market.edges, np.int64)
    spent[chosen] = market.cost[chosen]
    order = np.lexsort((market.to_brand, market.edge_brand))
    before = np.concatenate([[0], np.cumsum(spent[order])[:-1]])[: market.edges]
    brand, liked = market.edge_brand[order], market.to_brand[order]
    of_brand = before[np.searchsorted(brand, brand)] if market.edges else before
    # Edges that a brand likes as much begin at the first of them.
    fresh = np.concatenate([[True], (np.diff(brand) != 0) | (np.diff(liked) != 0)])[: len(order)]
    first = np.maximum.accumulate(np.where(fresh, np.arange(len(order)), 0))
    result = np.empty_like(spent)
    result[order] = before[first] - of_brand
    return result
