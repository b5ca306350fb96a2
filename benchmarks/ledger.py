"""How fast the books are: ``python -m benchmarks.ledger [--quick] [--json]``.

Every path ends in a document that a majority has on disk. The baseline, in the same run on
the same mongod, is one MongoDB transaction a transfer. ``--quick`` measures each path once
and briefly, in under 40 seconds on an idle machine, and leaves out the start without a snapshot.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from benchmarks import ledger_calls, ledger_core, ledger_http, ledger_past
from benchmarks.ledger_load import FUNDED, Figures, a_mongod, funded_books
from benchmarks.machine import machine
from services.payments.ledger.repositories.segments import MongoLog

BARS = {
    "core_tps": "at least 450,000",
    "mix_tps": "at least 300,000",
    "hot_credit_ratio": "at least 0.9",
    "hot_debit_ratio": "at least 0.6",
    "naive_uniform_ratio": "at least 600",
    "naive_hot_ratio": "at least 5,000",
    "single_256_tps": "at least 10,000",
    "single_256_p99_ms": "at most 75",
    "bulk_http_tps": "at least 100,000",
    "recover_1m_s": "at most 2",
    "as_of_p99_ms": "at most 10",
    "bytes_per_transfer": "at most 70",
}


@dataclass(frozen=True, slots=True)
class Length:
    """How long to measure."""

    sustained_seconds: float
    runs: int
    batches: int
    call_seconds: float
    bulk_calls: int
    http_calls: int
    past_reads: int


FULL = Length(20.0, 5, 60, 4.0, 60, 4_000, 2_000)
QUICK = Length(3.5, 3, 10, 1.5, 12, 400, 400)


def measure(length: Length) -> dict[str, Any]:
    """All figures of one run."""
    found: dict[str, Any] = {}
    parts = (_sustained, _batches, _calls, _http, _recovery)
    with a_mongod() as uri:
        for part in parts:
            begun = time.monotonic()
            found |= part(uri, MongoLog(), length)
            print(f"{part.__name__} {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
    return found


def _recovery(uri: str, _log: MongoLog, length: Length) -> dict[str, Any]:
    found: dict[str, Any] = {}
    ways = {"recover_1m": True} if length is QUICK else {"recover_1m": True, "replay_1m": False}
    for name, kept in ways.items():
        told = ledger_past.recovery(uri, 1_000_000, kept=kept)
        found[f"{name}_s"] = told.pop("seconds")
        found |= {f"{name}_{key}": value for key, value in told.items()}
    return found


def _sustained(uri: str, log: MongoLog, length: Length) -> dict[str, Any]:
    figures, kept_up = ledger_core.sustained(uri, log, length.sustained_seconds)
    past = ledger_past.past_balances(log, length.past_reads)
    sizes = ledger_past.bytes_each(past["legs"] // 2)
    return {
        "core_tps": kept_up,
        "core_without_waiting_for_the_keeper_tps": figures.rate,
        "core_batch_p50_ms": figures.p50,
        "core_batch_p99_ms": figures.p99,
        "as_of_p50_ms": past["p50"],
        "as_of_p99_ms": past["p99"],
        "as_of_legs": past["legs"],
        "as_of_wrong": past["wrong"],
        "bytes_per_transfer": sum(sizes.values()),
        "bytes_of": sizes,
    }


def _batches(_uri: str, log: MongoLog, length: Length) -> dict[str, Any]:
    ways = ledger_core.hot(log, length.runs, length.batches)
    return {
        "mix_tps": _rate(ledger_core.mixed(log, length.runs, length.batches)),
        "uniform_tps": _rate(ways["uniform"]),
        "hot_credit_tps": _rate(ways["credited"]),
        "hot_debit_tps": _rate(ways["debited"]),
        "hot_credit_ratio": ledger_core.ratio(ways["credited"], ways["uniform"]),
        "hot_debit_ratio": ledger_core.ratio(ways["debited"], ways["uniform"]),
        "hot_debit_accepted": ways["debited"][0].accepted,
    }


def _calls(_uri: str, log: MongoLog, length: Length) -> dict[str, Any]:
    """Single callers; the baseline and its counterpart by turns."""
    runs = 1 if length is QUICK else length.runs
    single = [ledger_calls.group_commit(log, 256, length.call_seconds) for _ in range(runs)]
    alone = ledger_calls.group_commit(log, 1, length.call_seconds)
    naive: dict[bool, list[Figures]] = {False: [], True: []}
    ours: dict[bool, list[Figures]] = {False: [], True: []}
    for _ in range(min(runs, 3)):
        ways = ledger_core.hot(log, 1, length.batches)
        for hot, way in ((False, "uniform"), (True, "credited")):
            ours[hot] += ways[way]
            naive[hot].append(ledger_calls.naive(32, length.call_seconds, hot=hot))
    return {
        "single_256_tps": _rate(single),
        "single_256_p50_ms": statistics.median(run.p50 for run in single),
        "single_256_p99_ms": statistics.median(run.p99 for run in single),
        "single_1_tps": alone.rate,
        "single_1_p50_ms": alone.p50,
        "naive_uniform_tps": _rate(naive[False]),
        "naive_hot_tps": _rate(naive[True]),
        "naive_uniform_ratio": ledger_core.ratio(ours[False], naive[False]),
        "naive_hot_ratio": ledger_core.ratio(ours[True], naive[True]),
    }


def _http(uri: str, log: MongoLog, length: Length) -> dict[str, Any]:
    funded_books(log, FUNDED)
    with ledger_http.served(uri) as (port, headers):
        ledger_http.bulk(port, headers, ledger_http.bodies(2), 1)
        bulk = ledger_http.bulk(port, headers, ledger_http.bodies(length.bulk_calls), 4)
        single = ledger_http.single(port, headers, 8, length.http_calls)
        bare = ledger_http.bare(port, headers, 8, length.http_calls)
    return {
        "bulk_http_tps": bulk.rate,
        "bulk_http_call_p50_ms": bulk.p50,
        "bulk_http_call_p99_ms": bulk.p99,
        "single_http_tps": single.rate,
        "single_http_p99_ms": single.p99,
        "bare_flask_tps": bare.rate,
    }


def _rate(runs: Sequence[Figures]) -> float:
    return statistics.median(run.rate for run in runs)


def main() -> None:
    """Measure, and print one JSON object or a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="each path once and briefly")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    asked = parser.parse_args()
    about = machine()
    found = measure(QUICK if asked.quick else FULL)
    found |= {"numpy": version("numpy"), "machine": " ".join(about.split()), "quick": asked.quick}
    if asked.json:
        print(json.dumps(found))
        return
    print(about)
    for name, value in found.items():
        bar = f"   bar: {BARS[name]}" if name in BARS else ""
        shown = f"{value:,.3f}" if isinstance(value, float) else value
        print(f"  {name:42} {shown}{bar}")


if __name__ == "__main__":
    main()
