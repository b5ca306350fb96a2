"""Callers of the books: one transfer at a time, and the baseline of a transaction each."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import numpy as np

from benchmarks.ledger_load import FUNDED, MARKET, Figures, account, funded_books, percentiles
from chassis import mongo
from chassis.kernel.ids import id_maker
from chassis.kernel.money import Money
from chassis.kernel.time import system_clock
from services.payments.ledger.domain import transfer
from services.payments.ledger.repositories.segments import MongoLog
from services.payments.ledger.repositories.sequencer import Sequencer
from services.payments.ledger.repositories.writer import Writer


def group_commit(log: MongoLog, threads: int, seconds: float) -> Figures:
    """Callers that submit one transfer at a time and wait for each."""
    funded_books(log)
    sequencer = Sequencer(lambda: Writer(MARKET, log, system_clock))
    ids = id_maker(system_clock)
    latencies: list[list[float]] = [[] for _ in range(threads)]
    # Opening the books is no part of it: that is what recovery measures.
    opening = transfer(ids("ent"), account(2), account(3), Money(1, "CNY"), "deposit")
    sequencer.submit([opening])[0].or_raise()
    worked = time.process_time()
    until = time.perf_counter() + seconds

    def call(mine: list[float]) -> None:
        source, target = account(2), account(3)
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
