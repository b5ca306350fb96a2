"""What the ledger's benchmarks share: a mongod, funded books, batches of random entries."""

from __future__ import annotations

import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from chassis import mongo
from chassis.embedded.mongod import Mongod
from chassis.embedded.ports import free_port
from chassis.kernel.ids import from_int
from services.payments.ledger import documents
from services.payments.ledger.engine.books import Books
from services.payments.ledger.engine.columns import I64, NO_FLOOR, Entries, Kind
from services.payments.ledger.engine.decision import decide
from services.payments.ledger.engine.segments import Batch, OpenedAccount
from services.payments.ledger.repositories.segments import MongoLog

MARKET = "bench"
BATCH = 8_189
ACCOUNTS = 10_000
FUNDED = 1 << 40
HOT = 1
HOLDS, ENDS, POSTED, SINGLE = 0.05, 0.05, 0.6, 0.7  # shares of the mix
STORED = (
    documents.SegmentDocument,
    documents.ProbeDocument,
    documents.EraDocument,
    documents.PageDocument,
    documents.NumberedAccountDocument,
    documents.SnapshotDocument,
    documents.SnapshotPartDocument,
)


class Figures(NamedTuple):
    """One run: entries a second, milliseconds a batch or call, our own CPU an entry."""

    rate: float
    p50: float
    p99: float
    accepted: float
    cpu_microseconds: float


@contextmanager
def a_mongod() -> Iterator[str]:
    """The URI of a mongod of its own, to which we are connected; its data is on disk."""
    folder = Path(tempfile.mkdtemp(prefix="teahouse-bench-"))
    server = Mongod(folder / "mongod", port=free_port(), log=folder / "mongod.log")
    try:
        server.start()
        mongo.connect(server.uri("payments"))
        yield server.uri("payments")
    finally:
        mongo.disconnect()
        server.kill()
        shutil.rmtree(folder, ignore_errors=True)


class Workload:
    """Batches of random entries over the same accounts, from a seed."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.milliseconds = int(time.time() * 1000)
        self.held: list[tuple[int, int]] = []

    def ids(self, count: int) -> dict[str, np.ndarray]:
        """Ids in the order of their time but for 20 ms of disorder."""
        late = self.random.integers(0, 20, count)
        now = self.milliseconds + np.arange(count) // 1000 - late
        self.milliseconds += count // 1000 + 1
        high = now.astype(np.uint64) << np.uint64(16)
        high |= self.random.integers(0, 1 << 16, count, dtype=np.uint64)
        return {"id_high": high, "id_low": self.random.integers(0, 1 << 63, count, np.uint64)}

    def singles(
        self, count: int, *, source: int | None = None, target: int | None = None
    ) -> Batch:
        """Transfers of two legs, all from or to one account if that is given."""
        account = np.empty((count, 2), np.uint32)
        account[:, 0] = self.random.integers(2, ACCOUNTS + 1, count) if source is None else source
        account[:, 1] = self.random.integers(2, ACCOUNTS + 1, count) if target is None else target
        minor = self.random.integers(1, 100, count)
        return Batch(
            entries=Entries.of(
                **self.ids(count),
                leg_count=np.full(count, 2, np.uint8),
                code=np.ones(count, np.uint16),
                account=account.ravel(),
                amount=np.stack((-minor, minor), axis=1).ravel(),
            )
        )

    def again(self, batch: Batch) -> Batch:
        """The same entries under new ids."""
        return replace(batch, entries=replace(batch.entries, **self.ids(len(batch.entries))))

    def mix(self, count: int) -> Batch:
        """Of ten entries six are transfers, three have four legs, one places or ends a hold."""
        ids = self.ids(count)
        draw = self.random.random(count)
        kind = np.zeros(count, np.uint8)
        kind[draw < HOLDS] = Kind.HOLD
        ends = (draw >= HOLDS) & (draw < HOLDS + ENDS)
        ends &= np.cumsum(ends) <= len(self.held)
        kind[ends] = np.where(self.random.random(int(ends.sum())) < POSTED, Kind.POST, Kind.VOID)
        legs = np.where(draw > SINGLE, 4, 2)
        legs[ends] = 0
        amounts = [self._amounts(many) for many in legs.tolist() if many]
        ended = [self.held.pop() for _ in range(int(ends.sum()))]
        placed = np.flatnonzero(kind == Kind.HOLD)
        halves = (ids["id_high"][placed].tolist(), ids["id_low"][placed].tolist())
        self.held = [*zip(*halves, strict=True), *self.held]
        return Batch(
            entries=Entries.of(
                **ids,
                kind=kind,
                leg_count=legs.astype(np.uint8),
                code=np.ones(count, np.uint16),
                account=self.random.integers(2, ACCOUNTS + 1, legs.sum()).astype(np.uint32),
                amount=np.concatenate(amounts),
                pending_high=np.array([high for high, _ in ended], np.uint64),
                pending_low=np.array([low for _, low in ended], np.uint64),
            )
        )

    def _amounts(self, legs: int) -> I64:
        incoming = self.random.integers(1, 100, legs - 1)
        return np.concatenate(([-incoming.sum()], incoming))


def account(number: int) -> str:
    """The path of the account of this number."""
    return f"org:{from_int('org', number)}:available"


def funded_books(log: MongoLog, tight: int = FUNDED) -> Books:
    """Fresh books in which every account has money; the hot one has ``tight``."""
    for kind in STORED:
        kind.drop_collection()
    mongo.ensure_indexes(STORED)
    books = Books(MARKET, log.read)
    for first in range(HOT, ACCOUNTS + 1, ACCOUNTS // 2):
        batch = _funding(np.arange(first, first + ACCOUNTS // 2), tight)
        verdict = decide(books, batch, at=1)
        if verdict.segment is None:
            raise AssertionError("nothing was funded")
        log.append(verdict.segment)
        books.apply(verdict.segment)
    return books


def _funding(numbers: I64, tight: int) -> Batch:
    """Deposits that open these accounts; the first of all opens the world outside too."""
    opened = [OpenedAccount(account(number), "CNY", 0) for number in numbers.tolist()]
    begins = bool(numbers[0] == HOT)
    minor = np.full(len(numbers), FUNDED, np.int64)
    minor[numbers == HOT] = tight
    legs = np.stack((np.zeros(len(numbers), np.int64), numbers), axis=1)
    outside = [OpenedAccount("external:provider", "CNY", NO_FLOOR)] if begins else []
    return Batch(
        entries=Entries.of(
            id_high=np.zeros(len(numbers), np.uint64),
            id_low=numbers.astype(np.uint64),
            leg_count=np.full(len(numbers), 2, np.uint8),
            code=np.ones(len(numbers), np.uint16),
            account=legs.ravel().astype(np.uint32),
            amount=np.stack((-minor, minor), axis=1).ravel(),
        ),
        accounts=[*outside, *opened],
        words=["deposit"] if begins else [],
    )


def percentiles(seconds: Sequence[float]) -> tuple[float, float]:
    """The median and the 99th of a hundred, in milliseconds."""
    ordered = sorted(seconds)
    return (
        statistics.median(ordered) * 1000,
        ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))] * 1000,
    )
