"""Clearing where only quantities bind: an exact minimum-cost flow.

Hosts send as many units as they have capacity through edges to lots and on to the sink, or
past all lots. The first unit of a host or a brand is paid a bonus, which keeps the cost
convex, and so the flow exact (Ahuja, Magnanti and Orlin, Network Flows, chapters 9 and 14).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from services.matching.clearings.engine.market import Bonuses, Market, Whole

Arcs = tuple[Whole, ...]  # four of one length: tails, heads, capacities, costs


def best_flow(market: Market, bonuses: Bonuses) -> Whole:
    """The edges of a choice with the highest value and bonuses; budgets are not looked at.

    Edge numbers come in ascending order, the same for equal input. Raises ``RuntimeError``
    when the solver does not answer, which no valid market brings about.
    """
    from ortools.graph.python import min_cost_flow  # noqa: PLC0415 - 37 MB that only clearing needs

    hosts, edges, sink, arcs = len(market.hosts), market.edges, *_network(market, bonuses)
    if not edges:
        return np.zeros(0, np.int64)
    solver = min_cost_flow.SimpleMinCostFlow()
    tails, heads, room, cost = arcs
    numbers = solver.add_arcs_with_capacity_and_unit_cost(
        _narrow(tails), _narrow(heads), room, cost
    )
    solver.set_nodes_supplies(np.arange(hosts, dtype=np.int32), market.capacity)
    solver.set_node_supply(sink, -int(market.capacity.sum()))
    status = solver.solve()
    if status != solver.OPTIMAL:
        raise RuntimeError(f"the flow of a valid market was not solved: {status}")
    return np.flatnonzero(solver.flows(numbers[:edges]))


def _network(market: Market, bonuses: Bonuses) -> tuple[int, Arcs]:
    """The sink's number and all arcs, those of edges first. Lots nobody wants have no node."""
    hosts, host = len(market.hosts), np.arange(len(market.hosts))
    wanted = np.flatnonzero(np.bincount(market.edge_lot, minlength=len(market.lots)))
    node_of = np.zeros(len(market.lots), np.int64)
    node_of[wanted] = hosts + np.arange(len(wanted))
    lot, brand_of, sink = node_of[wanted], market.brand_of[wanted], hosts + len(wanted)
    parts = [_arcs(market.edge_host, node_of[market.edge_lot], 1, -market.value)]
    if bonuses.brand:
        brand = sink + 1 + np.arange(len(market.brands))
        supply = np.bincount(brand_of, market.units[wanted], len(brand)).astype(np.int64)
        parts.append(_arcs(lot, brand[brand_of], market.units[wanted], 0))
        parts.append(_arcs(brand, sink, 1, -bonuses.brand))
        parts.append(_arcs(brand, sink, supply, 0))
    else:
        parts.append(_arcs(lot, sink, market.units[wanted], 0))
    # A host's last unit past all lots is the one that makes her go with nothing.
    last = np.minimum(market.capacity, 1) if bonuses.host else np.zeros(hosts, np.int64)
    parts.append(_arcs(host, sink, market.capacity - last, 0))
    if bonuses.host:
        parts.append(_arcs(host, sink, last, bonuses.host))
    return sink, tuple(np.concatenate(column) for column in zip(*parts, strict=True))


def _arcs(tails: Whole, heads: Whole | int, room: Whole | int, cost: Whole | int) -> Arcs:
    return tuple(np.broadcast_to(each, tails.shape) for each in (tails, heads, room, cost))


def _narrow(nodes: Whole) -> NDArray[np.int32]:
    return nodes.astype(np.int32)
