"""How well matching ranks for real people: ``python -m benchmarks.matching_quality --json``.

Three tasks on the shopping of 2,467 real households (``benchmarks.quality.data``): which
coupons of a campaign a household redeems (*claims*), what it buys in the next eight weeks
(*purchases*), and what of it for the first time (*discovery*). The peers are popularity, the
household's own history, tags, item-kNN, EASE and ALS, each tuned on the validation split in
the same run; the model is the sum of named terms, as in the service
(``benchmarks.quality.terms`` says which term is which of the service's), fitted on earlier
weeks than those it is judged by. The test split is looked at once, when all is fitted. Then
every brand is guaranteed a slot, and told what that costs.

The full run takes five minutes of one core, ``--quick`` about one: the same code with a third
of the households for purchases, one setting a peer (two of EASE), and without
item-kNN, EASE and ALS for claims. Its figures are not those of the full run: peers have less
to learn from, and a third of the lists has to carry as many brands.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

from benchmarks.machine import machine
from benchmarks.quality import claims, shopping
from benchmarks.quality.campaigns import load_coupons
from benchmarks.quality.chart import drawn
from benchmarks.quality.data import load_market
from benchmarks.quality.exposure import Exposure, curve
from benchmarks.quality.rows import OURS, Row, best_peer, rows_of

Found = TypeVar("Found")

CLAIMS = "claims"
BARS = {
    "ndcg_claims": "the interval of the difference above zero; seen .443",
    "ndcg_purchases": "the interval of the difference not below zero; seen .530",
    "ndcg_discovery": "the interval of the difference above zero; seen .1195",
    "brands_shown_share": "1.0 of the reachable at a loss of at most 0.015",
}


@dataclass(frozen=True, slots=True)
class Length:
    """How much of the data and of the settings a run takes."""

    households: int
    resamples: int
    quick: bool


FULL = Length(households=10_000, resamples=2_000, quick=False)
QUICK = Length(households=800, resamples=1_000, quick=True)


@dataclass(frozen=True, slots=True)
class Report:
    """Everything one run found; ``weights`` are points for a unit of each named term."""

    rows: list[Row]
    against: dict[str, str]
    exposure: list[Exposure]
    weights: dict[str, dict[str, float]]
    households: int
    cpu_seconds: float


def measure(*, quick: bool) -> dict[str, float | None]:
    """The headline figures, with the ends of the intervals by which they are judged."""
    return figures(report(QUICK if quick else FULL))


def figures(found: Report) -> dict[str, float | None]:
    """The flat figures of a report."""
    told: dict[str, float | None] = {}
    for row in found.rows:
        if row.model == OURS:
            told[f"ndcg_{row.task}"] = row.ndcg.mean
            told[f"ndcg_{row.task}_beside_best"] = row.beside_best.mean
            told[f"ndcg_{row.task}_beside_best_low"] = row.beside_best.low
            told[f"ndcg_{row.task}_beside_best_high"] = row.beside_best.high
    once = found.exposure[1]
    told["brands_shown_share"] = once.shown / once.reachable
    told["brands_shown_ndcg_lost"] = once.lost
    return told


def report(length: Length) -> Report:
    """Load, tune, fit, and look at the test split once."""
    begun = time.process_time()
    coupons, splits = _told("coupons read", load_coupons)
    tuned = _told("claims tuned", lambda: claims.tune(coupons, splits, quick=length.quick))
    model = _told("claims fitted", lambda: claims.fit(coupons, splits, tuned))
    market = _told("purchases read", lambda: load_market().of_first(length.households))
    chosen = _told("purchases tuned", lambda: shopping.tune(market, quick=length.quick))
    fitted = _told("purchases fitted", lambda: shopping.fit(market, chosen))
    # Everything is decided; from here on the test split is read, and nothing is changed by it.
    redeemed = _told("claims tested", lambda: claims.tested(coupons, splits, tuned, model))
    bought, listed, then = _told(
        "purchases tested", lambda: shopping.tested(market, chosen, fitted)
    )
    exposure = _told(
        "brands shown",
        lambda: curve(
            listed[shopping.PURCHASES],
            fitted.models[shopping.PURCHASES],
            fitted.lists[shopping.PURCHASES][-1:],
            then.any,
            market.brand_of,
        ),
    )
    settings = {CLAIMS: tuned, **chosen}
    outcomes = {CLAIMS: redeemed, **bought}
    return Report(
        rows=[
            row
            for task, models in settings.items()
            for row in rows_of(task, models, outcomes[task], length.resamples)
        ],
        against={task: best_peer(models) for task, models in settings.items()},
        exposure=exposure,
        weights={
            task: dict(each.weights) for task, each in {CLAIMS: model, **fitted.models}.items()
        },
        households=market.households,
        cpu_seconds=time.process_time() - begun,
    )


def _told(what: str, work: Callable[[], Found]) -> Found:
    begun = time.process_time()
    found = work()
    print(f"{what} {time.process_time() - begun:.0f} s of CPU", file=sys.stderr, flush=True)
    return found


def _printed(found: Report) -> None:
    print(f"  {found.households:,} households, {found.cpu_seconds:.0f} s of CPU")
    print("  task       model         validated     test  (95 %)            beside the best tuned")
    for row in found.rows:
        beside = row.beside_best
        mark = "*" if row.model == found.against[row.task] else " "
        brands = "" if row.shown is None else f"  {row.shown:6.1%} shown, Gini {row.gini:.3f}"
        print(
            f"  {row.task:10} {row.model:12}{mark} {row.validated:9.4f}   {row.ndcg.mean:.4f}"
            f"  ({row.ndcg.low:.4f}-{row.ndcg.high:.4f})"
            f"  {beside.mean:+.4f} ({beside.low:+.4f} {beside.high:+.4f})"
            f"{brands}"
        )
    print("  (* best single signal on validation, which the difference is to)")
    for each in found.exposure:
        print(
            f"  at least {each.slots} slots a brand: {each.shown:,} of {each.reachable:,} shown,"
            f" NDCG@10 {each.ndcg:.4f} ({-each.lost:+.2%}), Gini {each.gini:.3f}"
        )


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table, or all of it as JSON; draw it if asked."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--json", action="store_true", help="everything as one JSON object")
    options.add_argument("--quick", action="store_true", help="fewer households and settings")
    options.add_argument("--plot", type=Path, help="write the table as an SVG drawing here")
    asked = options.parse_args(arguments)
    if not asked.json:
        print(machine())
    found = report(QUICK if asked.quick else FULL)
    if asked.plot:
        asked.plot.write_text(drawn(found.rows))
    if asked.json:
        print(json.dumps({**figures(found), "quick": asked.quick, "bars": BARS} | asdict(found)))
    else:
        _printed(found)


if __name__ == "__main__":
    main()
