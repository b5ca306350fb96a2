"""The books over HTTP, authenticated, as gunicorn serves them: bulk calls and single ones."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from benchmarks import serving
from benchmarks.ledger_load import ACCOUNTS, MARKET, Figures, account, percentiles
from benchmarks.ledger_web import BARE
from chassis.embedded.ports import HOST
from chassis.kernel.ids import from_int, id_maker
from chassis.kernel.time import system_clock

LINES = 10_000
PATH = "/v1/entries/bulk"
NDJSON = "application/x-ndjson"
OK = 200


@contextmanager
def served(uri: str) -> Iterator[tuple[int, dict[str, str]]]:
    """The api on a port, its books those at ``uri``; and the headers of a caller."""
    quiet = {"TEAHOUSE_LOG_LEVEL": "WARNING", "PAYMENTS_MARKET": MARKET}
    with serving.served("payments", "benchmarks.ledger_web:create_app()", uri, quiet) as api:
        caller = api.headers(from_int("org", 1), "platform")
        yield api.port, caller | {"Content-Type": NDJSON}


def bodies(count: int) -> list[bytes]:
    """Bulk calls of single transfers between random accounts."""
    ids, paths = id_maker(system_clock), [account(number) for number in range(2, ACCOUNTS + 1)]
    line = (
        '{"id":"%s","kind":"plain","code":"deposit","legs":['
        '{"account":"%s","minor":-%d,"currency":"CNY"},'
        '{"account":"%s","minor":%d,"currency":"CNY"}]}'
    )
    made, number = [], 0
    for _ in range(count):
        lines = []
        for _ in range(LINES):
            number += 1
            minor = number % 99 + 1
            source = paths[number * 7919 % len(paths)]
            target = paths[number * 104_729 % len(paths)]
            lines.append(line % (ids("ent"), source, minor, target, minor))
        made.append("\n".join(lines).encode())
    return made


def bulk(port: int, headers: dict[str, str], calls: Sequence[bytes], callers: int) -> Figures:
    """Lines a second over some connections; every line must be posted."""

    def fits(answer: bytes) -> bool:
        return answer.count(b'"status":"posted"') == LINES

    return _hammer(port, headers, PATH, iter(calls), callers, fits, LINES)


def single(port: int, headers: dict[str, str], callers: int, count: int) -> Figures:
    """Calls of one entry each."""
    ids = id_maker(system_clock)
    text = '{"id":"%s","kind":"plain","code":"deposit","legs":[%s]}'
    legs = ",".join(
        f'{{"account":"{account(number)}","minor":{minor},"currency":"CNY"}}'
        for number, minor in ((2, -1), (3, 1))
    )
    calls = [(text % (ids("ent"), legs)).encode() for _ in range(count)]

    def fits(answer: bytes) -> bool:
        return b'"posted"' in answer

    return _hammer(port, headers, PATH, iter(calls), callers, fits, 1)


def bare(port: int, headers: dict[str, str], callers: int, count: int) -> Figures:
    """Calls of a Flask that does nothing, beside."""
    return _hammer(port, headers, BARE, iter([b"{}"] * count), callers, lambda _: True, 1)


def _hammer(
    port: int,
    headers: dict[str, str],
    path: str,
    calls: Iterator[bytes],
    callers: int,
    fits: Callable[[bytes], bool],
    entries: int,
) -> Figures:
    latencies, turn, troubles = list[float](), threading.Lock(), list[Exception]()

    def work() -> None:
        connection = http.client.HTTPConnection(HOST, port)
        while not troubles:
            with turn:
                body = next(calls, None)
            if body is None:
                return
            begun = time.perf_counter()
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            told = answer.read()
            latencies.append(time.perf_counter() - begun)
            if answer.status != OK or not fits(told):
                troubles.append(AssertionError(told[-500:]))

    threads = [threading.Thread(target=work) for _ in range(callers)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if troubles:
        raise troubles[0]
    seconds = time.perf_counter() - started
    return Figures(len(latencies) * entries / seconds, *percentiles(latencies), 1.0, 0.0)
