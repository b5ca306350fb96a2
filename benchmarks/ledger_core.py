"""The books by whole batches: sustained, mixed, on one hot account."""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from benchmarks.ledger_load import (
    BATCH,
    FUNDED,
    HOT,
    MARKET,
    Figures,
    Workload,
    funded_books,
    percentiles,
)
from chassis import mongo
from chassis.embedded.process import ChildProcess
from services.payments.ledger.documents import ERAS
from services.payments.ledger.engine.books import Books
from services.payments.ledger.engine.decision import decide
from services.payments.ledger.engine.rulings import Ruling
from services.payments.ledger.engine.segments import Batch
from services.payments.ledger.repositories.pipe import Pipe
from services.payments.ledger.repositories.segments import MongoLog

PREPARED = 40  # batches; under new ids they serve again
DRAWN = 50  # what a transfer moves on average


def book(books: Books, log: MongoLog, batches: Iterable[Batch]) -> Figures:
    """Decide and store, the next batch being decided while one is stored, as bulk calls are."""
    pipe, latencies, accepted, count = Pipe(log), list[float](), 0, 0
    started, worked = time.perf_counter(), time.process_time()
    for batch in batches:
        begun = time.perf_counter()
        verdict = decide(books, batch, at=int(time.time() * 1000))
        stored = pipe.put(verdict.segment, books.next_sequence)
        stored.add_done_callback(_Stopwatch(begun, latencies))
        if verdict.segment is not None:
            books.apply(verdict.segment)
        accepted += int((verdict.rulings == Ruling.ACCEPTED).sum())
        count += len(verdict.rulings)
    if not pipe.settle():
        raise AssertionError("something was not stored")
    pipe.close()
    seconds = time.perf_counter() - started
    cpu = (time.process_time() - worked) / count * 1e6
    return Figures(count / seconds, *percentiles(latencies), accepted / count, cpu)


class _Stopwatch:
    """Notes how long something took, when it is done."""

    def __init__(self, begun: float, latencies: list[float]) -> None:
        self._begun, self._latencies = begun, latencies

    def __call__(self, _done: object) -> None:
        self._latencies.append(time.perf_counter() - self._begun)


def sustained(uri: str, log: MongoLog, seconds: float) -> tuple[Figures, float]:
    """Single transfers for so long, another process keeping balances at any time meanwhile.

    The second figure is the rate when the time counts until the keeper has every whole era.
    """
    books, workload = funded_books(log), Workload(1)
    prepared = [workload.singles(BATCH) for _ in range(PREPARED)]
    keeper = _keeper(uri)
    try:
        began = time.perf_counter()

        def batches() -> Iterable[Batch]:
            while time.perf_counter() - began < seconds:
                yield from (workload.again(batch) for batch in prepared[:8])

        figures = book(books, log, batches())
        while _kept() < books.next_sequence - 64:
            time.sleep(0.05)
        elapsed = time.perf_counter() - began
    finally:
        keeper.kill()
    return figures, books.entry_count / elapsed


def mixed(log: MongoLog, runs: int, batches: int) -> list[Figures]:
    """Of ten entries six are single, three have four legs, one places or ends a hold."""
    found = []
    for seed in range(runs):
        workload = Workload(seed)
        prepared = [workload.mix(BATCH) for _ in range(batches)]
        found.append(book(funded_books(log), log, prepared))
    return found


def hot(log: MongoLog, runs: int, batches: int) -> dict[str, list[Figures]]:
    """Uniform, one account credited, one debited to its floor and beyond: by turns."""
    enough = batches * BATCH * DRAWN
    ways: dict[str, tuple[int, Callable[[Workload], Batch]]] = {
        "uniform": (FUNDED, lambda workload: workload.singles(BATCH)),
        "credited": (FUNDED, lambda workload: workload.singles(BATCH, target=HOT)),
        "debited": (enough // 2, lambda workload: workload.singles(BATCH, source=HOT)),
    }
    found: dict[str, list[Figures]] = {way: [] for way in ways}
    for seed in range(runs):
        for way, (tight, make) in ways.items():
            workload = Workload(seed)
            prepared = [make(workload) for _ in range(batches)]
            found[way].append(book(funded_books(log, tight), log, prepared))
    return found


def ratio(ours: Sequence[Figures], theirs: Sequence[Figures]) -> float:
    """The median of the ratios of paired runs."""
    pairs = zip(ours, theirs, strict=True)
    return statistics.median(mine.rate / other.rate for mine, other in pairs)


def _kept() -> int:
    newest = mongo.collection(ERAS).find_one({}, sort=[("_id", -1)])
    return int(newest["next"]) if newest else 0


def _keeper(uri: str) -> ChildProcess:
    log = Path(tempfile.gettempdir()) / "teahouse-bench-keeper.log"
    command = [sys.executable, "-m", "benchmarks.ledger_process", "keep", uri, MARKET]
    process = ChildProcess("keeper", command, log=log)
    process.start()
    return process
