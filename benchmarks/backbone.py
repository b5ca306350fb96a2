"""What the event benchmarks share: a machine to name, a mongod, a broker, a full outbox."""

from __future__ import annotations

import random
import shutil
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

from benchmarks.machine import machine
from chassis import mongo, outbox
from chassis.consumer.parking import ParkedEvent
from chassis.consumer.watch import ReadTopic
from chassis.deadletters import DeadLetter
from chassis.embedded.broker import Tansu
from chassis.embedded.mongod import Mongod
from chassis.embedded.ports import free_port
from chassis.inbox import HandledMessage, InboxHead
from chassis.kernel.decisions import DomainEvent
from chassis.kernel.ids import from_int
from chassis.kernel.money import Money
from chassis.lease import LeaseRow
from chassis.outbox import OutboxRow
from chassis.settings import Settings

ROWS_A_WRITE = 2_000
BACKBONE = (OutboxRow, InboxHead, HandledMessage, ParkedEvent, DeadLetter, ReadTopic, LeaseRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered(DomainEvent):
    """A fact of the usual size: some 800 bytes on the wire."""

    type: ClassVar[str] = "catalog.lot.published.v1"
    lot_id: str
    brand_id: str
    title: str
    category: str
    tags: tuple[str, ...]
    unit_price: Money
    packs: int

    @property
    def subject(self) -> str:
        return self.lot_id


@contextmanager
def machinery(service: str = "catalog") -> Iterator[Settings]:
    """A mongod and a broker of their own for a while; this process is connected to them."""
    folder = Path(tempfile.mkdtemp(prefix="teahouse-bench-"))
    mongod = Mongod(folder / "mongod", port=free_port(), log=folder / "mongod.log")
    broker = Tansu(port=free_port(), log=folder / "broker.log")
    try:
        mongod.start()
        broker.start()
        settings = Settings(
            service=service, mongo_uri=mongod.uri(service), kafka_brokers=broker.address
        )
        mongo.connect(settings.mongo_uri)
        mongo.ensure_indexes(BACKBONE)
        outbox.publish_as(settings.source)
        yield settings
    finally:
        mongo.disconnect()
        broker.kill()
        mongod.kill()
        shutil.rmtree(folder, ignore_errors=True)


def fill_outbox(rows: int, *, a_subject: int = 5) -> None:
    """Store so many events, several of each subject, as a service that was cut off would."""
    chance = random.Random(7)
    now = datetime.now(UTC)
    numbered: list[tuple[DomainEvent, int]] = []
    for place in range(rows):
        lot_id = from_int("lot", (place // a_subject) * 7_919 + 1)
        event = Entered(
            occurred_at=now,
            lot_id=lot_id,
            brand_id=from_int("org", chance.randrange(300)),
            title=f"Oolong of the third picking, tin {place}",
            category="tea",
            tags=("tea", "oolong", "spring", "gift"),
            unit_price=Money(chance.randrange(100, 20_000), "CNY"),
            packs=chance.randrange(1, 500),
        )
        numbered.append((event, place % a_subject + 1))
        if len(numbered) == ROWS_A_WRITE:
            outbox.append_numbered(numbered)
            numbered.clear()
    outbox.append_numbered(numbered)


def describe(title: str, figures: Sequence[float], unit: str, bar: float) -> None:
    """Print what ran where, every figure, the median, and the bar it is held against."""
    print(f"{title}\n{machine()}")
    print(f"  runs      {', '.join(f'{figure:,.0f}' for figure in figures)} {unit}")
    print(f"  median    {statistics.median(figures):,.0f} {unit}   (bar: {bar:,.0f})")
