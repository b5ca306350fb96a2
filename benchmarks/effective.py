"""How long a balance by the time of effect takes, beside one by the time of booking.

``python -m benchmarks.effective [--json]``. A log of 2,000 segments, an hour apart, of 100
entries each; one segment in ten has entries that take effect up to three days earlier. The
limit for a balance by booking is 10 ms; one by effect costs more the further back it is
asked, because what was booked late since then is read. Answers are checked against the log.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

import numpy as np

from benchmarks import machine
from benchmarks.ledger_load import a_mongod
from chassis import mongo
from chassis.kernel.ids import id_maker
from chassis.kernel.time import system_clock
from services.payments.ledger.domain import Leg, plain
from services.payments.ledger.domain.times import to_milliseconds
from services.payments.ledger.engine.columns import movements
from services.payments.ledger.repositories.history import MongoHistory
from services.payments.ledger.repositories.keeper import Keeper
from services.payments.ledger.repositories.segments import MongoLog
from services.payments.ledger.repositories.snapshots import MongoSnapshots
from services.payments.ledger.repositories.writer import Writer
from teahouse.prepare import documents_of

LIMIT_MS, SEGMENTS, ENTRIES, LATE_EVERY, READS, CHECKED = 10, 2_000, 100, 10, 500, 20
BEGIN, HOUR = datetime(2026, 1, 1, tzinfo=UTC), timedelta(hours=1)
END = BEGIN + SEGMENTS * HOUR
IDS = id_maker(system_clock)
DISTANCES = {"a day": 24 * HOUR, "a month": 720 * HOUR, "all": SEGMENTS * HOUR}


def fill(accounts: Sequence[str]) -> None:
    """Book the log, and keep its history."""
    now, random = [BEGIN], np.random.default_rng(1)
    writer = Writer("main", MongoLog(), lambda: now[0])
    for segment in range(SEGMENTS):
        entries = []
        for number in random.integers(0, len(accounts), ENTRIES).tolist():
            late = segment % LATE_EVERY == 0 and segment > 72
            effective = now[0] - int(random.integers(1, 72)) * HOUR if late else None
            legs = [Leg("external:provider", -7, "CNY"), Leg(accounts[number], 7, "CNY")]
            entries.append(plain(IDS("ent"), legs, "deposit", effective_at=effective))
        for outcome in writer.book(entries):
            outcome.or_raise()
        now[0] += HOUR
    Keeper("main", MongoLog(), MongoSnapshots("main")).run()


def timed(work: Callable[[], object]) -> dict[str, float]:
    """Median and 99th percentile of many runs, in milliseconds."""
    work()
    taken = []
    for _ in range(READS):
        started = time.perf_counter()
        work()
        taken.append((time.perf_counter() - started) * 1000)
    return {
        "p50_ms": round(statistics.median(taken), 2),
        "p99_ms": round(statistics.quantiles(taken, n=100)[98], 2),
    }


def wrong(history: MongoHistory, accounts: Sequence[str]) -> int:
    """How many of some answers differ from what all entries of the log add up to."""
    random, failures = np.random.default_rng(3), 0
    segments = list(MongoLog().since(0))
    numbers = {opened.path: n for n, opened in enumerate(o for s in segments for o in s.accounts)}
    for _ in range(CHECKED):
        path = accounts[int(random.integers(0, len(accounts)))]
        at = BEGIN + int(random.integers(0, SEGMENTS)) * HOUR
        expected = 0
        for segment in segments:
            entries = segment.entries
            effect = np.where(entries.effective_at != 0, entries.effective_at, segment.at)
            counts = np.repeat(effect <= to_milliseconds(at), entries.leg_count)
            posted, _ = movements(entries)
            expected += int(posted[counts & (entries.account == numbers[path])].sum())
        found = history.effective(path, at, history.moment(END)).get("CNY", 0)
        failures += found != expected
    return failures


def measure() -> dict[str, dict[str, float]]:
    """Balances of random accounts at random times, by booking and by effect."""
    accounts = [f"org:{IDS('org')}:pending" for _ in range(1_000)]
    fill(accounts)
    history, random = MongoHistory(MongoLog()), np.random.default_rng(2)
    if failures := wrong(history, accounts):
        raise AssertionError(f"{failures} answers are wrong")

    def booked() -> object:
        at = BEGIN + float(random.random()) * (END - BEGIN)
        path = accounts[int(random.integers(0, len(accounts)))]
        return history.balances(path, history.moment(at))

    def effective(distance: timedelta) -> object:
        path = accounts[int(random.integers(0, len(accounts)))]
        return history.effective(path, END - distance, history.moment(END))

    found = {"booked": timed(booked)}
    for name, distance in DISTANCES.items():
        found[f"effective, {name}"] = timed(partial(effective, distance))
    return found


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    as_json = parser.parse_args().json
    with a_mongod():
        mongo.ensure_indexes(documents_of("chassis", "services.payments"))
        found = measure()
    if as_json:
        print(json.dumps({"limit_ms": LIMIT_MS, **found, "on": machine.machine()}))
        return
    print(machine.machine())
    for name, each in found.items():
        print(f"{name:20} p50 {each['p50_ms']:7.2f} ms  p99 {each['p99_ms']:7.2f} ms")


if __name__ == "__main__":
    main()
