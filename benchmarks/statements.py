"""How long a statement of 60 lines takes in each form, in books of 30,000 entries.

``python -m benchmarks.statements [--json]``. The limit is 100 ms for each form, reading
included. Real mongod; beside it the time of the reading alone.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

from benchmarks import machine
from benchmarks.ledger_load import a_mongod
from chassis import mongo
from chassis.kernel.ids import id_maker
from chassis.kernel.money import Money
from chassis.kernel.time import system_clock
from services.payments.ledger.domain import EntryRequest, transfer
from services.payments.ledger.repositories.projector import Projector
from services.payments.ledger.repositories.segments import MongoLog
from services.payments.ledger.repositories.writer import Writer
from services.payments.statements.adapters.csv_text import csv_text
from services.payments.statements.adapters.page import page
from services.payments.statements.adapters.pdf import pdf
from services.payments.statements.domain import Statement
from services.payments.statements.queries import read_statement
from services.payments.statements.schemas import StatementSchema, shown
from teahouse.prepare import documents_of

LIMIT_MS, LINES, ENTRIES, BATCH, RUNS = 100, 60, 30_000, 500, 200
ZONE = ZoneInfo("Asia/Shanghai")
IDS = id_maker(system_clock)


def entry(account: str) -> EntryRequest:
    """A deposit with its reason, as every entry of the marketplace has one."""
    reason = {
        "why": {
            "en": "Share of the host: 20 % of 31255 fen, rounded by +0 fen",
            "zh": "主理人份额：31255 分的 20 %，取整 +0 分",
        },
        "contract_id": IDS("ctr"),
        "settlement_id": IDS("stl"),
    }
    amount = Money(6_251, "CNY")
    return transfer(IDS("ent"), "external:provider", account, amount, "deposit", reason)


def fill(mine: str) -> None:
    """Book 30,000 entries of a thousand accounts; every so often one is mine."""
    others = [f"org:{IDS('org')}:pending" for _ in range(1_000)]
    writer = Writer("main", MongoLog(), system_clock)
    every = ENTRIES // LINES
    for start in range(0, ENTRIES, BATCH):
        numbers = range(start, start + BATCH)
        accounts = [mine if n % every == every - 1 else others[n % 1_000] for n in numbers]
        writer.book([entry(account) for account in accounts])
    Projector("main", MongoLog()).run()


def timed(work: Callable[[], object]) -> dict[str, float]:
    """Median and 99th percentile of many runs, in milliseconds; and the processor's part."""
    work()
    taken, computed = [], time.process_time()
    for _ in range(RUNS):
        started = time.perf_counter()
        work()
        taken.append((time.perf_counter() - started) * 1000)
    return {
        "cpu_ms": round((time.process_time() - computed) * 1000 / RUNS, 2),
        "p50_ms": round(statistics.median(taken), 2),
        "p99_ms": round(statistics.quantiles(taken, n=100)[98], 2),
    }


def measure() -> dict[str, dict[str, float]]:
    """Every form of the same statement."""
    mine = f"org:{IDS('org')}:pending"
    fill(mine)
    now = system_clock()

    def read() -> Statement:
        start, end = now - timedelta(days=1), now + timedelta(days=1)
        return read_statement(mine, "CNY", start=start, end=end)

    lines = len(read().lines)
    if lines != LINES:
        raise AssertionError(f"{lines} lines, not {LINES}")
    schema = StatementSchema()
    return {
        "reading": timed(read),
        "json": timed(lambda: json.dumps(schema.dump(shown(read())))),
        "csv": timed(lambda: csv_text(read(), ZONE)),
        "html": timed(lambda: page(read(), ZONE)),
        "pdf": timed(lambda: pdf(read(), ZONE, anchor="Books of a day: root")),
    }


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    as_json = parser.parse_args().json
    with a_mongod():
        mongo.ensure_indexes(documents_of("chassis", "services.payments"))
        found = measure()
    if as_json:
        print(json.dumps({"limit_ms": LIMIT_MS, "lines": LINES, **found, "on": machine.machine()}))
        return
    print(machine.machine())
    for name, each in found.items():
        verdict = "" if each["p99_ms"] <= LIMIT_MS else f"  ABOVE {LIMIT_MS} ms"
        print(
            f"{name:8} p50 {each['p50_ms']:7.2f} ms  p99 {each['p99_ms']:7.2f} ms"
            f"  processor {each['cpu_ms']:6.2f} ms{verdict}"
        )


if __name__ == "__main__":
    main()
