"""Facts about packs of lots, put on a broker as catalog puts them, for benchmarks of matching."""

from __future__ import annotations

import json
import os
import random
import sys
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from pymongo import UpdateOne

from benchmarks.matching_market import Market
from chassis.broker_client import Line
from chassis.cluster import Cluster
from chassis.context import NOBODY
from chassis.embedded.ports import free_port
from chassis.embedded.process import ChildProcess
from chassis.envelope import Stamp, event_json
from chassis.kernel.ids import from_int
from chassis.kernel.time import system_clock
from chassis.mongo import collection
from chassis.settings import Settings
from services.catalog.stock.events import PacksEvent, PacksReleased, PacksReserved
from services.matching.app import PROJECTED

TOPIC = "teahouse.catalog.lot"
SOURCE = "/catalog/1"
EVENTS_A_WRITE = 400
FREE, TAKEN = 5, 1


class Feed:
    """Tells of packs, each lot's facts numbered from one, as catalog's relay would."""

    def __init__(self, settings: Settings, market: Market, besides: Collection[str]) -> None:
        self._cluster = Cluster(settings)
        self._cluster.ensure([*PROJECTED, "teahouse.matching.saga-replies"], mend=False)
        self._producer: Any = Line(
            KafkaProducer,
            settings,
            acks="all",
            linger_ms=0,
            enable_idempotence=False,
            max_in_flight_requests_per_connection=1,
        ).client
        self._brand_of = {lot.lot_id: lot.brand_id for lot in market.lots}
        self._lots = [lot.lot_id for lot in market.lots if lot.lot_id not in besides]
        self._chance = random.Random(5)
        self._sequences: Counter[str] = Counter()
        self.free: dict[str, int] = {}
        self.told = 0

    def packs(self, lot_id: str, free: int) -> None:
        """Tell that a claim left so many packs free, or gave them back."""
        self._producer.send(
            self._cluster.on_wire(TOPIC),
            key=lot_id.encode(),
            value=self._event(lot_id, free).encode(),
        )

    def anything(self) -> None:
        """Tell that packs of some lot, besides those it was made with, went or came back."""
        lot_id = self._chance.choice(self._lots)
        self.packs(lot_id, FREE - TAKEN if self.free.get(lot_id, FREE) == FREE else FREE)

    def flush(self) -> None:
        """Wait until the broker has all that was told."""
        self._producer.flush()

    def close(self) -> None:
        """End the connections."""
        self._producer.close()
        self._cluster.close()

    def _event(self, lot_id: str, free: int) -> str:
        number = self._sequences[lot_id] = self._sequences[lot_id] + 1
        self.told += 1
        is_taken = free < self.free.get(lot_id, FREE)
        self.free[lot_id] = free
        now = system_clock()
        about: dict[str, Any] = {
            "occurred_at": now,
            "lot_id": lot_id,
            "brand_id": self._brand_of[lot_id],
            "claim_id": "clm" + lot_id[3:],
            "host_id": from_int("org", number),
            "packs": TAKEN,
            "packs_free": free,
            "reservation_id": "rsv" + lot_id[3:],
        }
        fact: PacksEvent = (
            PacksReserved(**about) if is_taken else PacksReleased(**about, reason="expired")
        )
        return event_json(
            fact,
            event_id=from_int("evt", self.told),
            sequence=number,
            stamp=Stamp(source=SOURCE, context=NOBODY, recorded_at=now),
        )


@contextmanager
def worker(settings: Settings) -> Iterator[None]:
    """Matching's own worker, while the block runs."""
    with TemporaryDirectory(prefix="teahouse-bench-") as folder:
        process = ChildProcess(
            "worker",
            [sys.executable, "-m", "chassis.worker", "services.matching.app"],
            log=Path(folder) / "worker.log",
            environment={
                "MATCHING_MONGO_URI": settings.mongo_uri,
                "MATCHING_WORKER_INTERNAL_PORT": str(free_port()),
                "MATCHING_NUDGE_PORT": str(free_port()),
                "TEAHOUSE_KAFKA_BROKERS": settings.kafka_brokers,
                "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            },
        )
        process.start()
        try:
            yield
        finally:
            process.stop()


def projected() -> int:
    """How many of catalog's events the worker has taken in."""
    found = collection("inbox_heads").aggregate(
        [
            {"$match": {"_id": {"$regex": rf"^matching\.projection\|{SOURCE}\|"}}},
            {"$group": {"_id": None, "handled": {"$sum": "$sequence"}}},
        ]
    )
    return sum(int(row["handled"]) for row in found)


def agrees(feed: Feed) -> None:
    """Raise ``AssertionError`` unless every lot has the packs that were told last."""
    wanted = {"_id": {"$in": list(feed.free)}}
    found = {
        row["_id"]: row["packs_free"]
        for row in collection("offers").find(wanted, {"packs_free": 1})
    }
    if found != feed.free:
        raise AssertionError("what is stored is not what was told last")


class Bare:
    """The limit: a consumer that checks nothing and writes the same, 400 updates a write.

    No transaction, no order kept, nothing dropped that was handled before, to a collection of
    its own with the same lots.
    """

    def __init__(self, settings: Settings) -> None:
        collection("offers").aggregate([{"$out": "bare"}])
        cluster = Cluster(settings)
        topic = cluster.on_wire(TOPIC)
        cluster.close()
        self._consumer: Any = Line(
            KafkaConsumer, settings, enable_auto_commit=False, auto_offset_reset="earliest"
        ).client
        self._consumer.assign(
            [TopicPartition(topic, each) for each in range(settings.topic_partitions)]
        )

    def read(self, count: int) -> None:
        """Take in so many events."""
        waiting: list[UpdateOne] = []
        for _ in range(count):
            waiting.append(_update(json.loads(next(self._consumer).value)["data"]))
            if len(waiting) == EVENTS_A_WRITE:
                _write(waiting)
        _write(waiting)

    def close(self) -> None:
        """End the connection."""
        self._consumer.close()


def _update(data: dict[str, Any]) -> UpdateOne:
    held = {"host_id": data["host_id"], "packs": data["packs"]}
    noted = {"packs_free": data["packs_free"], "packs_kept": data["packs_kept"]}
    return UpdateOne(
        {"_id": data["lot_id"]}, {"$set": {**noted, f"holdings.{data['claim_id']}": held}}
    )


def _write(waiting: list[UpdateOne]) -> None:
    if waiting:
        collection("bare").bulk_write(waiting, ordered=False)
        waiting.clear()
