"""How good and how fast matching is: ``python -m benchmarks.matching [--quick] [--json]``.

Each part measures by itself as well, beside its own peers; a part that is not there is told
and left out. One figure a name, beside its bar.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from importlib import import_module
from importlib.util import find_spec

from benchmarks.machine import machine

PARTS = ("matching_ranking", "matching_http", "matching_clearing", "matching_quality")
BARS = {
    "top10_100k_numpy_ms": "at most 0.20",
    "top10_1m_numpy_ms": "at most 1.8",
    "top10_100k_numba_ms": "at most 0.12",
    "top10_1m_numba_ms": "at most 0.8",
    "top10_100k_told_ms": "at most 0.45",
    "recall": "1.000",
    "mongo_ratio_100k": "at least 400",
    "index_changes_per_s": "at least 50,000",
    "http_ratio_to_hello": "at least 0.6",
    "http_p99_ms": "at most 15",
    "clear_quantities_ms": "at most 1.3 times the bare solver",
    "clear_quantities_gap": "0",
    "clear_budgets_s": "at most 1.3 times the bare solver",
    "clear_budgets_gap_lp": "at most 0.021",
    "ndcg_claims": "above the best tuned single signal",
    "ndcg_purchases": "not below the best tuned single signal",
    "ndcg_discovery": "above the best tuned single signal",
    "brands_shown_share": "1.0",
}


def measure(*, quick: bool) -> dict[str, float | None]:
    """The figures of every part there is."""
    found: dict[str, float | None] = {}
    for part in PARTS:
        name, begun = f"benchmarks.{part}", time.monotonic()
        if find_spec(name) is None:
            print(f"{part} is not there", file=sys.stderr)
            continue
        found |= import_module(name).measure(quick=quick)
        print(f"{part} {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
    return found


def main() -> None:
    """Measure, and print one JSON object or a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="each part briefly")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    asked = parser.parse_args()
    about = machine()
    found = measure(quick=asked.quick)
    if asked.json:
        print(json.dumps({**found, "machine": " ".join(about.split()), "quick": asked.quick}))
        return
    print(about)
    for name, value in found.items():
        bar = f"   bar: {BARS[name]}" if name in BARS else ""
        print(f"  {name:32} {'-' if value is None else format(value, ',.3f')}{bar}")


if __name__ == "__main__":
    main()
