"""What is lost when hosts come one after another, and how much of that prices save.

Every host comes once in a period, in an order left to chance, and takes from her list what
is still to be had until she has all she may. First-come-first-served lists by value; with
the prices of the period before the list is by value above the prices of lot and budget, or,
as the service has it, above one price a lot. A reserve keeps off the list what is worth too
little above its prices. How high it may be is measured on the period before, with the prices
of the one before that.

Subsidies of the market grow with a host's people. ``alike`` is the market as the service has
it, where a brand gives the same to every host.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from services.matching.clearings.engine.choice import Choice
from services.matching.clearings.engine.clear import Policy, clear
from services.matching.clearings.engine.market import Bonuses, Market, Prices, Whole

NO_RESERVE = -np.inf
RESERVES = (NO_RESERVE, -1.0, -0.5, -0.25, -0.1, 0.0, 0.1, 0.25)
"""The least that an edge may be worth above its prices, as shares of its value."""

REPLAY = 1_000
"""The order in which the period before is replayed; no period is measured in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """Shares of the best value that are lost in a period, medians over orders of coming."""

    first_come: float
    by_demand: float
    by_prices: float
    with_reserve: float
    reserve: float


def lost(periods: Sequence[Market], *, orders: int) -> Lost:
    """What the last of three periods loses with the prices of the second.

    The reserve is the one that was best in the second with the prices of the first.
    """
    first, second, last = periods
    before, prices = clear(first, Policy()).prices, clear(second, Policy()).prices
    best = clear(last, Policy()).value

    def share(known: Prices, reserve: float = NO_RESERVE) -> float:
        taken = [online(last, known, reserve, order) for order in range(orders)]
        return 1 - float(np.median([last.value[each].sum() for each in taken])) / best

    def replayed(reserve: float) -> int:
        return int(second.value[online(second, before, reserve, REPLAY)].sum())

    reserve = max(RESERVES, key=replayed)
    nothing = Prices(*(np.zeros_like(each) for each in prices))
    return Lost(
        first_come=share(nothing),
        by_demand=share(demand(second, prices)),
        by_prices=share(prices),
        with_reserve=share(prices, reserve),
        reserve=reserve,
    )


def demand(market: Market, prices: Prices) -> Prices:
    """The same as the service's lists count them: one price a lot, never below nothing.

    The money that goes with a pack is that of the lot's mean edge; in the service it is the
    same for all hosts, here it grows with theirs.
    """
    edges = np.bincount(market.edge_lot, minlength=len(market.lots))
    money = np.bincount(market.edge_lot, market.cost, len(market.lots)) / np.maximum(edges, 1)
    lot = np.maximum(prices.lot + prices.budget[market.brand_of] * money, 0)
    return Prices(np.zeros_like(prices.host), lot, np.zeros_like(prices.budget))


def alike(market: Market) -> Market:
    """The same market where a brand gives every host the same, as brands here do.

    Otherwise it grows with the host's people, and one price a lot cannot tell that.
    """
    edges = np.bincount(market.edge_brand, minlength=len(market.brands))
    given = np.bincount(market.edge_brand, market.cost, len(market.brands))
    cost = (given / np.maximum(edges, 1)).astype(np.int64)
    return replace(market, cost=cost[market.edge_brand])


def online(market: Market, prices: Prices, reserve: float, order: int) -> Whole:
    """The edges taken when hosts come in this order, with these lists."""
    above = market.reduced(prices._replace(host=np.zeros(len(market.hosts))))
    listed = np.flatnonzero(above >= reserve * np.maximum(market.value, 1))
    place = np.random.default_rng(order).permutation(len(market.hosts))
    listed = listed[np.lexsort((-above[listed], place[market.edge_host[listed]]))]
    choice = Choice.of(market, Bonuses(), np.zeros(0, np.int64))
    choice.fill(listed)
    return choice.chosen
