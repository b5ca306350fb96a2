"""From a claim over HTTP to its end through four services: ``python -m benchmarks.claims``.

The peer in the same run is the same service answering a read, which no claim can beat.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from benchmarks.machine import Neighbours, machine
from teahouse.market import Caller, Decided, Maker, Market
from teahouse.suite import Suite

SUBSIDY_FEN = 100
CONFIRMED = "confirmed"


def percentiles(seconds: Sequence[float]) -> str:
    """Median and 99th percentile, in milliseconds."""
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    return f"p50 {cuts[49] * 1000:.0f} ms, p99 {cuts[98] * 1000:.0f} ms"


def steady(
    market: Market,
    callers: Sequence[Caller],
    maker: Maker,
    lot_id: str,
    per_second: float,
    count: int,
) -> list[Decided]:
    """Claims at an even pace; each is timed from its HTTP call to its final state, as stored."""

    def one(number: int) -> Decided:
        caller, since = callers[number % len(callers)], time.perf_counter()
        claim_id = market.claim(caller, maker, lot_id)
        posted = time.perf_counter() - since
        decided = market.decided(caller, claim_id)
        return replace(decided, seconds=posted + decided.seconds)

    started = time.perf_counter()
    with ThreadPoolExecutor(max_workers=32) as pool:
        waiting = []
        for number in range(count):
            time.sleep(max(0.0, started + number / per_second - time.perf_counter()))
            waiting.append(pool.submit(one, number))
        return [future.result() for future in waiting]


def reads(callers: Sequence[Caller], count: int) -> list[float]:
    """How long a plain read takes over the same way."""
    found = []
    for number in range(count):
        caller, since = callers[number % len(callers)], time.perf_counter()
        caller.party.get("matching", f"/v1/communities/{caller.community_id}")
        found.append(time.perf_counter() - since)
    return found


def main() -> None:
    """Measure the pace, then the crowd, on a suite of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--per-second", type=float, default=20.0)
    parser.add_argument("--claims", type=int, default=400)
    asked = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory() as folder, Suite(Path(folder), port_base=19_300) as suite:
        market = Market(suite)
        maker = market.maker(fund_fen=10_000 * SUBSIDY_FEN, subsidy_fen=SUBSIDY_FEN)
        lot_id, callers = market.lot(maker, packs=5_000), market.callers(10)
        steady(market, callers, maker, lot_id, asked.per_second, 100)  # everything warm
        peer, neighbours = reads(callers, 200), Neighbours()
        with neighbours.watched():
            decided = steady(market, callers, maker, lot_id, asked.per_second, asked.claims)
        if any(claim.status != CONFIRMED for claim in decided):
            raise AssertionError("a claim that nothing forbids was refused")
        print(f"a read over HTTP: {percentiles(peer)}")
        print(
            f"claim to confirmed at {asked.per_second:g}/s, {asked.claims} claims: "
            f"{percentiles([claim.seconds for claim in decided])}; others used {neighbours}"
        )
        hot = market.lot(maker, packs=200)
        started = time.perf_counter()
        crowd = market.claim_all_at_once(callers, maker, hot, 300)
        seconds = time.perf_counter() - started
        ended = Counter(claim.status for claim in crowd)
        print(f"300 claims at once on 200 packs: {dict(ended)}, {300 / seconds:.0f} decided/s")


if __name__ == "__main__":
    main()
