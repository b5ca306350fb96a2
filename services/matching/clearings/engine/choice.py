"""A choice of edges in the making, and what it leaves of every limit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from services.matching.clearings.engine.certificate import (
    left_of_budgets,
    left_of_hosts,
    left_of_lots,
)
from services.matching.clearings.engine.market import Bonuses, Market, Whole


@dataclass(slots=True, kw_only=True, eq=False)
class Choice:
    """Which edges are taken; it never leaves the limits of its market."""

    market: Market
    bonuses: Bonuses
    is_taken: np.ndarray
    hosts: Whole
    """How many more gatherings each host can take."""
    lots: Whole
    budgets: Whole
    matched: Whole
    """How many lots each host has."""
    given: Whole
    """How many units each brand has given."""

    @classmethod
    def of(cls, market: Market, bonuses: Bonuses, chosen: Whole) -> Choice:
        """Take these edges, which must be within the limits."""
        is_taken = np.zeros(market.edges, bool)
        is_taken[chosen] = True
        return cls(
            market=market,
            bonuses=bonuses,
            is_taken=is_taken,
            hosts=left_of_hosts(market, chosen),
            lots=left_of_lots(market, chosen),
            budgets=left_of_budgets(market, chosen),
            matched=np.bincount(market.edge_host[chosen], minlength=len(market.hosts)),
            given=np.bincount(market.edge_brand[chosen], minlength=len(market.brands)),
        )

    @property
    def chosen(self) -> Whole:
        """Edge numbers in ascending order."""
        return np.flatnonzero(self.is_taken)

    def worth(self) -> Whole:
        """The value of each edge, and the bonus that is lost or earned with it.

        A host's bonus goes with her only edge and comes with her first; a brand's counts only
        where it comes, since edges of a brand are given up for others of that brand.
        """
        worth = self.market.value.copy()
        worth[self.matched[self.market.edge_host] == self.is_taken] += self.bonuses.host
        worth[self.given[self.market.edge_brand] == 0] += self.bonuses.brand
        return worth

    def fitting(self) -> np.ndarray:
        """Which edges could be taken as things stand."""
        market = self.market
        return (
            ~self.is_taken
            & (self.hosts[market.edge_host] > 0)
            & (self.lots[market.edge_lot] > 0)
            & (market.cost <= self.budgets[market.edge_brand])
        )

    def fill(self, edges: Whole) -> None:
        """Take whichever of these edges still fit, one after another; none of them is taken."""
        market = self.market
        hosts, lots, budgets = self.hosts.tolist(), self.lots.tolist(), self.budgets.tolist()
        of = (market.edge_host, market.edge_lot, market.edge_brand, market.cost)
        columns = (edges, *(each[edges] for each in of))
        taken = []
        for edge, host, lot, brand, cost in zip(*(c.tolist() for c in columns), strict=True):
            if hosts[host] and lots[lot] and cost <= budgets[brand]:
                hosts[host] -= 1
                lots[lot] -= 1
                budgets[brand] -= cost
                taken.append(edge)
        self.take(np.array(taken, np.int64))

    def take(self, edges: Whole) -> None:
        """Take edges that are known to fit, each once."""
        self.is_taken[edges] = True
        self._count(edges, 1)

    def give_up(self, edges: Whole) -> None:
        """Give these taken edges up, each once."""
        self.is_taken[edges] = False
        self._count(edges, -1)

    def _count(self, edges: Whole, times: int) -> None:
        market = self.market
        np.subtract.at(self.hosts, market.edge_host[edges], times)
        np.subtract.at(self.lots, market.edge_lot[edges], times)
        np.subtract.at(self.budgets, market.edge_brand[edges], times * market.cost[edges])
        np.add.at(self.matched, market.edge_host[edges], times)
        np.add.at(self.given, market.edge_brand[edges], times)
