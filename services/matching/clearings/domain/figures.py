"""What a clearing gives, and what first-come-first-served would have given beside it."""

from __future__ import annotations

import hashlib

import numpy as np

from services.matching.audits.engine.inequality import gini
from services.matching.clearings.domain.clearing import Figures, Outcome
from services.matching.clearings.engine.market import Market, Whole
from services.matching.clearings.engine.measures import blocking_pairs, left_out


def figures_of(market: Market, chosen: Whole, *, seed: str, hosts_full: int) -> Figures:
    """Count the market and both ways of choosing; the seed orders who would come first.

    ``hosts_full`` is how many hosts are not in it, for they can take on no more.
    """
    return Figures(
        hosts=len(market.hosts),
        lots=len(market.lots),
        brands=len(market.brands),
        candidates=market.edges,
        cleared=outcome_of(market, chosen),
        first_come=outcome_of(market, first_come(market, seed)),
        hosts_full=hosts_full,
    )


def outcome_of(market: Market, chosen: Whole) -> Outcome:
    """What these edges give together, and to how few."""
    with_nothing = left_out(market, chosen)
    of_hosts = np.zeros(len(market.hosts), np.int64)
    np.add.at(of_hosts, market.edge_host[chosen], market.value[chosen])
    return Outcome(
        value=int(market.value[chosen].sum()),
        assignments=len(chosen),
        hosts_with_nothing=int(with_nothing.hosts),
        brands_with_nothing=int(with_nothing.brands),
        gini=gini(of_hosts.tolist()),
        blocking_pairs=blocking_pairs(market, chosen),
    )


def first_come(market: Market, seed: str) -> Whole:
    """The edges that hosts would take, each all she can at her turn and the best for her first.

    The seed says in which order they come: the same for the same seed and hosts.
    """
    left, units = market.capacity.tolist(), market.units.tolist()
    money = None if market.budget is None else market.budget.tolist()
    turn = {number: _turn(seed, name) for number, name in enumerate(market.hosts)}
    lots, costs = market.edge_lot.tolist(), market.cost.tolist()
    hosts, brands = market.edge_host.tolist(), market.edge_brand.tolist()
    liked = np.lexsort((market.edge_lot, -market.to_host)).tolist()
    taken = []
    for edge in sorted(liked, key=lambda edge: turn[hosts[edge]]):
        host, lot, brand = hosts[edge], lots[edge], brands[edge]
        if not left[host] or not units[lot] or (money and money[brand] < costs[edge]):
            continue
        left[host] -= 1
        units[lot] -= 1
        if money:
            money[brand] -= costs[edge]
        taken.append(edge)
    return np.sort(np.array(taken, np.int64))


def _turn(seed: str, host_id: str) -> bytes:
    return hashlib.sha256(f"{seed}\x1f{host_id}".encode()).digest()
