"""The books over HTTP, authenticated, as gunicorn serves them: bulk calls and single ones."""

from __future__ import annotations

import http.client
import json
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from joserfc import jwt
from joserfc.jwk import OKPKey

from benchmarks.ledger_load import ACCOUNTS, MARKET, Figures, account, percentiles
from benchmarks.ledger_web import BARE, KEY_VARIABLE
from chassis.auth import ALGORITHM, TYPE
from chassis.embedded.ports import HOST, free_port, is_answering
from chassis.embedded.process import ChildProcess
from chassis.kernel.ids import from_int, id_maker
from chassis.kernel.time import system_clock

LINES = 10_000
PATH = "/v1/entries/bulk"
NDJSON = "application/x-ndjson"
OK = 200


@contextmanager
def served(uri: str) -> Iterator[tuple[int, dict[str, str]]]:
    """The api on a port, its books those at ``uri``; and the headers of a caller."""
    key = OKPKey.generate_key("Ed25519", parameters={"kid": "bench", "alg": ALGORITHM})
    ports = {"PAYMENTS_API_PORT": free_port(), "PAYMENTS_API_INTERNAL_PORT": free_port()}
    with TemporaryDirectory(prefix="teahouse-bench-") as folder:
        api = ChildProcess(
            "api",
            [
                *(sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py"),
                "benchmarks.ledger_web:create_app()",
            ],
            log=Path(folder) / "api.log",
            environment={
                "TEAHOUSE_SERVICE": "payments",
                "TEAHOUSE_LOG_LEVEL": "WARNING",
                "PAYMENTS_MONGO_URI": uri,
                "PAYMENTS_MARKET": MARKET,
                KEY_VARIABLE: json.dumps(key.as_dict(private=False)),
                **{name: str(port) for name, port in ports.items()},
            },
        )
        api.start()
        try:
            port = ports["PAYMENTS_API_PORT"]
            api.wait_until(lambda: is_answering(port), within_seconds=60)
            token = _token(key)
            yield port, {"Authorization": f"Bearer {token}", "Content-Type": NDJSON}
        finally:
            api.stop()


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


def _token(key: OKPKey) -> str:
    claims = {
        "iss": "teahouse-identity",
        "aud": "payments",
        "sub": from_int("usr", 1),
        "org": from_int("org", 1),
        "kind": "platform",
        "roles": ["owner"],
        "exp": int(time.time()) + 3600,
    }
    return jwt.encode(
        {"alg": ALGORITHM, "typ": TYPE, "kid": "bench"}, claims, key, algorithms=[ALGORITHM]
    )
