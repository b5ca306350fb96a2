"""What is read of the past: balances at any time, the start after a kill, bytes on disk."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.ledger_load import ACCOUNTS, MARKET, STORED, account, percentiles
from chassis import mongo
from chassis.embedded.process import ChildProcess
from services.payments.ledger.documents import SEGMENTS
from services.payments.ledger.domain.times import from_milliseconds
from services.payments.ledger.engine.books import Books
from services.payments.ledger.repositories.history import MongoHistory
from services.payments.ledger.repositories.segments import MongoLog
from services.payments.ledger.use_cases import Moment

READS = 2_000
CHECKED_MOMENTS, CHECKED_ACCOUNTS = 40, 25


def past_balances(log: MongoLog, reads: int = READS) -> dict[str, Any]:
    """Balances of random accounts at random times; some checked against the log's own sums."""
    history, random = MongoHistory(log), np.random.default_rng(3)
    count = mongo.collection(SEGMENTS).count_documents({})
    legs = sum(row["legs"] for row in mongo.collection(SEGMENTS).find({}, {"legs": 1}))
    first, last = log.read(2).at, log.read(count - 1).at
    history.balances(account(2), history.moment(from_milliseconds(last)))
    seconds = []
    for at, number in zip(
        random.integers(first, last, reads).tolist(),
        random.integers(2, ACCOUNTS + 1, reads).tolist(),
        strict=True,
    ):
        begun = time.perf_counter()
        history.balances(account(number), history.moment(from_milliseconds(at)))
        seconds.append(time.perf_counter() - begun)
    p50, p99 = percentiles(seconds)
    return {"p50": p50, "p99": p99, "legs": legs, "wrong": _wrong(log, history, count)}


def _wrong(log: MongoLog, history: MongoHistory, count: int) -> int:
    """How many of a thousand balances differ from what the log adds up to by then."""
    random, wrong = np.random.default_rng(4), 0
    moments = set(random.integers(2, count, CHECKED_MOMENTS).tolist())
    books = Books(MARKET, log.read)
    for segment in log.since(0):
        books.apply(segment)
        if segment.sequence in moments:
            moment = Moment(from_milliseconds(segment.at), segment.sequence, is_final=True)
            for number in random.integers(2, ACCOUNTS + 1, CHECKED_ACCOUNTS).tolist():
                path = account(number)
                found = history.balances(path, moment)["CNY"]
                wrong += found != books.accounts.balance(path, "CNY")
    return wrong


def recovery(uri: str, entries: int, *, kept: bool) -> dict[str, Any]:
    """Kill a writer after so many entries; open the books in a fresh process.

    With ``kept``, another process had been taking snapshots. ``lost`` counts entries that
    were acknowledged and are not there.
    """
    folder = Path(tempfile.mkdtemp(prefix="teahouse-bench-"))
    writer = _process("write", uri, folder)
    writer.start()
    keeper = _process("keep", uri, folder)
    try:
        writer.wait_until(lambda: _acknowledged(writer) > 0, within_seconds=60)
        if kept:
            keeper.start()
        writer.wait_until(lambda: _acknowledged(writer) >= entries, within_seconds=120)
    finally:
        writer.kill()
        if kept:
            time.sleep(1.0)
            keeper.kill()
    begun = time.perf_counter()
    answer = subprocess.run(  # noqa: S603 - a constant command
        [sys.executable, "-m", "benchmarks.ledger_process", "recover", uri, MARKET],
        check=True,
        capture_output=True,
        text=True,
    )
    found: dict[str, Any] = json.loads(answer.stdout)
    found["process_seconds"] = time.perf_counter() - begun
    found["lost"] = max(0, _acknowledged(writer) - found["entries"])
    return found


def bytes_each(entries: int) -> dict[str, float]:
    """Bytes on disk an entry, indexes included: of the log, and of all that is kept beside."""
    mongo.client().admin.command("fsync")
    sizes = {}
    for kind in STORED:
        stats = mongo.database().command("collstats", kind._get_collection_name())
        sizes[kind._get_collection_name()] = (
            stats["storageSize"] + stats["totalIndexSize"]
        ) / entries
    return sizes


def _process(task: str, uri: str, folder: Path) -> ChildProcess:
    command = [sys.executable, "-m", "benchmarks.ledger_process", task, uri, MARKET]
    return ChildProcess(task, command, log=folder / f"{task}.log")


def _acknowledged(writer: ChildProcess) -> int:
    lines = writer.log.read_text().rpartition("\n")[0].splitlines() if writer.log.exists() else []
    return int(lines[-1].split()[0]) if lines and lines[-1].split()[0].isdigit() else 0
