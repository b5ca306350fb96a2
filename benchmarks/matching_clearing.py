"""How fast and how well a market is cleared: ``python -m benchmarks.matching_clearing``.

``--json`` prints one object; ``--quick`` leaves out the large market and the curve. The bare
solvers are asked in turns with us, in the same process, on arrays prepared beforehand; ours
is the whole of ``clear``, with its certificate and its reasons. All times are of the
processor, medians; gaps are shares of the bound.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version
from statistics import median

import numpy as np

from benchmarks.machine import machine
from benchmarks.matching_online import alike, lost
from benchmarks.matching_solvers import bare_flow, bare_programme
from benchmarks.matching_town import Town
from services.matching.audits.engine.inequality import gini
from services.matching.clearings.engine.choice import Choice
from services.matching.clearings.engine.clear import Clearing, Policy, Rule, clear
from services.matching.clearings.engine.market import Bonuses, Market
from services.matching.clearings.engine.measures import (
    blocking_pairs,
    envious_pairs,
    left_out,
)
from services.matching.clearings.engine.programme import QUICKLY

BARS = {
    "clear_quantities_gap": "0",
    "clear_quantities_ratio": "at most 1.3",
    "clear_budgets_ratio": "at most 1.3",
    "clear_budgets_gap_lp": "at most 0.021",
    "clear_large_quantities_s": "at most 1.5",
    "clear_large_budgets_s": "at most 60",
    "clear_large_budgets_gap_lp": "at most 0.015",
    "online_quantities_lost": "at most 0.08",
    "online_budgets_lost": "at most 0.16",
}
USUAL = Town()
LARGE = Town(hosts=10_000, lots=100_000, brands=5_000)
FAIR = Policy(first_host_bonus=500, first_brand_bonus=300)
BETWEEN_PERIODS = 0.3
"""How much values differ from one period to the next; a tenth and six tenths are in the curve."""

CURVE = (
    {"tight": 0.02},
    {"tight": 0.1},
    {"tight": 0.2},
    {"skew": 1.5},
    {"skew": 4.0},
    {"brand_skew": 0.0},
    {"brand_skew": 1.2},
    {"seed": 2},
    {"seed": 3},
)
Figures = dict[str, float | None]


def measure(*, quick: bool) -> Figures:
    """All figures by name; those that ``quick`` leaves out are None."""
    money = USUAL.market()
    found = _quantities(replace(money, budget=None), 9 if quick else 15)
    found |= _budgets(money, 3 if quick else 7)
    found |= _large(quick=quick)
    found |= _periods(BETWEEN_PERIODS, orders=1 if quick else 5)
    return found


def curve() -> dict[str, Figures]:
    """How gaps and losses move with tightness, skew, seed, and noise between periods."""
    told: dict[str, Figures] = {}
    for change in CURVE:
        money = replace(USUAL, **change).market()
        clearing, simple = clear(money, Policy()), _in_order(money, -money.value)
        name = " ".join(f"{key}={value}" for key, value in change.items())
        told[name] = {
            "budgets_gap_lp": clearing.gap,
            "greedy_lost": 1 - simple / clearing.value,
            "hosts_without": left_out(money, clearing.chosen).hosts,
        }
    for noise in (0.1, 0.6):
        told[f"noise={noise}"] = _periods(noise, orders=3)
    return told


def _quantities(market: Market, runs: int) -> Figures:
    flow = bare_flow(market)
    bare, ours = _in_turns(runs, flow, lambda: clear(market, Policy()))
    best, fair = _verified(market, Policy()), _verified(market, FAIR)
    calm = clear(market, Policy(rule=Rule.NO_ENVY))
    if best.value != flow():
        raise AssertionError("the flow found another value")
    return {
        "clear_quantities_ms": median(ours) * 1_000,
        "clear_quantities_bare_ms": median(bare) * 1_000,
        "clear_quantities_ratio": _ratio(ours, bare),
        "clear_quantities_gap": best.gap,
        "quantities_greedy_lost": 1 - _in_order(market, -market.value) / best.value,
        "quantities_no_envy_lost": calm.gap,
        "quantities_no_envy_blocking": blocking_pairs(market, calm.chosen),
        "quantities_blocking": blocking_pairs(market, best.chosen),
        "quantities_fair_value_lost": 1 - fair.value / best.value,
        **_evenness("quantities", market, best),
        **_evenness("quantities_fair", market, fair),
    }


def _budgets(market: Market, runs: int) -> Figures:
    asked = (bare_programme(market, QUICKLY), bare_programme(market, {}))
    bare, usual, ours = _in_turns(runs, *asked, lambda: clear(market, Policy()))
    best, fair = _verified(market, Policy()), _verified(market, FAIR)
    calm = clear(market, Policy(rule=Rule.NO_ENVY))
    return {
        "clear_budgets_s": median(ours),
        "clear_budgets_bare_s": median(bare),
        "clear_budgets_bare_as_it_comes_s": median(usual),
        "clear_budgets_ratio": _ratio(ours, bare),
        "clear_budgets_ratio_as_it_comes": _ratio(ours, usual),
        "clear_budgets_gap_lp": best.gap,
        "budgets_greedy_lost": 1 - _in_order(market, -market.value) / best.value,
        "budgets_density_lost": 1 - _in_order(market, -market.value / market.cost) / best.value,
        "budgets_no_envy_lost": 1 - calm.value / best.value,
        "budgets_no_envy_envious": envious_pairs(market, calm.chosen),
        "budgets_envious": envious_pairs(market, best.chosen),
        "budgets_fair_value_lost": 1 - fair.value / best.value,
        **_evenness("budgets", market, best),
        **_evenness("budgets_fair", market, fair),
    }


def _large(*, quick: bool) -> Figures:
    names = ("clear_large_quantities_s", "clear_large_budgets_s", "clear_large_budgets_gap_lp")
    if quick:
        return dict.fromkeys(names)
    market = LARGE.market()
    free, money = (_verified(each, Policy()) for each in (replace(market, budget=None), market))
    return dict(zip(names, (free.seconds, money.seconds, money.gap), strict=True))


def _periods(noise: float, *, orders: int) -> Figures:
    money = [USUAL.market(period, noise) for period in range(3)]
    found: Figures = {}
    for name, periods in (
        ("quantities", [replace(market, budget=None) for market in money]),
        ("budgets", money),
        ("alike", [alike(market) for market in money]),
    ):
        told = lost(periods, orders=orders)
        found |= {
            f"online_{name}_lost": told.with_reserve,
            f"online_{name}_reserve": told.reserve,
            f"online_{name}_by_prices_lost": told.by_prices,
            f"online_{name}_by_demand_lost": told.by_demand,
            f"online_{name}_first_come_lost": told.first_come,
        }
    return found


def _in_turns(runs: int, *ways: Callable[[], object]) -> list[list[float]]:
    """Seconds of the processor of each way, asked in turns; once before, unmeasured."""
    seconds: list[list[float]] = [[] for _ in ways]
    for turn in range(runs + 1):
        for place, way in enumerate(ways):
            begun = time.process_time()
            way()
            if turn:
                seconds[place].append(time.process_time() - begun)
    return seconds


def _ratio(ours: list[float], bare: list[float]) -> float:
    """The median over turns, in each of which the machine was as busy for both."""
    return median(mine / other for mine, other in zip(ours, bare, strict=True))


def _verified(market: Market, policy: Policy) -> Clearing:
    clearing = clear(market, policy)
    clearing.verify(market, policy)
    return clearing


def _evenness(name: str, market: Market, clearing: Clearing) -> Figures:
    without = left_out(market, clearing.chosen)
    matched = np.bincount(market.edge_host[clearing.chosen], minlength=len(market.hosts))
    return {
        f"{name}_hosts_without": without.hosts,
        f"{name}_brands_without": without.brands,
        f"{name}_host_gini": gini(matched.tolist()),
    }


def _in_order(market: Market, key: np.ndarray) -> int:
    """The value of taking what fits, the lowest key first."""
    choice = Choice.of(market, Bonuses(), np.zeros(0, np.int64))
    choice.fill(np.argsort(key, kind="stable"))
    return int(market.value[choice.chosen].sum())


def main() -> None:
    """Measure, and print one JSON object or a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer turns, no large market")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    asked = parser.parse_args()
    solvers = ", ".join(f"{name} {version(name)}" for name in ("ortools", "highspy", "numpy"))
    about = f"{machine()}, {solvers}"
    found = measure(quick=asked.quick)
    told = {} if asked.quick else curve()
    if asked.json:
        print(json.dumps({**found, "curve": told, "machine": " ".join(about.split())}))
        return
    print(about)
    _print(found)
    for name, figures in told.items():
        print(f"  {name}")
        _print(figures)


def _print(found: Figures) -> None:
    for name, value in found.items():
        bar = f"   bar: {BARS[name]}" if name in BARS else ""
        print(f"  {name:34} {'-' if value is None else format(value, ',.4f')}{bar}")


if __name__ == "__main__":
    main()
