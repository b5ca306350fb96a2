"""The supply side in four figures: ``python -m benchmarks.catalog [--json] [--quick]``.

A file of real products through the API, searches among 100,000 lots, and claims on one hot
lot through its topic; each of the three has a command of its own with more to tell.
"""

from __future__ import annotations

import argparse
import json
import statistics
from typing import Any

from benchmarks import hot_lot, imports, search
from benchmarks.machine import machine

QUICK_CLAIMS, QUICK_RUNS = 2_000, 1
CLAIMS, RUNS = 8_000, 5


def measure(*, quick: bool = False) -> dict[str, Any]:
    """All figures by name, measured one after the other on suites of their own."""
    claims, runs = (QUICK_CLAIMS, QUICK_RUNS) if quick else (CLAIMS, RUNS)
    hot = hot_lot.through_the_topic(claims=claims, runs=runs)
    return {
        **imports.measure(quick=quick),
        **search.measure(quick=quick),
        "hot_lot_decided_per_s": round(statistics.median(hot)),
        "hot_lot_least_per_s": round(min(hot)),
    }


def main() -> None:
    """Measure once and print the figures, as a table or as a line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args()
    where, figures = machine(), measure(quick=asked.quick)
    if asked.json:
        print(json.dumps({"machine": where, **figures}))
        return
    print(where)
    for name, value in figures.items():
        print(
            f"  {name:28} {value:>12,}" if isinstance(value, int | float) else f"  {name} {value}"
        )


if __name__ == "__main__":
    main()
