"""What a reserve does where values are wrong: ``python -m benchmarks.matching_reserve``.

Hosts and lots are matched by values that are wrong in some way; what is lost is counted by
those that are true. Each edge that the first period assigns is a hold, claimed with its true
likelihood, and what the service makes of these holds and of the prices of both periods says
which reserve it would keep. A pair has one value here, its host's. Then hosts of the second
period come one after another, with the prices of the first: in order alone, with each reserve,
and with the one that is allowed.

``--json`` prints one object. Losses are shares of the best value, medians over orders of
coming; ``gain`` is what the allowed reserve saves of what is lost by order alone.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.machine import machine
from benchmarks.matching_online import NO_RESERVE, alike, demand, online
from benchmarks.matching_town import Town
from services.matching.clearings.domain import Evidence, evidence_of
from services.matching.clearings.domain.evidence import RESERVES
from services.matching.clearings.engine.clear import Policy, clear
from services.matching.clearings.engine.market import Market, Prices, Whole
from services.matching.holds.domain import EndedHold

CERTAIN, MOST, WHOLE = 1_000, 2_000, 10_000
BETWEEN_PERIODS = 0.3
ORDERS, SEED = 3, 3
Shares = NDArray[np.float64]
Figures = dict[str, float | None]


def _by_host(spread: float) -> Callable[[Shares, Whole], Shares]:
    """Values of one host are all too high or too low, in every period alike."""

    def wrongly(true: Shares, host: Whole) -> Shares:
        off = np.random.default_rng(SEED).normal(size=host.max() + 1)
        values: Shares = true * np.exp(spread * off[host])
        return values

    return wrongly


def _by_edge(spread: float) -> Callable[[Shares, Whole], Shares]:
    """Each value is wrong by itself, and differently every time."""
    chance = np.random.default_rng(SEED)
    return lambda true, _: true * np.exp(spread * chance.normal(size=len(true)))


def _flattened(share: float) -> Callable[[Shares, Whole], Shares]:
    """All values are nearer to each other than what they stand for."""
    return lambda true, _: share + (1 - share) * true


def _bent(power: float) -> Callable[[Shares, Whole], Shares]:
    """High values are too high, or too low, beside low ones."""
    return lambda true, _: true**power


WRONG = {
    "right": _by_host(0.0),
    "hosts by 0.1": _by_host(0.1),
    "hosts by 0.3": _by_host(0.3),
    "hosts by 0.6": _by_host(0.6),
    "hosts by 1.0": _by_host(1.0),
    "edges by 0.1": _by_edge(0.1),
    "edges by 0.2": _by_edge(0.2),
    "edges by 0.3": _by_edge(0.3),
    "edges by 0.6": _by_edge(0.6),
    "edges by 1.0": _by_edge(1.0),
    "flattened by 0.3": _flattened(0.3),
    "flattened by 0.6": _flattened(0.6),
    "root": _bent(0.5),
    "square": _bent(2.0),
    "fourth power": _bent(4.0),
}


def measure() -> dict[str, Figures]:
    """The figures of every way to be wrong in every market."""
    money = [Town().market(period, BETWEEN_PERIODS) for period in range(2)]
    markets = {
        "quantities": [replace(market, budget=None) for market in money],
        "budgets": money,
        "alike": [alike(market) for market in money],
    }
    return {
        f"{name}, {wrong}": _lost(first, second, wrongly)
        for wrong, wrongly in WRONG.items()
        for name, (first, second) in markets.items()
    }


def _lost(first: Market, second: Market, wrongly: Callable[[Shares, Whole], Shares]) -> Figures:
    before, now = _wrong(first, wrongly), _wrong(second, wrongly)
    cleared, later = clear(before, Policy()), clear(now, Policy())
    prices = demand(before, cleared.prices)
    found = _evidence(first, before, cleared.chosen, prices, demand(now, later.prices))
    best = clear(second, Policy()).value

    def lost(known: Prices, reserve: int | None) -> float:
        share = NO_RESERVE if reserve is None else -reserve / WHOLE
        taken = (online(now, known, share, order) for order in range(ORDERS))
        return 1 - float(np.median([second.value[each].sum() for each in taken])) / best

    nothing = Prices(*(np.zeros_like(each) for each in prices))
    alone, kept = lost(prices, None), lost(prices, found.reserve)
    return {
        "values_off": found.take_up.error,
        "values_off_bound": found.take_up.bound,
        "prices_off": found.prices_off,
        "reserve": found.reserve,
        "first_come": lost(nothing, None),
        "order": alone,
        **{f"reserve_{reserve}": lost(prices, reserve) for _, reserve in RESERVES},
        "allowed": kept,
        "gain": alone - kept,
    }


def _wrong(market: Market, wrongly: Callable[[Shares, Whole], Shares]) -> Market:
    value = np.round(CERTAIN * wrongly(market.value / CERTAIN, market.edge_host))
    return replace(market, value=value.clip(0, MOST).astype(np.int64))


def _evidence(true: Market, wrong: Market, held: Whole, before: Prices, now: Prices) -> Evidence:
    """What the service makes of holds on these edges, and of prices by lot."""
    claimed = np.random.default_rng(SEED).random(len(held)) < true.value[held] / CERTAIN
    ended = [
        EndedHold(wrong.hosts[wrong.edge_host[edge]], int(wrong.value[edge]), bool(was_claimed))
        for edge, was_claimed in zip(held, claimed, strict=True)
    ]
    counted, found = (
        dict(zip(wrong.lots, np.floor(each.lot * CERTAIN).astype(int).tolist(), strict=True))
        for each in (before, now)
    )
    return evidence_of("made up", ended, counted=counted, found=found)


def _rows(found: dict[str, Figures]) -> Iterator[str]:
    names = list(next(iter(found.values())))
    yield f"  {'':28}" + "".join(f"{name:>18}" for name in names)
    for name, figures in found.items():
        told = ("-" if each is None else f"{each:,.3f}" for each in figures.values())
        yield f"  {name:28}" + "".join(f"{each:>18}" for each in told)


def main() -> None:
    """Measure, and print one JSON object or a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    asked = parser.parse_args()
    about, found = machine(), measure()
    gains = [figures["gain"] or 0.0 for figures in found.values()]
    if asked.json:
        told = {"machine": " ".join(about.split()), "least_gain": min(gains), "markets": found}
        print(json.dumps(told))
        return
    print(about)
    print("\n".join(_rows(found)))
    print(f"  least gain of an allowed reserve {min(gains):.4f}")


if __name__ == "__main__":
    main()
