"""The books after a kill -9 of the writer, of the database, and after replies got lost."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from chassis import mongo
from chassis.embedded.mongod import Mongod
from chassis.embedded.process import ChildProcess
from chassis.kernel.ids import id_maker, to_int
from chassis.kernel.time import system_clock
from chassis.testing.faults import FaultProxy
from chassis.testing.patience import eventually
from services.payments.ledger.documents import SEGMENTS, SegmentDocument
from services.payments.ledger.domain import LedgerUnavailable, Status
from services.payments.ledger.engine.books import Books
from services.payments.ledger.queries import LedgerQueries
from services.payments.ledger.repositories.segments import MongoLog
from services.payments.ledger.repositories.writer import Writer
from teahouse.ledger.verify import verify
from tests.fault.booking import MARKET, entries

MANY = 200
Places = dict[str, tuple[int, int]]


@pytest.fixture
def uri(own_mongod: Mongod) -> str:
    """Of an empty database that this process is connected to."""
    found = own_mongod.uri("payments")
    mongo.connect(found)
    mongo.ensure_indexes([SegmentDocument])
    return found


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    return tmp_path / "acknowledged"


def booking(uri: str, notes: Path, seed: int) -> ChildProcess:
    """A started process that books and notes."""
    command = [sys.executable, "-m", "tests.fault.booking", uri, str(notes), str(seed)]
    process = ChildProcess("booking", command, log=notes.with_suffix(".log"))
    process.start()
    return process


def acknowledged(notes: Path) -> Places:
    if not notes.exists():
        return {}
    whole = notes.read_text().rpartition("\n")[0]
    words = (line.split() for line in whole.splitlines())
    return {entry: (int(segment), int(index)) for entry, segment, index in words}


def wait_for(notes: Path, count: int, process: ChildProcess) -> None:
    deadline = time.monotonic() + 60
    while len(acknowledged(notes)) < count:
        assert process.is_alive(), process.tail()
        assert time.monotonic() < deadline, process.tail()
        time.sleep(0.02)


def check_books(notes: Path, tmp_path: Path) -> int:
    """Everything acknowledged is found where it was said to be; chain and sums are right."""
    log = MongoLog()
    books, stored = Books(MARKET, log.read), {}
    for segment in log.since(0):
        books.apply(segment)
        for index, number in enumerate(segment.entries.numbers()):
            assert number not in stored, "booked twice"
            stored[number] = (segment.sequence, index)
    told = acknowledged(notes)
    assert told
    assert {entry: stored.get(to_int(entry)) for entry in told} == told
    assert not any(books.accounts.trial_balance().values())
    export = tmp_path / "export.ndjson"
    export.write_text("".join(LedgerQueries(MARKET, log).export()), encoding="utf-8")
    assert verify(export, head=books.head.hex()).ok
    return books.entry_count


def epochs() -> set[int]:
    """Whose segments the log holds: each writer here has an epoch of its own."""
    return {row["epoch"] for row in mongo.collection(SEGMENTS).find({}, {"epoch": 1})}


class TestKilledWriter:
    def test_what_was_acknowledged_is_in_the_log(self, uri, notes, tmp_path):
        for round_number in range(1, 4):
            process = booking(uri, notes, round_number)
            wait_for(notes, MANY * round_number, process)
            process.kill()

        assert check_books(notes, tmp_path) >= 3 * MANY

    def test_two_at_once_of_which_one_is_killed_keep_one_chain(self, uri, notes, tmp_path):
        doomed, other = booking(uri, notes, 1), booking(uri, notes, 2)
        wait_for(notes, MANY, other)
        eventually(lambda: epochs() == {1, 2}, within_seconds=60)
        doomed.kill()
        wait_for(notes, len(acknowledged(notes)) + MANY, other)
        other.kill()

        assert check_books(notes, tmp_path) >= 2 * MANY


class TestKilledDatabase:
    def test_what_was_acknowledged_survives_and_booking_goes_on(
        self, own_mongod, uri, notes, tmp_path
    ):
        process = booking(uri, notes, 1)
        for count in (MANY, 2 * MANY):
            wait_for(notes, count, process)
            own_mongod.kill()
            own_mongod.start()
        wait_for(notes, len(acknowledged(notes)) + MANY, process)
        process.kill()

        check_books(notes, tmp_path)


class TestLostReply:
    @pytest.fixture
    def proxy(self, own_mongod: Mongod) -> Iterator[FaultProxy]:
        with FaultProxy(own_mongod.port) as proxy:
            mongo.connect(
                f"mongodb://{proxy.address}/payments?directConnection=true"
                "&socketTimeoutMS=500&retryWrites=false"
            )
            mongo.ensure_indexes([SegmentDocument])
            yield proxy

    def test_a_segment_whose_reply_was_lost_is_found_again(self, proxy):
        log = MongoLog()
        writer = Writer(MARKET, log, system_clock)
        writer.catch_up()
        healing = threading.Timer(1.0, proxy.heal)
        proxy.blackhole("replies")
        healing.start()

        (outcome,) = writer.book(entries(id_maker(system_clock))[:1])

        healing.join()
        assert outcome.status is Status.POSTED
        assert [segment.entry_count for segment in log.since(0)] == [1]

    def test_without_any_reply_the_outcome_is_unknown_and_later_told(self, proxy):
        log = MongoLog(append_seconds=1.0)
        writer = Writer(MARKET, log, system_clock)
        writer.catch_up()
        wanted = entries(id_maker(system_clock))[:1]
        proxy.blackhole("replies")

        with pytest.raises(LedgerUnavailable):
            writer.book(wanted)

        proxy.heal()
        (outcome,) = writer.book(wanted)
        assert outcome.stands
        assert [segment.entry_count for segment in log.since(0)] == [1]
