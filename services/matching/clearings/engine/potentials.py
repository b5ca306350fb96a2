"""Shadow prices of a flow: the shortest ways in its residual graph, as whole numbers.

The solver tells the flow and keeps its prices to itself. A flow is the best exactly where
prices of hosts and lots exist at which every chosen edge pays and no other does
(complementary slackness). They are found as Bellman and Ford find shortest ways: lots begin
as cheap as can be and rise only where an edge left out would pay, which lowers what the
hosts on the other side of chosen edges can pay. It ends with the lowest prices of lots.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from services.matching.clearings.engine.market import Bonuses, Market, Prices, Whole
from services.matching.clearings.engine.rows import Rows

UNBOUND = np.int64(1 << 62)


def prices_of(market: Market, chosen: Whole, bonuses: Bonuses) -> Prices:
    """The prices that prove ``chosen`` the best; of budgets they know nothing.

    Of a choice that is not the best they prove a bound above it, or raise ``ValueError``
    where they would rise without end.
    """
    search = _Search.begin(market, chosen, bonuses)
    lots = search.raise_lots(search.others_of.items)
    for _ in range(2 * len(market.hosts) + len(market.lots) + 2):
        if not len(lots):
            return search.prices()
        hosts = search.lower_hosts(search.chosen_of.joined(lots))
        lots = search.raise_lots(search.others_of.joined(hosts))
    raise ValueError("the choice is not the best: no prices bear it out")


@dataclass(slots=True, kw_only=True, eq=False)
class _Search:
    """Prices on their way; ``lot`` only rises and ``host`` only falls."""

    market: Market
    bonuses: Bonuses
    host: Whole
    lot: Whole
    brand: Whole
    is_spare: np.ndarray
    chosen_of: Rows
    """Chosen edges by their lot."""
    others_of: Rows
    """All other edges by their host, those of hosts without capacity left out."""

    @classmethod
    def begin(cls, market: Market, chosen: Whole, bonuses: Bonuses) -> _Search:
        """Every lot at its lowest price, every host at her highest beside that."""
        hosts, lots, brands = len(market.hosts), len(market.lots), len(market.brands)
        is_other = market.capacity[market.edge_host] > 0
        is_other[chosen] = False
        sold = np.bincount(market.edge_lot[chosen], minlength=lots)
        of_brand = np.bincount(market.edge_brand[chosen], minlength=brands)
        search = cls(
            market=market,
            bonuses=bonuses,
            host=_highest(market, np.bincount(market.edge_host[chosen], minlength=hosts), bonuses),
            lot=np.zeros(lots, np.int64),
            brand=np.where(of_brand > 1, 0, -bonuses.brand),
            is_spare=sold < market.units,
            chosen_of=Rows.of(market.edge_lot, lots, chosen),
            others_of=Rows.of(market.edge_host, hosts, np.flatnonzero(is_other)),
        )
        search.lot = search.floor()
        search.lower_hosts(chosen)
        return search

    def floor(self) -> Whole:
        """The least each lot can cost: what its brand's next unit does."""
        return self.brand[self.market.brand_of]

    def lower_hosts(self, edges: Whole) -> Whole:
        """Let hosts pay at most what these chosen edges leave them; which pay less now."""
        before, lot = self.host.copy(), self.market.edge_lot[edges]
        left = self.market.value[edges] - self.lot[lot]
        np.minimum.at(self.host, self.market.edge_host[edges], left)
        return np.flatnonzero(self.host < before)

    def raise_lots(self, edges: Whole) -> Whole:
        """Let lots cost at least what these other edges would pay; which cost more now."""
        before, lot = self.lot.copy(), self.market.edge_lot[edges]
        pays = self.market.value[edges] - self.host[self.market.edge_host[edges]]
        more = pays > before[lot]
        np.maximum.at(self.lot, lot[more], pays[more])
        if self.bonuses.brand:
            brand_of = self.market.brand_of
            np.maximum.at(self.brand, brand_of[self.is_spare], self.lot[self.is_spare])
            np.maximum(self.lot, self.floor(), out=self.lot)
        return np.flatnonzero(self.lot > before)

    def prices(self) -> Prices:
        """As they stand; a host without capacity pays what her best edge would leave."""
        host, market = self.host.copy(), self.market
        host[market.capacity == 0] = 0
        closed = np.flatnonzero(market.capacity[market.edge_host] == 0)
        left = market.value[closed] - self.lot[market.edge_lot[closed]]
        np.maximum.at(host, market.edge_host[closed], left)
        return Prices(
            host.astype(np.float64), self.lot.astype(np.float64), np.zeros(len(market.brands))
        )


def _highest(market: Market, matched: Whole, bonuses: Bonuses) -> Whole:
    """Nothing for one with capacity to spare; less by the bonus for one with nothing."""
    full = np.where(matched == market.capacity, UNBOUND, 0)
    return np.where((matched == 0) & (market.capacity > 0), -bonuses.host, full)
