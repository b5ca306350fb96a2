"""Clear a market: who is matched with what, at which prices, why, and how near the best."""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from services.matching.clearings.engine.certificate import (
    bound_of,
    check_limits,
    objective_of,
    verify,
)
from services.matching.clearings.engine.envy import accepted
from services.matching.clearings.engine.flow import best_flow
from services.matching.clearings.engine.market import Amounts, Bonuses, Market, Prices, Whole
from services.matching.clearings.engine.potentials import prices_of
from services.matching.clearings.engine.programme import relax
from services.matching.clearings.engine.rounding import rounded


class Rule(StrEnum):
    """By which rule a market is cleared."""

    VALUE = "value"
    """The most value in all."""

    NO_ENVY = "no-envy"
    """Nobody is passed over for somebody whom the brand likes less (deferred acceptance)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The rule, and what it is worth that a host or a brand is matched at all.

    Both bonuses are in milli-points, count once a host and once a brand, and steer ``VALUE``
    only; the value of a clearing is told without them.
    """

    rule: Rule = Rule.VALUE
    first_host_bonus: int = 0
    first_brand_bonus: int = 0

    def __post_init__(self) -> None:
        if self.first_host_bonus < 0 or self.first_brand_bonus < 0:
            raise ValueError("a bonus is negative")

    @property
    def bonuses(self) -> Bonuses:
        """The bonuses that steer: none under ``NO_ENVY``."""
        if self.rule is Rule.NO_ENVY:
            return Bonuses()
        return Bonuses(self.first_host_bonus, self.first_brand_bonus)


class Binding(StrEnum):
    """The limit that kept others from what somebody got: the one with the highest price."""

    HOST_CAPACITY = "host-capacity"
    LOT_UNITS = "lot-units"
    BRAND_BUDGET = "brand-budget"
    NOTHING = "nothing"


class Reason(NamedTuple):
    """Why a pair was matched: the limit that bound, and how many other hosts wanted the lot."""

    bound_by: Binding
    others: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Clearing:
    """Which pairs are matched, and what proves how good that is.

    ``chosen`` holds edge numbers in ascending order; ``value`` is their sum in milli-points
    and ``objective`` the same with the bonuses they earned. No choice within the limits has
    an objective above ``bound``, which the prices prove; ``gap`` is the share of the bound
    that is missing, 0.0 for a proven best. Prices are shadow prices in milli-points: of one
    more gathering of a host, one more unit of a lot, and one more minor unit of a budget.
    ``reasons`` come in the order of ``chosen``. ``seconds`` are of the processor.
    """

    chosen: Whole
    value: int
    objective: int
    bound: float
    gap: float
    host_price: Amounts
    lot_price: Amounts
    budget_price: Amounts
    reasons: tuple[Reason, ...]
    solver: str
    seconds: float

    @property
    def prices(self) -> Prices:
        """All prices, as ``Market.reduced`` takes them."""
        return Prices(self.host_price, self.lot_price, self.budget_price)

    def verify(self, market: Market, policy: Policy) -> None:
        """Raise ``CertificateRefused`` unless limits, objective and bound are as told."""
        verify(
            market,
            policy.bonuses,
            self.chosen,
            self.prices,
            objective=self.objective,
            bound=self.bound,
        )


class _Solved(NamedTuple):
    """A choice, prices that bound every choice, and what found them."""

    chosen: Whole
    prices: Prices
    solver: str


PRICELESS = 1e-6
"""Prices below this many milli-points are the solver's noise."""


def clear(market: Market, policy: Policy) -> Clearing:
    """Match hosts with lots: the best there is, or near it where money budgets bind.

    Equal input gives equal output, ``seconds`` apart. Under ``NO_ENVY`` prices and bound are
    those of the most value, so that the gap tells what the rule costs.
    """
    started, bonuses = time.process_time(), policy.bonuses
    solved = _solve(market, bonuses)
    if policy.rule is Rule.NO_ENVY:
        solved = solved._replace(chosen=accepted(market), solver="deferred acceptance")
    check_limits(market, solved.chosen)
    objective = objective_of(market, solved.chosen, bonuses)
    bound = bound_of(market, solved.prices, bonuses)
    return Clearing(
        chosen=solved.chosen,
        value=int(market.value[solved.chosen].sum()),
        objective=objective,
        bound=bound,
        gap=max(0.0, 1 - objective / bound) if bound else 0.0,
        host_price=solved.prices.host,
        lot_price=solved.prices.lot,
        budget_price=solved.prices.budget,
        reasons=_reasons(market, solved),
        solver=solved.solver,
        seconds=time.process_time() - started,
    )


def _solve(market: Market, bonuses: Bonuses) -> _Solved:
    if _money_may_bind(market):
        relaxed = relax(market, bonuses)
        chosen = rounded(market, bonuses, relaxed)
        return _Solved(chosen, relaxed.prices, "linear programme, rounded and swapped")
    chosen = best_flow(market, bonuses)
    return _Solved(chosen, prices_of(market, chosen, bonuses), "minimum-cost flow")


def _money_may_bind(market: Market) -> bool:
    """Whether any brand could not pay all its edges at once."""
    if market.budget is None:
        return False
    asked = np.zeros(len(market.brands), np.int64)
    np.add.at(asked, market.edge_brand, market.cost)
    return bool((asked > market.budget).any())


def _reasons(market: Market, solved: _Solved) -> tuple[Reason, ...]:
    """Others are hosts without the lot whom it would serve at their own and the money's price."""
    chosen, prices = solved.chosen, solved.prices
    host, lot = market.edge_host[chosen], market.edge_lot[chosen]
    is_other = market.reduced(prices._replace(lot=np.zeros(len(market.lots)))) > PRICELESS
    is_other[chosen] = False
    others = np.bincount(market.edge_lot[is_other], minlength=len(market.lots))[lot]
    money = prices.budget[market.edge_brand[chosen]] * market.cost[chosen]
    paid = np.stack([prices.host[host], prices.lot[lot], money])
    bound_by = np.where(paid.max(0) > PRICELESS, paid.argmax(0), len(paid))
    limits, codes = tuple(Binding), (others * len(Binding) + bound_by).tolist()
    # Few of them differ, so each is made once.
    made = {each: Reason(limits[each % len(limits)], each // len(limits)) for each in set(codes)}
    return tuple(map(made.__getitem__, codes))
