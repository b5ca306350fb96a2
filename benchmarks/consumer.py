"""How fast a consumer works off a backlog: ``python -m benchmarks.consumer``.

The handler is of the real kind: for each event it writes a hold, moves an account and
publishes a reply, all in the transaction that moves the head of the event's subject.
"""

from __future__ import annotations

import argparse
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from pymongo import InsertOne, UpdateOne

from benchmarks.backbone import BACKBONE, describe, fill_outbox, machinery
from chassis import mongo, outbox
from chassis.cluster import Cluster
from chassis.consumer.applier import Applier
from chassis.consumer.loop import GroupLoop
from chassis.envelope import Event
from chassis.kernel.decisions import Message
from chassis.kernel.ids import derived_id
from chassis.mongo import collection
from chassis.pace import Pace
from chassis.relay import Relay
from chassis.settings import Settings

BAR = 3_000
LOOK_SECONDS = 0.05
GIVE_UP_SECONDS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldPlaced(Message):
    """The reply each event is answered with."""

    type: ClassVar[str] = "payments.reply.hold-placed.v1"
    topic: ClassVar[str] = "teahouse.matching.saga-replies"
    claim_id: str
    minor: int

    @property
    def key(self) -> str:
        return self.correlation_id


def hold(events: Sequence[Event]) -> None:
    """Write a hold, move an account and reply, for each event."""
    now = datetime.now(UTC)
    collection("holds").bulk_write(
        [
            InsertOne({"_id": event.id, "lot": event.subject, "minor": event.data["packs"]})
            for event in events
        ]
    )
    collection("accounts").bulk_write(
        [
            UpdateOne(
                {"_id": event.subject},
                {"$inc": {"held": event.data["packs"], "version": 1}},
                upsert=True,
            )
            for event in events
        ]
    )
    outbox.append(
        messages=[
            HoldPlaced(
                id=derived_id("msg", event.id, "reply"),
                correlation_id=event.subject,
                occurred_at=now,
                claim_id=event.subject,
                minor=event.data["packs"],
            )
            for event in events
        ]
    )


def publish(settings: Settings, rows: int) -> None:
    """Put a backlog on the broker."""
    fill_outbox(rows)
    relay = Relay(settings, Cluster(settings), Pace())
    while relay.step():
        pass
    relay.close()


def work_off(broker: Settings, service: Settings, rows: int) -> float:
    """Events a second from the first one handled to the last."""
    mongo.disconnect()
    mongo.connect(service.mongo_uri)
    mongo.client().drop_database(mongo.database().name)
    mongo.ensure_indexes(BACKBONE)
    outbox.publish_as(service.source)
    group = f"payments.bench-{time.monotonic_ns()}"
    stopping = threading.Event()
    applier = Applier(group, {"catalog.lot.published.v1": hold}, Pace())
    cluster = Cluster(broker)
    loop = GroupLoop(service, cluster, applier, ["teahouse.catalog.lot"], Pace())
    thread = threading.Thread(target=loop.run, args=(stopping,))
    thread.start()
    try:
        begun, at_start = _wait_for(1)
        ended, _ = _wait_for(rows)
    finally:
        stopping.set()
        thread.join()
        cluster.close()
    held = sum(row["held"] for row in collection("accounts").find({}, {"held": 1}))
    promised = sum(row["minor"] for row in collection("holds").find({}, {"minor": 1}))
    if held != promised:
        raise AssertionError(f"accounts hold {held}, holds say {promised}")
    return (rows - at_start) / (ended - begun)


def _wait_for(count: int) -> tuple[float, int]:
    give_up = time.monotonic() + GIVE_UP_SECONDS
    while time.monotonic() < give_up:
        found = collection("holds").estimated_document_count()
        if found >= count:
            return time.perf_counter(), found
        time.sleep(LOOK_SECONDS)
    raise TimeoutError(f"fewer than {count} handled after {GIVE_UP_SECONDS} s")


def main() -> None:
    """Run it a few times and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()
    with machinery() as catalog:
        publish(catalog, asked.rows)
        payments = Settings(
            service="payments",
            mongo_uri=catalog.mongo_uri.replace("/catalog", "/payments"),
            kafka_brokers=catalog.kafka_brokers,
        )
        figures = [work_off(catalog, payments, asked.rows) for _ in range(asked.runs)]
    describe(f"consumer, backlog of {asked.rows:,}", figures, "events/s", BAR)


if __name__ == "__main__":
    main()
