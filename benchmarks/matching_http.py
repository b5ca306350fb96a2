"""The list of offers over HTTP, beside a hello through the same chassis and a bare Flask.

``python -m benchmarks.matching_http [--json] [--quick]``. One worker of gunicorn with eight
threads, authentication and logs on, 100,000 lots. The three answer in turns. The ratio is of
the processor's time that the api uses for an answer, which neighbours disturb less than
answers a second; those are told as well. Every list is read, and its terms are added up.
The first round is told beside the middle one, for it finds each host's list anew, and so is one
in which lots change all the while.
"""

from __future__ import annotations

import argparse
import http.client
import json
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count, cycle, islice
from typing import NamedTuple

from benchmarks.ledger_load import a_mongod, percentiles
from benchmarks.ledger_web import BARE
from benchmarks.machine import machine
from benchmarks.matching_market import Market
from benchmarks.matching_shelf import fill
from benchmarks.matching_web import HELLO
from benchmarks.serving import Served, served
from chassis import mongo
from chassis.embedded.ports import HOST
from chassis.mongo import collection
from services.matching.offers.repositories import LOTS as LOTS_KEPT

LOTS, CALLERS = 100_000, 8
CHANGES_A_SECOND = 20
LOAD_SECONDS = 120
OK = 200

Check = Callable[[bytes], None]
Ways = dict[str, Iterator["Call"]]


class Call(NamedTuple):
    """What is asked for, and by whom."""

    path: str
    headers: dict[str, str]


class Run(NamedTuple):
    """Answers a second, the api's milliseconds of the processor for one, and latencies."""

    rate: float
    cost: float
    seconds: list[float]


def hammer(api: Served, calls: Sequence[Call], check: Check, *, pause: float | None = None) -> Run:
    """Ask with several callers, each after its answer or, with a pause, at moments so far apart.

    A latency counts from the moment at which it was the call's turn.
    """
    turns, lock, latencies, troubles = iter(calls), threading.Lock(), list[float](), list[str]()
    numbers, used, begun = count(), api.used(), time.perf_counter()

    def ask() -> None:
        connection = http.client.HTTPConnection(HOST, api.port)
        while not troubles:
            with lock:
                call, number = next(turns, None), next(numbers)
            if call is None:
                return
            due = time.perf_counter() if pause is None else begun + number * pause
            time.sleep(max(0.0, due - time.perf_counter()))
            connection.request("GET", call.path, headers=call.headers)
            answer = connection.getresponse()
            told = answer.read()
            latencies.append(time.perf_counter() - due)
            if answer.status != OK:
                troubles.append(f"{answer.status}: {told[-300:]!r}")
            else:
                check(told)

    threads = [threading.Thread(target=ask) for _ in range(CALLERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if troubles:
        raise AssertionError(troubles[0])
    seconds = time.perf_counter() - begun
    cost = (api.used() - used) * 1000 / len(latencies)
    return Run(len(latencies) / seconds, cost, latencies)


def adds_up(answer: bytes) -> None:
    """Raise ``AssertionError`` unless the terms of every offer are its score."""
    items = json.loads(answer)["items"]
    if not items:
        raise AssertionError("an empty list")
    for item in items:
        if sum(term["points"] for term in item["terms"]) != item["score"]:
            raise AssertionError(f"{item['lot_id']}: its terms are not its score")


def measure(*, quick: bool) -> dict[str, float | None]:
    """Every figure of the list of offers over HTTP."""
    market, requests = Market(LOTS), 1_600 if quick else 10_000
    with a_mongod() as books:
        uri = books.replace("/payments", "/matching")
        mongo.disconnect()
        mongo.connect(uri)
        fill(market)
        with served("matching", "benchmarks.matching_web:create_app()", uri) as api:
            callers = cycle(
                [(each.host_id, api.headers(each.host_id, "host")) for each in market.hosts]
            )
            ways: Ways = {
                "bare": (Call(BARE, headers) for _, headers in callers),
                "hello": (Call(HELLO, headers) for _, headers in callers),
                "offers": (Call(f"/v1/hosts/{host}/offers", headers) for host, headers in callers),
            }
            _wait_for(api, next(ways["offers"]))
            return _compared(api, ways, requests)


def _compared(api: Served, ways: Ways, requests: int) -> dict[str, float | None]:
    rounds = 4
    runs: dict[str, list[Run]] = {way: [] for way in ways}
    for _ in range(rounds):
        for way, calls in ways.items():
            check = adds_up if way == "offers" else _anything
            runs[way].append(hammer(api, list(islice(calls, requests // rounds)), check))
    costs = {way: statistics.median(run.cost for run in each) for way, each in runs.items()}
    rates = {way: statistics.median(run.rate for run in each) for way, each in runs.items()}
    with _changing():
        unsettled = hammer(api, list(islice(ways["offers"], requests // rounds)), adds_up)
    calm = list(islice(ways["offers"], requests // 2))
    half = hammer(api, calm, adds_up, pause=2 / rates["offers"])
    p50, p99 = percentiles(half.seconds)
    return {
        **{f"http_{way}_cpu_ms": cost for way, cost in costs.items()},
        **{f"http_{way}_rps": rate for way, rate in rates.items()},
        "http_offers_first_cpu_ms": runs["offers"][0].cost,
        f"http_offers_cpu_ms_at_{CHANGES_A_SECOND}_changes_a_second": unsettled.cost,
        "http_ratio_to_hello": costs["hello"] / costs["offers"],
        "http_ratio_to_hello_rps": rates["offers"] / rates["hello"],
        "http_p50_ms": p50,
        "http_p99_ms": p99,
    }


@contextmanager
def _changing() -> Iterator[None]:
    """Have packs of lots move all the while, each time of another lot."""
    stopped = threading.Event()
    names = [row["_id"] for row in collection(LOTS_KEPT).find({}, {"_id": 1}).limit(LOTS)]

    def change() -> None:
        for number, name in enumerate(cycle(names[::7])):
            if stopped.wait(1 / CHANGES_A_SECOND):
                return
            collection(LOTS_KEPT).update_one(
                {"_id": name}, {"$set": {"packs_free": 1 + number % 9}}
            )

    thread = threading.Thread(target=change)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()


def _anything(_answer: bytes) -> None:
    """A hello says nothing."""


def _wait_for(api: Served, call: Call) -> None:
    """Have the index read; raise ``TimeoutError`` when it takes too long."""
    give_up = time.monotonic() + LOAD_SECONDS
    while time.monotonic() < give_up:
        connection = http.client.HTTPConnection(HOST, api.port)
        connection.request("GET", call.path, headers=call.headers)
        answer = connection.getresponse()
        if answer.status == OK:
            adds_up(answer.read())
            return
        time.sleep(0.2)
    raise TimeoutError(f"no list after {LOAD_SECONDS} s")


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a sixth of the requests")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    asked = parser.parse_args()
    about = machine()
    found = measure(quick=asked.quick)
    if asked.json:
        print(json.dumps(found | {"machine": " ".join(about.split())}))
        return
    print(about)
    for name, value in found.items():
        print(f"  {name:32} {value:,.3f}")


if __name__ == "__main__":
    main()
