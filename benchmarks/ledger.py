"""How fast the books decide and store, hot accounts too: ``python -m benchmarks.ledger``.

Every path ends in a document that a majority has on disk. The baseline, in the same run on
the same mongod, is one MongoDB transaction a transfer.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import numpy as np
import psutil

from chassis import mongo
from chassis.embedded.mongod import Mongod
from chassis.embedded.ports import free_port
from chassis.kernel.ids import from_int, id_maker
from chassis.kernel.money import Money
from chassis.kernel.time import system_clock
from services.payments.ledger.documents import SEGMENTS, SegmentDocument
from services.payments.ledger.domain import transfer
from services.payments.ledger.engine.books import Books
from services.payments.ledger.engine.columns import I64, NO_FLOOR, Entries, Kind
from services.payments.ledger.engine.decision import decide
from services.payments.ledger.engine.rulings import Ruling
from services.payments.ledger.engine.segments import Batch, OpenedAccount
from services.payments.ledger.repositories.segments import MongoLog
from services.payments.ledger.repositories.sequencer import Sequencer
from services.payments.ledger.repositories.writer import Writer

MARKET = "bench"
BATCH = 8_189
ACCOUNTS = 10_000
FUNDED = 1_000_000
BAR = 200_000
HOT = 1
HOLDS, ENDS, POSTED, SINGLE = 0.05, 0.05, 0.6, 0.7  # shares of the mix


class Figures(NamedTuple):
    """One run: entries a second, milliseconds a batch or call, our own CPU an entry."""

    rate: float
    p50: float
    p99: float
    accepted: float
    cpu_microseconds: float


@contextmanager
def a_mongod() -> Iterator[None]:
    """A mongod of its own for a while, its data on disk."""
    folder = Path(tempfile.mkdtemp(prefix="teahouse-bench-"))
    server = Mongod(folder / "mongod", port=free_port(), log=folder / "mongod.log")
    try:
        server.start()
        mongo.connect(server.uri("payments"))
        yield
    finally:
        mongo.disconnect()
        server.kill()
        shutil.rmtree(folder, ignore_errors=True)


class Workload:
    """Batches of random entries over the same accounts, from a seed."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.milliseconds = int(time.time() * 1000)
        self.held: list[tuple[int, int]] = []

    def ids(self, count: int) -> dict[str, np.ndarray]:
        """Ids in the order of their time but for 20 ms of disorder."""
        late = self.random.integers(0, 20, count)
        now = self.milliseconds + np.arange(count) // 1000 - late
        self.milliseconds += count // 1000 + 1
        high = now.astype(np.uint64) << np.uint64(16)
        high |= self.random.integers(0, 1 << 16, count, dtype=np.uint64)
        return {"id_high": high, "id_low": self.random.integers(0, 1 << 63, count, np.uint64)}

    def singles(
        self, count: int, *, source: int | None = None, target: int | None = None
    ) -> Batch:
        """Transfers of two legs, all from or to one account if that is given."""
        account = np.empty((count, 2), np.uint32)
        account[:, 0] = self.random.integers(2, ACCOUNTS + 1, count) if source is None else source
        account[:, 1] = self.random.integers(2, ACCOUNTS + 1, count) if target is None else target
        minor = self.random.integers(1, 100, count)
        return Batch(
            entries=Entries.of(
                **self.ids(count),
                leg_count=np.full(count, 2, np.uint8),
                code=np.ones(count, np.uint16),
                account=account.ravel(),
                amount=np.stack((-minor, minor), axis=1).ravel(),
            )
        )

    def mix(self, count: int) -> Batch:
        """Of ten entries six are transfers, three have four legs, one places or ends a hold."""
        ids = self.ids(count)
        draw = self.random.random(count)
        kind = np.zeros(count, np.uint8)
        kind[draw < HOLDS] = Kind.HOLD
        ends = (draw >= HOLDS) & (draw < HOLDS + ENDS)
        ends &= np.cumsum(ends) <= len(self.held)
        kind[ends] = np.where(self.random.random(int(ends.sum())) < POSTED, Kind.POST, Kind.VOID)
        legs = np.where(draw > SINGLE, 4, 2)
        legs[ends] = 0
        amounts = [self._amounts(many) for many in legs.tolist() if many]
        ended = [self.held.pop() for _ in range(int(ends.sum()))]
        placed = np.flatnonzero(kind == Kind.HOLD)
        halves = (ids["id_high"][placed].tolist(), ids["id_low"][placed].tolist())
        self.held = [*zip(*halves, strict=True), *self.held]
        return Batch(
            entries=Entries.of(
                **ids,
                kind=kind,
                leg_count=legs.astype(np.uint8),
                code=np.ones(count, np.uint16),
                account=self.random.integers(2, ACCOUNTS + 1, legs.sum()).astype(np.uint32),
                amount=np.concatenate(amounts),
                pending_high=np.array([high for high, _ in ended], np.uint64),
                pending_low=np.array([low for _, low in ended], np.uint64),
            )
        )

    def _amounts(self, legs: int) -> I64:
        incoming = self.random.integers(1, 100, legs - 1)
        return np.concatenate(([-incoming.sum()], incoming))


def funded_books(log: MongoLog, tight: int = FUNDED) -> Books:
    """Fresh books in which every account has money; the hot one has ``tight``."""
    mongo.collection(SEGMENTS).drop()
    mongo.ensure_indexes([SegmentDocument])
    books = Books(MARKET, log.read)
    for first in range(HOT, ACCOUNTS + 1, ACCOUNTS // 2):
        batch = _funding(np.arange(first, first + ACCOUNTS // 2), tight)
        verdict = decide(books, batch, at=1)
        if verdict.segment is None:
            raise AssertionError("nothing was funded")
        log.append(verdict.segment)
        books.apply(verdict.segment)
    return books


def _funding(numbers: I64, tight: int) -> Batch:
    """Deposits that open these accounts; the first of all opens the world outside too."""
    opened = [
        OpenedAccount(f"org:{from_int('org', number)}:available", "CNY", 0)
        for number in numbers.tolist()
    ]
    begins = bool(numbers[0] == HOT)
    minor = np.full(len(numbers), FUNDED, np.int64)
    minor[numbers == HOT] = tight
    account = np.stack((np.zeros(len(numbers), np.int64), numbers), axis=1)
    outside = [OpenedAccount("external:provider", "CNY", NO_FLOOR)] if begins else []
    return Batch(
        entries=Entries.of(
            id_high=np.zeros(len(numbers), np.uint64),
            id_low=numbers.astype(np.uint64),
            leg_count=np.full(len(numbers), 2, np.uint8),
            code=np.ones(len(numbers), np.uint16),
            account=account.ravel().astype(np.uint32),
            amount=np.stack((-minor, minor), axis=1).ravel(),
        ),
        accounts=[*outside, *opened],
        words=["deposit"] if begins else [],
    )


def book(books: Books, log: MongoLog, batches: Sequence[Batch]) -> Figures:
    """Decide, store, apply, one batch after the other."""
    latencies, accepted, count = [], 0, 0
    started, worked = time.perf_counter(), time.process_time()
    for batch in batches:
        begun = time.perf_counter()
        verdict = decide(books, batch, at=int(time.time() * 1000))
        if verdict.segment is not None:
            log.append(verdict.segment)
            books.apply(verdict.segment)
        latencies.append(time.perf_counter() - begun)
        accepted += int((verdict.rulings == Ruling.ACCEPTED).sum())
        count += len(verdict.rulings)
    seconds = time.perf_counter() - started
    cpu = (time.process_time() - worked) / count * 1e6
    return Figures(count / seconds, *percentiles(latencies), accepted / count, cpu)


def percentiles(seconds: Sequence[float]) -> tuple[float, float]:
    """The median and the 99th of a hundred, in milliseconds."""
    ordered = sorted(seconds)
    return (
        statistics.median(ordered) * 1000,
        ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))] * 1000,
    )


def replay(log: MongoLog) -> float:
    """Entries a second from the stored log into books, every hash checked."""
    started = time.perf_counter()
    books = Books(MARKET, log.read)
    for segment in log.since(0):
        books.apply(segment)
    return books.entry_count / (time.perf_counter() - started)


def group_commit(log: MongoLog, threads: int, seconds: float) -> Figures:
    """Callers that submit one transfer at a time and wait for each."""
    funded_books(log)
    sequencer = Sequencer(lambda: Writer(MARKET, log, system_clock))
    ids = id_maker(system_clock)
    latencies: list[list[float]] = [[] for _ in range(threads)]
    worked = time.process_time()
    until = time.perf_counter() + seconds

    def call(mine: list[float]) -> None:
        source, target = (f"org:{from_int('org', number)}:available" for number in (2, 3))
        while time.perf_counter() < until:
            entry = transfer(ids("ent"), source, target, Money(1, "CNY"), "deposit")
            begun = time.perf_counter()
            sequencer.submit([entry])[0].or_raise()
            mine.append(time.perf_counter() - begun)

    callers = [threading.Thread(target=call, args=(mine,)) for mine in latencies]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    sequencer.close()
    done = [latency for mine in latencies for latency in mine]
    cpu = (time.process_time() - worked) / len(done) * 1e6
    return Figures(len(done) / seconds, *percentiles(done), 1.0, cpu)


def naive(threads: int, seconds: float, *, hot: bool) -> Figures:
    """The baseline: two guarded updates and an insert in one transaction a transfer."""
    for name in ("naive_accounts", "naive_transfers"):
        mongo.collection(name).drop()
        mongo.database().create_collection(name)
    mongo.collection("naive_accounts").insert_many(
        [{"_id": number, "balance": FUNDED} for number in range(1_000)]
    )
    latencies: list[list[float]] = [[] for _ in range(threads)]
    worked = time.process_time()
    until = time.perf_counter() + seconds

    def call(seed: int) -> None:
        random = np.random.default_rng(seed)
        while time.perf_counter() < until:
            source, target = (int(number) for number in random.integers(1, 1_000, 2))
            begun = time.perf_counter()
            mongo.atomically(_transfer(source, 0 if hot else target), timeout_seconds=30)
            latencies[seed].append(time.perf_counter() - begun)

    callers = [threading.Thread(target=call, args=(seed,)) for seed in range(threads)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    done = [latency for mine in latencies for latency in mine]
    cpu = (time.process_time() - worked) / len(done) * 1e6
    return Figures(len(done) / seconds, *percentiles(done), 1.0, cpu)


def _transfer(source: int, target: int) -> Callable[[], None]:
    def work() -> None:
        accounts = mongo.collection("naive_accounts")
        accounts.update_one({"_id": source, "balance": {"$gte": 1}}, {"$inc": {"balance": -1}})
        accounts.update_one({"_id": target}, {"$inc": {"balance": 1}})
        mongo.collection("naive_transfers").insert_one({"from": source, "to": target})

    return work


def show(title: str, runs: Sequence[Figures]) -> float:
    """Print the medians of a path and answer that of its rate."""
    medians = (statistics.median(column) for column in zip(*runs, strict=True))
    rate, p50, p99, accepted, cpu = medians
    every = ", ".join(f"{run.rate:,.0f}" for run in runs)
    print(
        f"  {title:38} {rate:>11,.0f}/s  p50 {p50:6.1f}  p99 {p99:6.1f} ms"
        f"  {cpu:6.2f} us of CPU each  accepted {accepted:4.0%}  [{every}]"
    )
    return float(rate)


def core(log: MongoLog, runs: int, batches: int) -> None:
    """Whole batches: uniform, hot, tight, mixed."""

    def measure(title: str, tight: int, make: Callable[[Workload], Batch]) -> float:
        figures = []
        for seed in range(runs):
            workload = Workload(seed)
            prepared = [make(workload) for _ in range(batches)]
            figures.append(book(funded_books(log, tight), log, prepared))
        return show(title, figures)

    uniform = measure("single transfers, 10,000 accounts", FUNDED, lambda w: w.singles(BATCH))
    mongo.client().admin.command("fsync")
    stats = mongo.database().command("collstats", SEGMENTS)
    bytes_each = stats["storageSize"] / (batches * BATCH)
    replayed = replay(log)
    hot = measure("one account credited", FUNDED, lambda w: w.singles(BATCH, target=HOT))
    enough = batches * BATCH * 50
    debit = measure("one account debited", enough * 2, lambda w: w.singles(BATCH, source=HOT))
    dry = measure(
        "one account debited until it is dry", enough // 2, lambda w: w.singles(BATCH, source=HOT)
    )
    measure("6 single, 3 of four legs, 1 hold or end", FUNDED, lambda w: w.mix(BATCH))
    ratios = ", ".join(
        f"{name} {rate / uniform:.2f}"
        for name, rate in (("credited", hot), ("debited", debit), ("dry", dry))
    )
    print(f"  hot against uniform: {ratios}")
    print(f"  replay {replayed:,.0f} entries/s, every hash checked")
    print(f"  {bytes_each:.0f} bytes a transfer on disk")
    print(f"  bar for single transfers: {BAR:,}/s")


def main() -> None:
    """Run it a few times and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--batches", type=int, default=123, help=f"of {BATCH} entries each")
    parser.add_argument("--seconds", type=float, default=4.0, help="for each run of single calls")
    asked = parser.parse_args()
    print(f"ledger: {asked.runs} runs, medians; majority and journal; one-node replica set")
    print(
        f"  machine   {platform.machine()}, {os.cpu_count()} cores,"
        f" {psutil.cpu_percent(interval=1.0):.0f} % busy with others"
    )
    print(
        f"  versions  Python {platform.python_version()}, numpy {version('numpy')},"
        f" pymongo {version('pymongo')}, mongod 6.0.5"
    )
    with a_mongod():
        log = MongoLog()
        core(log, asked.runs, asked.batches)
        for threads in (1, 256):
            runs = [group_commit(log, threads, asked.seconds) for _ in range(asked.runs)]
            show(f"group commit, {threads} callers", runs)
        for hot in (False, True):
            title = f"baseline: a transaction each, {'hot' if hot else 'uniform'}"
            show(title, [naive(32, asked.seconds, hot=hot) for _ in range(min(asked.runs, 3))])
    sys.stdout.flush()


if __name__ == "__main__":
    main()
