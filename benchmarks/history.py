"""What the history of documents costs: ``python -m benchmarks.history``.

The same lots are published 500 a transaction, as an import does, then closed one by one
and 200 a transaction, in turns with their history kept and without.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from benchmarks.backbone import machinery
from chassis import mongo
from chassis.kernel.decisions import Decision
from chassis.kernel.ids import id_maker
from chassis.kernel.money import Money
from chassis.kernel.time import system_clock
from services.catalog.lots.documents import StockLotDocument
from services.catalog.lots.domain import (
    ClosingReason,
    Condition,
    Description,
    Goods,
    Manifest,
    ManifestLine,
    StockLot,
    Terms,
)
from services.catalog.lots.repositories import MongoLots
from teahouse.prepare import documents_of

CHUNK, SWEEP, ALONE = 500, 200, 100

ids = id_maker(system_clock)
lots = MongoLots()


def a_lot(brand_id: str) -> Decision[StockLot]:
    """A lot of ten packs, about to be published."""
    line = ManifestLine("HC-1", "Hair clip", 100, Money(1250, "CNY"), Condition.NEW)
    terms = Terms(10, system_clock() + timedelta(days=9), max_packs_per_host=5)
    goods = Goods(Description("Hair clips", "accessories", ("hair",)), Manifest((line,)), terms)
    return StockLot.publish(ids("lot"), brand_id, goods=goods, at=system_clock())


def closing(lot_ids: list[str]) -> list[Decision[StockLot]]:
    """These lots, about to be withdrawn."""
    now = system_clock()
    return [lot.close(ClosingReason.WITHDRAWN, at=now) for lot in lots.find(lot_ids).values()]


@contextmanager
def without_history() -> Iterator[None]:
    """Lots whose document names no owner."""
    owner = StockLotDocument._meta.pop("owner")
    try:
        yield
    finally:
        StockLotDocument._meta["owner"] = owner


def round_of() -> dict[str, float]:
    """Milliseconds for each lot in three ways of saving it."""
    made = [a_lot(ids("org")) for _ in range(CHUNK)]
    spent = {"published, 500 a transaction": _timed(lambda: lots.save_all(made), CHUNK)}
    lot_ids = [decision.state.id for decision in made]
    alone = [closing([lot_id]) for lot_id in lot_ids[:ALONE]]
    spent["changed, one a transaction"] = _timed(lambda: _save_each(alone), ALONE)
    many = closing(lot_ids[ALONE : ALONE + SWEEP])
    spent["changed, 200 a transaction"] = _timed(lambda: lots.save_all(many), SWEEP)
    return spent


def _save_each(runs: list[list[Decision[StockLot]]]) -> None:
    for decisions in runs:
        lots.save_all(decisions)


def _timed(work: Callable[[], object], count: int) -> float:
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000 / count


def main() -> None:
    """Run it in turns and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    asked = parser.parse_args()
    plain: dict[str, list[float]] = defaultdict(list)
    kept: dict[str, list[float]] = defaultdict(list)
    with machinery():
        mongo.ensure_indexes(documents_of("chassis", "services.catalog"))
        round_of()
        for _ in range(asked.rounds):
            with without_history():
                for way, spent in round_of().items():
                    plain[way].append(spent)
            for way, spent in round_of().items():
                kept[way].append(spent)
    for way, figures in plain.items():
        before, after = statistics.median(figures), statistics.median(kept[way])
        print(f"{way:30} {before:6.3f} ms without, {after:6.3f} ms with ({after - before:+.3f})")


if __name__ == "__main__":
    main()
