"""What proves how good a clearing is; it knows nothing of how the clearing was found.

Any prices give a bound (weak duality): whoever lets hosts, lots and budgets be bought at
them, and pays bonuses as they come, gets at least as much as the best choice is worth. A
choice that reaches the bound is the best. The checks are a few sums over the edges.
"""

from __future__ import annotations

import numpy as np

from services.matching.clearings.engine.market import Amounts, Bonuses, Market, Prices, Whole

ROUNDING = 1e-9
"""The share by which two sums of the same floating-point numbers may differ."""


class CertificateRefused(ValueError):
    """A clearing breaks a limit, or its prices do not prove what it says."""


def verify(
    market: Market,
    bonuses: Bonuses,
    chosen: Whole,
    prices: Prices,
    *,
    objective: int,
    bound: float,
) -> None:
    """Raise ``CertificateRefused`` unless all of it is so.

    The choice keeps within every limit, is worth ``objective`` with its bonuses, and no
    choice is worth more than ``bound``.
    """
    check_limits(market, chosen)
    if objective != objective_of(market, chosen, bonuses):
        raise CertificateRefused("the choice is not worth what is said")
    proven = bound_of(market, prices, bonuses)
    if not proven <= bound * (1 + ROUNDING):
        raise CertificateRefused(f"the prices prove a bound of {proven}, not of {bound}")
    if not objective <= bound * (1 + ROUNDING):
        raise CertificateRefused("a choice is worth more than the bound")


def check_limits(market: Market, chosen: Whole) -> None:
    """Raise ``CertificateRefused`` where a host, a lot or a budget is used beyond its limit."""
    if len(chosen) and (chosen[0] < 0 or chosen[-1] >= market.edges):
        raise CertificateRefused("a chosen edge does not exist")
    if (np.diff(chosen) <= 0).any():
        raise CertificateRefused("an edge is chosen twice, or they are not in order")
    if (left_of_hosts(market, chosen) < 0).any():
        raise CertificateRefused("a host is matched beyond her capacity")
    if (left_of_lots(market, chosen) < 0).any():
        raise CertificateRefused("a lot is matched beyond its units")
    if (left_of_budgets(market, chosen) < 0).any():
        raise CertificateRefused("a budget is overspent")


def left_of_hosts(market: Market, chosen: Whole) -> Whole:
    """How many more gatherings each host could take."""
    return market.capacity - _counts(market.edge_host[chosen], len(market.hosts))


def left_of_lots(market: Market, chosen: Whole) -> Whole:
    """How many units of each lot nobody has."""
    return market.units - _counts(market.edge_lot[chosen], len(market.lots))


def left_of_budgets(market: Market, chosen: Whole) -> Whole:
    """What each brand has not spent; where money binds nobody, more than all edges cost."""
    spent = np.zeros(len(market.brands), np.int64)
    np.add.at(spent, market.edge_brand[chosen], market.cost[chosen])
    if market.budget is None:
        return np.full(len(market.brands), market.cost.sum() + 1) - spent
    return market.budget - spent


def objective_of(market: Market, chosen: Whole, bonuses: Bonuses) -> int:
    """The value of a choice and the bonuses it earns, in milli-points."""
    hosts = np.count_nonzero(_counts(market.edge_host[chosen], len(market.hosts)))
    brands = np.count_nonzero(_counts(market.edge_brand[chosen], len(market.brands)))
    return int(market.value[chosen].sum() + bonuses.host * hosts + bonuses.brand * brands)


def bound_of(market: Market, prices: Prices, bonuses: Bonuses) -> float:
    """What no choice within the limits can be worth more than, as these prices prove.

    It is infinite for prices of budgets below zero, which prove nothing.
    """
    if (prices.budget < 0).any() or (market.budget is None and prices.budget.any()):
        return float("inf")
    total = _hosts_pay(market, prices.host, bonuses.host).sum()
    total += _lots_pay(market, prices.lot, bonuses.brand)
    if market.budget is not None:
        total += (market.budget * prices.budget).sum()
    over = np.maximum(market.reduced(prices), 0)
    return float(total + over[is_affordable(market)].sum())


def is_affordable(market: Market) -> np.ndarray:
    """Which edges their brand's whole budget could pay; no others can ever be chosen."""
    if market.budget is None:
        return np.ones(market.edges, bool)
    return market.cost <= market.budget[market.edge_brand]


def _hosts_pay(market: Market, price: Amounts, bonus: int) -> Amounts:
    """The most a host can bring: with nothing, with one gathering, or with all she may."""
    most = np.maximum(bonus + price, bonus + price * market.capacity)
    return np.where(market.capacity > 0, np.maximum(most, 0), 0)


def _lots_pay(market: Market, price: Amounts, bonus: int) -> float:
    """The most all units of all lots can bring, and the bonus of each brand that has a unit.

    A brand's bonus makes its units cheaper by as much as the cheapest of its lots says.
    """
    lowest = np.full(len(market.brands), np.inf)
    np.minimum.at(lowest, market.brand_of, np.where(market.units > 0, price, np.inf))
    discount = np.where(np.isinf(lowest), -bonus, np.clip(lowest, -bonus, 0))
    units = market.units * np.maximum(price - discount[market.brand_of], 0)
    return float(units.sum() + (bonus + discount).sum())


def _counts(owners: Whole, length: int) -> Whole:
    return np.bincount(owners, minlength=length)
