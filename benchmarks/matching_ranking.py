"""Ranking: the exact top ten for a host, by its bits, compiled, by a full scan, by MongoDB.

``python -m benchmarks.matching_ranking [--json] [--quick]``. All answer the same question
about the same 64 hosts, round by round in turns, and every answer is compared. Times are of
the processor, of one core, in milliseconds; mongod's are what its process used. ``--quick``
asks in fewer rounds.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import psutil

from benchmarks.ledger_load import a_mongod
from benchmarks.machine import machine
from benchmarks.matching_market import NOW, WITH_KINDRED, Aggregation, Market, Scan
from chassis import mongo
from services.matching.offers.domain import explain
from services.matching.offers.engine.breakdown import day
from services.matching.offers.engine.facts import Demand, HostFacts
from services.matching.offers.engine.index import OfferIndex
from services.matching.offers.engine.listing import page
from services.matching.offers.engine.search import Position, Search

TOP, ROUNDS, CHANGES, ASKED_OF_MONGO = 10, 10, 20_000, 32
SCANNED = 2
"""Rounds of the full scan: it only has to be right."""
HUNDRED, MILLION = 100_000, 1_000_000
SCARCE = 50
WANTED = Demand(points=300_000, last_day=day(NOW) + 7, least=0)

Question = Callable[[HostFacts], list[Position]]


class Clocked:
    """The processor times of many calls."""

    def __init__(self, ask: Question) -> None:
        self._ask = ask
        self.milliseconds: list[float] = []

    def __call__(self, host: HostFacts) -> list[Position]:
        """Time one question and give its answer."""
        begun = time.thread_time()
        answer = self._ask(host)
        self.milliseconds.append((time.thread_time() - begun) * 1000)
        return answer

    @property
    def median(self) -> float:
        return statistics.median(self.milliseconds)

    @property
    def p99(self) -> float:
        return statistics.quantiles(self.milliseconds, n=100)[98]


def told(index: OfferIndex) -> Question:
    """Asks for the best with every term of theirs, in words and numbers."""

    def ask(host: HostFacts) -> list[Position]:
        found = index.top(host, TOP)
        for position in found:
            lot, subsidy = index.lot(position.lot_id)
            explanation = explain(lot, subsidy, host, NOW)
            if sum(term.points for term in explanation.terms) != position.score:
                raise AssertionError("the terms are not the score")
        return found

    return ask


def varied(index: OfferIndex, host: HostFacts) -> list[Position]:
    """The first page as it is shown: varied, with an untried lot; its order is its own."""
    shown, _ = page(index, host, limit=TOP, seed=len(host.affinity), after=None)
    return [each.position for each in shown]


def compiled(market: Market) -> Question:
    """Asks an index of its own that searches with compiled loops."""
    # Late, for it compiles when it is imported.
    from services.matching.offers.engine.compiled import CompiledSearch  # noqa: PLC0415

    index = market.index(CompiledSearch)
    return lambda host: index.top(host, TOP)


def ranked(market: Market, name: str, rounds: int) -> tuple[OfferIndex, dict[str, float]]:
    """An index, and all ways to ask the market in turns; how many of the best were found."""
    scan, index = Scan(market), market.index()
    ways = {
        f"top10_{name}_numpy": Clocked(lambda host: index.top(host, TOP)),
        f"top10_{name}_told": Clocked(told(index)),
        f"top10_{name}_numba": Clocked(compiled(market)),
    }
    peer = Clocked(lambda host: scan.top(host, TOP))
    known = {host.host_id: peer(host) for _ in range(SCANNED) for host in market.hosts}
    right = asked = 0
    shown = Clocked(lambda host: varied(index, host))
    for _ in range(rounds):
        for ask in ways.values():
            for host in market.hosts:
                right += len(set(ask(host)) & set(known[host.host_id]))
                asked += len(known[host.host_id])
        for host in market.hosts:
            shown(host)
    ways[f"top10_{name}_varied"] = shown
    found = {f"{way}_ms": clocked.median for way, clocked in ways.items()}
    found |= {f"{way}_p99_ms": clocked.p99 for way, clocked in ways.items()}
    found[f"scan_{name}_ms"] = peer.median
    found[f"recall_{name}"] = right / asked
    found[f"passing_{name}"] = statistics.mean(map(scan.share_passing, market.hosts))
    return index, found


def with_kindred(market: Market, rounds: int) -> dict[str, float]:
    """The top ten of hosts with kindred brands and categories."""

    def prepare(index: OfferIndex) -> None:
        index.weigh(WITH_KINDRED)

    return _by_both(market, "kindred", market.with_kindred(), prepare, rounds)


def with_reserve(market: Market, rounds: int) -> dict[str, float]:
    """The top ten where one lot of fifty is left to those for whom it scores enough."""

    def prepare(index: OfferIndex) -> None:
        for lot in market.lots[::SCARCE]:
            index.put(replace(lot, demand=WANTED))
        index.rebalance()

    return _by_both(market, "reserve", market.hosts, prepare, rounds)


def _by_both(
    market: Market,
    name: str,
    hosts: Sequence[HostFacts],
    prepare: Callable[[OfferIndex], None],
    rounds: int,
) -> dict[str, float]:
    """The medians of both searches, which agree, each over an index that was prepared."""
    # Late, for it compiles when it is imported.
    from services.matching.offers.engine.compiled import CompiledSearch  # noqa: PLC0415

    ways = {}
    for way, search in (("numpy", Search), ("numba", CompiledSearch)):
        index = market.index(search)
        prepare(index)
        ways[f"top10_100k_{name}_{way}_ms"] = Clocked(partial(_top, index))
    for _ in range(rounds):
        answers = [[ask(host) for host in hosts] for ask in ways.values()]
        if answers[0] != answers[1]:
            raise AssertionError("the two searches answer otherwise")
    return {way: clocked.median for way, clocked in ways.items()}


def _top(index: OfferIndex, host: HostFacts) -> list[Position]:
    return index.top(host, TOP)


def aggregated(market: Market, index: OfferIndex) -> dict[str, float]:
    """Milliseconds of mongod's and our processor for one question, by a scan and an index."""
    with a_mongod():
        pid = mongo.database().command("serverStatus")["pid"]
        peer = Aggregation(market, mongo.collection("lots"))
        hosts = market.hosts[:ASKED_OF_MONGO]

        def cost() -> float:
            if any(peer.top(host, TOP) != index.top(host, TOP) for host in hosts):
                raise AssertionError("MongoDB answers otherwise")
            begun = _used(pid) + time.thread_time()
            for host in hosts:
                peer.top(host, TOP)
            return (_used(pid) + time.thread_time() - begun) * 1000 / len(hosts)

        scanning = cost()
        peer.keep_an_index()
        return {"mongo_100k_ms": scanning, "mongo_indexed_100k_ms": cost()}


def changed(market: Market, index: OfferIndex) -> float:
    """How many lots that were claimed, or given back, the index takes in a second."""
    news = [
        replace(lot, packs_free=market.chance.randrange(3), claims=market.chance.randrange(60))
        for lot in market.chance.choices(market.lots, k=CHANGES)
    ]
    begun = time.thread_time()
    for lot in news:
        index.put(lot)
    return CHANGES / (time.thread_time() - begun)


def measure(*, quick: bool) -> dict[str, float | None]:
    """Every figure of ranking."""
    market, rounds = Market(HUNDRED), ROUNDS // 2 if quick else ROUNDS
    index, ranks = ranked(market, "100k", rounds)
    found: dict[str, float | None] = {**ranks, **with_kindred(market, rounds)}
    found |= with_reserve(market, rounds)
    peers, ours = aggregated(market, index), ranks["top10_100k_numpy_ms"]
    found |= peers
    found["mongo_ratio_100k"] = peers["mongo_100k_ms"] / ours
    found["mongo_indexed_ratio_100k"] = peers["mongo_indexed_100k_ms"] / ours
    found["index_changes_per_s"] = changed(market, index)
    del index
    found |= ranked(Market(MILLION), "1m", rounds)[1]
    recalls = [value for name, value in found.items() if name.startswith("recall_")]
    if set(recalls) != {1.0}:
        raise AssertionError(f"the index misses some of the best: {recalls}")
    return found | {"recall": 1.0}


def _used(pid: int) -> float:
    """Seconds of the processor that a process has used, by itself and for its calls."""
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    asked = parser.parse_args(arguments)
    about = machine()
    found = measure(quick=asked.quick)
    if asked.json:
        print(json.dumps(found | {"machine": " ".join(about.split())}))
        return
    print(about)
    for name, value in found.items():
        print(f"  {name:32} {'-' if value is None else format(value, ',.3f')}")


if __name__ == "__main__":
    main()
