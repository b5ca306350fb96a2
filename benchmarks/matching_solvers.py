"""The solvers alone that clearing is measured beside: arrays prepared, then only their work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from services.matching.clearings.engine.market import Market
from services.matching.clearings.engine.programme import ALWAYS, Options


def bare_flow(market: Market) -> Callable[[], int]:
    """OR-tools: arcs in, value out. Nodes are hosts from 0, then wanted lots, then the sink."""
    from ortools.graph.python import min_cost_flow  # noqa: PLC0415 - asked for by benchmarks only

    wanted, lot = np.unique(market.edge_lot, return_inverse=True)
    hosts, sink = len(market.hosts), len(market.hosts) + len(wanted)
    host, node = np.arange(hosts, dtype=np.int32), hosts + np.arange(len(wanted))
    past = np.full(len(wanted) + hosts, sink)
    tails = np.concatenate([market.edge_host, node, host]).astype(np.int32)
    heads = np.concatenate([hosts + lot, past]).astype(np.int32)
    room = np.concatenate([np.ones_like(lot), market.units[wanted], market.capacity])
    cost = np.concatenate([-market.value, np.zeros(len(past), np.int64)])

    def solve() -> int:
        solver = min_cost_flow.SimpleMinCostFlow()
        arcs = solver.add_arcs_with_capacity_and_unit_cost(tails, heads, room, cost)
        solver.set_nodes_supplies(host, market.capacity)
        solver.set_node_supply(sink, -int(market.capacity.sum()))
        solver.solve()
        return -int((solver.flows(arcs) * cost).sum())

    return solve


def bare_programme(market: Market, options: Options) -> Callable[[], float]:
    """HiGHS on one thread: the model in, its solution read, the bound out."""
    import highspy  # noqa: PLC0415 - asked for by benchmarks only

    model = _programme(highspy, market)

    def solve() -> float:
        # The core class: the one around it greets everybody on the standard output.
        solver = highspy._core._Highs()
        for name, setting in {**ALWAYS, **options}.items():
            solver.setOptionValue(name, setting)
        solver.passModel(model)
        solver.run()
        np.array(solver.getSolution().col_value)
        return -float(solver.getInfo().objective_function_value)

    return solve


def _programme(highspy: Any, market: Market) -> Any:  # noqa: ANN401 - typed by HiGHS
    """Rows of hosts, wanted lots and brands; three entries a column."""
    wanted, lot = np.unique(market.edge_lot, return_inverse=True)
    hosts, brands = len(market.hosts), len(market.hosts) + len(wanted)
    rows = np.stack([market.edge_host, hosts + lot, brands + market.edge_brand], axis=1)
    ones = np.ones(market.edges)
    limits = (market.capacity, market.units[wanted], np.asarray(market.budget))
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = market.edges, brands + len(market.brands)
    model.col_cost_, model.col_lower_, model.col_upper_ = -market.value * 1.0, 0 * ones, ones
    model.row_lower_ = np.full(model.num_row_, -highspy.kHighsInf)
    model.row_upper_ = np.concatenate(limits).astype(np.float64)
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = np.arange(0, rows.size + 1, 3).astype(np.int32)
    model.a_matrix_.index_ = rows.ravel().astype(np.int32)
    model.a_matrix_.value_ = np.stack([ones, ones, market.cost], axis=1).ravel()
    return model
