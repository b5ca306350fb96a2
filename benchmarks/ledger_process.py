"""Processes that the ledger's benchmarks start: ``keep`` history, ``write``, ``recover``."""

from __future__ import annotations

import json
import sys
import time

from benchmarks.ledger_load import BATCH, FUNDED, HOT, MARKET, Workload, account, funded_books
from chassis import mongo
from chassis.kernel.time import system_clock
from services.payments.ledger.engine.decision import decide
from services.payments.ledger.repositories.keeper import Keeper
from services.payments.ledger.repositories.segments import MongoLog
from services.payments.ledger.repositories.snapshots import MongoSnapshots
from services.payments.ledger.repositories.writer import Writer

POLL_SECONDS = 0.05


def keep(market: str) -> None:
    """Follow the log until killed, as the worker of payments does."""
    keeper = Keeper(market, MongoLog(), MongoSnapshots(market))
    while True:
        keeper.run()
        time.sleep(POLL_SECONDS)


def write(_market: str) -> None:
    """Fill fresh books batch by batch until killed; print what is acknowledged."""
    log, workload = MongoLog(), Workload(5)
    books = funded_books(log)
    while True:
        verdict = decide(books, workload.singles(BATCH), at=int(time.time() * 1000))
        if verdict.segment is None:
            raise AssertionError("nothing was accepted")
        log.append(verdict.segment)
        books.apply(verdict.segment)
        print(books.entry_count, books.head.hex(), flush=True)


def recover(market: str) -> None:
    """Open the books and read a balance; print how long that took and what was found."""
    started = time.perf_counter()
    log = MongoLog()
    writer = Writer(market, log, system_clock, snapshots=MongoSnapshots(market))
    begun = writer.books.entry_count
    writer.catch_up()
    balance = writer.books.accounts.balance(account(HOT + 1), "CNY").posted
    found = {
        "seconds": time.perf_counter() - started,
        "from_snapshot": begun,
        "entries": writer.books.entry_count,
        "balance_read": 0 < balance < 2 * FUNDED,
        "segments": writer.books.next_sequence,
    }
    print(json.dumps(found), flush=True)


if __name__ == "__main__":
    mongo.connect(sys.argv[2])
    {"keep": keep, "write": write, "recover": recover}[sys.argv[1]](
        sys.argv[3] if len(sys.argv) > 3 else MARKET
    )
