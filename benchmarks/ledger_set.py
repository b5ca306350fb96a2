"""The log on three nodes of one machine, while its primary is deposed three times and killed.

``python -m benchmarks.ledger_set`` prints the rate without trouble, the longest pause with it,
and how many acknowledged segments were lost: it must be none.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from benchmarks.ledger_load import BATCH, MARKET, Workload, funded_books, percentiles
from benchmarks.machine import machine
from chassis import mongo
from chassis.embedded.binaries import mongod_binary
from chassis.embedded.ports import HOST, free_port, is_answering
from chassis.embedded.process import ChildProcess
from services.payments.ledger.domain import LedgerUnavailable
from services.payments.ledger.engine.books import Books
from services.payments.ledger.engine.decision import decide
from services.payments.ledger.repositories.segments import MongoLog

NODES = 3
ELECTION_MILLISECONDS = 3_000
BETWEEN_SECONDS = 4.0


class Set:
    """Three mongods as one replica set."""

    def __init__(self, folder: Path) -> None:
        binary, self.ports = mongod_binary(folder / "bin"), [free_port() for _ in range(NODES)]
        self.nodes = {
            port: ChildProcess(
                f"mongod-{port}",
                [
                    *(str(binary), "--dbpath", str(folder / str(port)), "--port", str(port)),
                    *("--bind_ip", HOST, "--replSet", "three", "--nounixsocket", "--quiet"),
                    *("--oplogSize", "512", "--wiredTigerCacheSizeGB", "0.25"),
                ],
                log=folder / f"{port}.log",
            )
            for port in self.ports
        }
        for port, node in self.nodes.items():
            (folder / str(port)).mkdir()
            node.start()
            node.wait_until(partial(is_answering, port), within_seconds=60)
        members = [{"_id": at, "host": f"{HOST}:{port}"} for at, port in enumerate(self.ports)]
        settings = {"electionTimeoutMillis": ELECTION_MILLISECONDS}
        config = {"_id": "three", "members": members, "settings": settings}
        with _direct(self.ports[0]) as client:
            client.admin.command("replSetInitiate", config)
        self.nodes[self.ports[0]].wait_until(lambda: self.primary() is not None, within_seconds=60)

    @property
    def uri(self) -> str:
        """What a service would be given."""
        hosts = ",".join(f"{HOST}:{port}" for port in self.ports)
        return f"mongodb://{hosts}/payments?replicaSet=three"

    def primary(self) -> int | None:
        """The port of the node that takes writes just now."""
        for port, node in self.nodes.items():
            if node.is_alive():
                with suppress(PyMongoError), _direct(port) as client:
                    if client.admin.command("hello")["isWritablePrimary"]:
                        return port
        return None

    def depose(self) -> None:
        """Ask the primary to step down; the others elect one of themselves."""
        port = self.primary()
        with suppress(PyMongoError), _direct(port or self.ports[0]) as client:
            client.admin.command("replSetStepDown", 5, secondaryCatchUpPeriodSecs=3)

    def kill_primary(self) -> None:
        """End it as a power cut does, and start it again."""
        node = self.nodes[self.primary() or self.ports[0]]
        node.send(signal.SIGKILL)
        node.kill()
        time.sleep(ELECTION_MILLISECONDS / 1000)
        node.start()


def _direct(port: int) -> MongoClient[Any]:
    """A client of one node, whatever it is in the set."""
    return MongoClient(HOST, port, directConnection=True, timeoutMS=15_000)


@contextmanager
def a_set() -> Iterator[Set]:
    """A set for a while, to which we are connected."""
    folder = Path(tempfile.mkdtemp(prefix="teahouse-bench-"))
    three = Set(folder)
    try:
        mongo.connect(three.uri)
        yield three
    finally:
        mongo.disconnect()
        for node in three.nodes.values():
            node.kill()
        shutil.rmtree(folder, ignore_errors=True)


class Load:
    """Appends batch after batch and remembers what was acknowledged."""

    def __init__(self, log: MongoLog) -> None:
        self.log, self.books, self.workload = log, funded_books(log), Workload(6)
        self.acknowledged: dict[int, bytes] = {}
        self.seconds: list[float] = []

    def run(self, is_over: threading.Event) -> None:
        """Append until it is over; what is unknown is asked for until it is known."""
        prepared = [self.workload.singles(BATCH) for _ in range(8)]
        while not is_over.is_set():
            batch = self.workload.again(prepared[len(self.acknowledged) % len(prepared)])
            verdict = decide(self.books, batch, at=int(time.time() * 1000))
            if verdict.segment is None:
                raise AssertionError("nothing was accepted")
            begun = time.perf_counter()
            while True:
                with suppress(LedgerUnavailable):
                    self.log.append(verdict.segment)
                    break
            self.seconds.append(time.perf_counter() - begun)
            self.books.apply(verdict.segment)
            self.acknowledged[verdict.segment.sequence] = verdict.segment.hash


def lost(load: Load) -> int:
    """How many acknowledged segments are not in the log; raise if its chain is broken."""
    books, stored = Books(MARKET, load.log.read), {}
    for segment in load.log.since(0):
        books.apply(segment)
        stored[segment.sequence] = segment.hash
    return sum(stored.get(sequence) != mark for sequence, mark in load.acknowledged.items())


def main() -> None:
    """Measure without trouble, then with it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0, help="without trouble")
    asked = parser.parse_args()
    print(machine())
    with a_set() as three:
        load, is_over = Load(MongoLog()), threading.Event()
        thread = threading.Thread(target=load.run, args=(is_over,))
        begun = time.perf_counter()
        thread.start()
        time.sleep(asked.seconds)
        calm, took = list(load.seconds), time.perf_counter() - begun
        for trouble in (three.depose, three.depose, three.depose, three.kill_primary):
            trouble()
            time.sleep(BETWEEN_SECONDS)
        is_over.set()
        thread.join()
        p50, p99 = percentiles(calm)
        print(f"  three nodes          {len(calm) * BATCH / took:,.0f} transfers/s")
        print(f"  a batch of {BATCH}      p50 {p50:.1f}  p99 {p99:.1f} ms")
        print(f"  longest pause        {max(load.seconds):.1f} s, three stepdowns and a kill -9")
        print(f"  acknowledged         {len(load.acknowledged):,} segments, {lost(load)} lost")


if __name__ == "__main__":
    main()
