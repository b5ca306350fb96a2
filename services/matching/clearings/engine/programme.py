"""Clearing under money budgets: the linear programme without whole numbers, and its prices.

    most  value . x + bonus . y    within capacities, units and budgets, 0 <= x, y <= 1,
    and y of a host (a brand) at most the sum of her (its) x

Its duals prove a bound for every whole choice too. Solved with HiGHS (Huangfu and Hall,
Parallelizing the dual revised simplex method, 2018) on one thread. Presolving and perturbing
cost more than they gain here, where nearly every row is a short sum of ones. Perturbing is
also what keeps the simplex method from going in circles, so HiGHS is asked again as it comes
when it takes too many steps.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from services.matching.clearings.engine.certificate import is_affordable
from services.matching.clearings.engine.market import Amounts, Bonuses, Market, Prices, Whole

Options = dict[str, bool | int | float | str]
ALWAYS: Options = {"output_flag": False, "threads": 1}
QUICKLY: Options = {"presolve": "off", "dual_simplex_cost_perturbation_multiplier": 0.0}
STEPS_A_ROW = 20
"""The steps after which we no longer hope for the quick way; one or two are usual."""
BY_COLUMNS, LEAST = 1, 1
"""HiGHS's numbers for a matrix given column by column, and for seeking the least."""


class Relaxed(NamedTuple):
    """How much of each edge the programme takes, 0.0 to 1.0, and its prices."""

    share: Amounts
    prices: Prices


class _Columns(NamedTuple):
    """Columns of the programme: what each is worth, and its rows and factors, three or two."""

    worth: Whole
    rows: Whole
    factors: Whole


def relax(market: Market, bonuses: Bonuses) -> Relaxed:
    """Solve the programme; the same answer for equal input.

    Raises ``RuntimeError`` when the solver does not answer, which no valid market with
    budgets brings about.
    """
    edges, layout = np.flatnonzero(is_affordable(market)), _Layout.of(market, bonuses)
    shares, duals = _solved(layout.columns(market, edges, bonuses), layout.limits(market))
    share = np.zeros(market.edges)
    share[edges] = shares[: len(edges)]
    return Relaxed(share, layout.prices(market, duals))


class _Layout(NamedTuple):
    """Where the rows of hosts, wanted lots, brands and bonuses begin."""

    wanted: Whole
    row_of_lot: Whole
    brands: int
    host_bonus: int
    brand_bonus: int
    rows: int

    @classmethod
    def of(cls, market: Market, bonuses: Bonuses) -> _Layout:
        """Lots that no edge leads to have no row; a bonus of nothing has none."""
        wanted = np.flatnonzero(np.bincount(market.edge_lot, minlength=len(market.lots)))
        row_of_lot = np.zeros(len(market.lots), np.int64)
        row_of_lot[wanted] = len(market.hosts) + np.arange(len(wanted))
        brands = len(market.hosts) + len(wanted)
        host_bonus = brands + len(market.brands)
        brand_bonus = host_bonus + bool(bonuses.host) * len(market.hosts)
        rows = brand_bonus + bool(bonuses.brand) * len(market.brands)
        return cls(wanted, row_of_lot, brands, host_bonus, brand_bonus, rows)

    def columns(self, market: Market, edges: Whole, bonuses: Bonuses) -> list[_Columns]:
        """One for each edge, then one for each bonus that may be earned."""
        host, brand, ones = market.edge_host[edges], market.edge_brand[edges], np.ones_like(edges)
        rows = [host, self.row_of_lot[market.edge_lot[edges]], self.brands + brand]
        factors = [ones, ones, market.cost[edges]]
        earned = []
        for bonus, first, count, owner in (
            (bonuses.host, self.host_bonus, len(market.hosts), host),
            (bonuses.brand, self.brand_bonus, len(market.brands), brand),
        ):
            if bonus:
                rows.append(first + owner)
                factors.append(-ones)
                each = np.arange(first, first + count)[:, None]
                earned.append(_Columns(np.full(count, bonus), each, np.ones_like(each)))
        taken = _Columns(market.value[edges], np.stack(rows, 1), np.stack(factors, 1))
        return [taken, *earned]

    def limits(self, market: Market) -> Amounts:
        """The most of each row."""
        bonus_rows = np.zeros(self.rows - self.host_bonus)
        parts = (market.capacity, market.units[self.wanted], market.budget, bonus_rows)
        return np.concatenate([part for part in parts if part is not None]).astype(np.float64)

    def prices(self, market: Market, duals: Amounts) -> Prices:
        """The duals by what they price; what earns a bonus is as much cheaper."""
        host = duals[: len(market.hosts)].copy()
        lot = np.zeros(len(market.lots))
        lot[self.wanted] = duals[len(market.hosts) : self.brands]
        if self.brand_bonus > self.host_bonus:
            host -= duals[self.host_bonus : self.brand_bonus]
        if self.rows > self.brand_bonus:
            lot -= duals[self.brand_bonus :][market.brand_of]
        return Prices(host, lot, duals[self.brands : self.host_bonus].copy())


def _solved(columns: list[_Columns], limits: Amounts) -> tuple[Amounts, Amounts]:
    """The value of each column, and the dual of each row, which is never below zero."""
    if not sum(len(each.worth) for each in columns):
        return np.zeros(0), np.zeros(len(limits))
    import highspy  # noqa: PLC0415 - large, and only clearing under budgets needs it

    model = _model(columns, limits)
    for way in ({**QUICKLY, "simplex_iteration_limit": STEPS_A_ROW * len(limits)}, {}):
        # The core class: the one around it greets everybody on the standard output.
        solver = highspy._core._Highs()
        for name, setting in {**ALWAYS, **way}.items():
            solver.setOptionValue(name, setting)
        solver.passModel(*model)
        solver.run()
        if solver.getModelStatus() == highspy.HighsModelStatus.kOptimal:
            solution = solver.getSolution()
            return np.array(solution.col_value), np.maximum(-np.array(solution.row_dual), 0)
    raise RuntimeError("the programme of a valid market was not solved")


def _model(columns: list[_Columns], limits: Amounts) -> tuple[Any, ...]:
    """As ``passModel`` takes it: counts, by columns, the least, no offset, then arrays."""
    worth = np.concatenate([each.worth for each in columns])
    sizes = np.concatenate([np.full(len(each.worth), each.rows.shape[1]) for each in columns])
    rows = np.concatenate([each.rows.ravel() for each in columns])
    factors = np.concatenate([each.factors.ravel() for each in columns])
    counts = len(worth), len(limits), len(rows)
    starts = np.concatenate([[0], np.cumsum(sizes)])
    every = np.ones(len(worth))
    return (
        *(*counts, BY_COLUMNS, LEAST, 0.0),
        *(-worth.astype(np.float64), 0 * every, every),
        *(np.full(len(limits), -np.inf), limits),
        *(starts.astype(np.int32), rows.astype(np.int32), factors.astype(np.float64)),
        np.zeros(len(worth), np.int32),  # no column must be whole
    )
