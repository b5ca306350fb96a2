"""How good and how fast matching is: ``python -m benchmarks.matching [--quick] [--json]``.

Each part runs in a process of its own, one after the other, and measures by itself as well,
beside its own peers. One that fails or takes too long is told and left out, the others'
figures stay, and the command ends with 1. One figure a name, beside its bar.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from typing import Any

from benchmarks.machine import machine

LONGEST = {
    "matching_ranking": (170, 540),
    "matching_http": (120, 300),
    "matching_freshness": (200, 600),
    "matching_clearing": (90, 420),
    "matching_quality": (120, 480),
}
"""The parts, and after how many seconds each is given up: briefly, and as a whole."""
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
    "event_visible_p99_ms": "at most 250",
    "inbox_events_per_s": "at least 3,000",
    "clear_quantities_ms": "at most 1.3 times the bare solver",
    "clear_quantities_gap": "0",
    "clear_budgets_s": "at most 1.3 times the bare solver",
    "clear_budgets_gap_lp": "at most 0.021",
    "ndcg_claims": "above the best tuned single signal",
    "ndcg_purchases": "not below the best tuned single signal",
    "ndcg_discovery": "above the best tuned single signal",
    "brands_shown_share": "1.0",
}


def measure(*, quick: bool) -> tuple[dict[str, float | None], list[str]]:
    """The figures of every part, and the parts that gave none."""
    found: dict[str, float | None] = {}
    missed = []
    for part, (brief, whole) in LONGEST.items():
        begun = time.monotonic()
        try:
            told = _figures(part, quick=quick, within=brief if quick else whole)
        except (subprocess.SubprocessError, ValueError) as error:
            missed.append(part)
            print(f"{part} gave no figures: {error}", file=sys.stderr, flush=True)
        else:
            found |= {n: v for n, v in told.items() if v is None or isinstance(v, int | float)}
        print(f"{part} {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
    return found, missed


def _figures(part: str, *, quick: bool, within: float) -> dict[str, Any]:
    """What a part prints; raise ``SubprocessError`` or ``ValueError`` when it prints none."""
    options = ["--json", "--quick"] if quick else ["--json"]
    answer = subprocess.run(  # noqa: S603 - the parts are ours
        [sys.executable, "-m", f"benchmarks.{part}", *options],
        stdout=subprocess.PIPE,
        check=True,
        text=True,
        timeout=within,
    )
    lines = answer.stdout.splitlines()
    told = json.loads(lines[-1]) if lines else None
    if not isinstance(told, dict):
        raise ValueError(f"it printed {answer.stdout[-200:]!r}")  # noqa: TRY004 - it is not its type that is wrong
    return told


def main() -> int:
    """Measure, and print one JSON object or a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="each part briefly")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    asked = parser.parse_args()
    about = machine()
    found, missed = measure(quick=asked.quick)
    if asked.json:
        said = {"machine": " ".join(about.split()), "quick": asked.quick, "missed": missed}
        print(json.dumps(found | said))
    else:
        print(about)
        for name, value in found.items():
            bar = f"   bar: {BARS[name]}" if name in BARS else ""
            print(f"  {name:32} {'-' if value is None else format(value, ',.3f')}{bar}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
