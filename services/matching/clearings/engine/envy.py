"""Clearing where nobody is passed over: deferred acceptance, hosts propose.

Every host asks for the lots she likes best; a lot holds on to the hosts its brand likes best
and turns the others away, who then ask for their next (Gale and Shapley, College admissions
and the stability of marriage, 1962). A brand whose money does not last turns away those it
likes least, and from then on everybody whom it likes less than one of those. What is unspent
at the end goes to those it can pay, the best liked first, as far as nobody is passed over.
"""

from __future__ import annotations

from heapq import heappop, heappush

import numpy as np

from services.matching.clearings.engine.market import MOST_VALUE, Market, Whole

NOTHING = MOST_VALUE
"""What a host who has nothing likes least of what she has: she would not give it up."""


def accepted(market: Market) -> Whole:
    """Edges held on to at the end, ascending; of two as good the lower number is liked more."""
    answers, room = _Answers(market), market.capacity.tolist()
    answers.to(_wishes(market), room)
    if market.budget is not None:
        answers.spend_rest(market.to_host.tolist(), room)
    return answers.held


def _wishes(market: Market) -> list[list[int]]:
    """For each host her edges, the one she likes best last."""
    order = np.lexsort((-np.arange(market.edges), market.to_host, market.edge_host))
    ends = np.cumsum(np.bincount(market.edge_host, minlength=len(market.hosts)))
    return [part.tolist() for part in np.split(order, ends[:-1])] if len(ends) else []


class _Answers:
    """What lots hold on to and what brands have left. Ranks are from 0, the most liked."""

    def __init__(self, market: Market) -> None:
        order = np.lexsort((np.arange(market.edges), -market.to_brand))
        rank = np.empty(market.edges, np.int64)
        rank[order] = np.arange(market.edges)
        self._rank, self._edge_at = rank.tolist(), order.tolist()
        self._host, self._lot = market.edge_host.tolist(), market.edge_lot.tolist()
        self._brand, self._cost = market.edge_brand.tolist(), market.cost.tolist()
        self._units, self._left = market.units.tolist(), _budgets(market)
        self._last = [market.edges] * len(market.brands)  # ranks from here on are turned away
        self._is_held = [False] * market.edges
        # Heaps of negative ranks, so that the least liked comes out first.
        self._of_lot: list[list[int]] = [[] for _ in market.lots]
        self._of_brand: list[list[int]] = [[] for _ in market.brands]

    @property
    def held(self) -> Whole:
        """The edges held on to, in ascending order."""
        return np.flatnonzero(np.array(self._is_held, bool))

    def to(self, wishes: list[list[int]], room: list[int]) -> None:
        """Let every host ask until she has all she may, or nobody is left to ask."""
        asking = list(range(len(wishes)))[::-1]
        while asking:
            host = asking.pop()
            while room[host] and wishes[host]:
                room[host] -= 1
                for edge in self._turned_away(wishes[host].pop()):
                    room[self._host[edge]] += 1
                    asking.append(self._host[edge])

    def spend_rest(self, liking: list[int], room: list[int]) -> None:
        """Give what is left to whoever has room, brands' favourites first.

        Money that cannot pay somebody may go to those liked less, and nobody envies them: it
        would not be enough without them either. It may not where it could pay a host who has
        no room, and likes this better than what she has (``liking``).
        """
        worst = [NOTHING] * len(room)
        for edge in self.held.tolist():
            worst[self._host[edge]] = min(worst[self._host[edge]], liking[edge])
        stopped = set[int]()
        for edge in self._edge_at:
            host, brand = self._host[edge], self._brand[edge]
            if brand in stopped or not self._can_have(edge):
                continue
            if room[host]:
                room[host] -= 1
                worst[host] = min(worst[host], liking[edge])
                self._hold(edge)
            elif liking[edge] > worst[host]:
                stopped.add(brand)

    def _can_have(self, edge: int) -> bool:
        is_free = self._units[self._lot[edge]] > 0 and not self._is_held[edge]
        return is_free and self._cost[edge] <= self._left[self._brand[edge]]

    def _hold(self, edge: int) -> None:
        self._is_held[edge] = True
        self._units[self._lot[edge]] -= 1
        self._left[self._brand[edge]] -= self._cost[edge]

    def _turned_away(self, edge: int) -> list[int]:
        """Hold on to this edge; those that are then too many for its lot or its brand."""
        rank, lot, brand = self._rank[edge], self._lot[edge], self._brand[edge]
        if rank >= self._last[brand]:
            return [edge]
        self._hold(edge)
        heappush(self._of_lot[lot], -rank)
        heappush(self._of_brand[brand], -rank)
        gone = []
        if self._units[lot] < 0:
            gone.append(self._let_go(self._of_lot[lot]))
        while self._left[brand] < 0:
            gone.append(self._let_go(self._of_brand[brand]))
            self._last[brand] = self._rank[gone[-1]]
        return gone

    def _let_go(self, heap: list[int]) -> int:
        """The least liked edge of a heap that is still held; the other heap may keep it."""
        edge: int = self._edge_at[-heappop(heap)]
        while not self._is_held[edge]:
            edge = self._edge_at[-heappop(heap)]
        self._is_held[edge] = False
        self._units[self._lot[edge]] += 1
        self._left[self._brand[edge]] += self._cost[edge]
        return edge


def _budgets(market: Market) -> list[int]:
    if market.budget is None:
        return [int(market.cost.sum())] * len(market.brands)
    return list(market.budget.tolist())
