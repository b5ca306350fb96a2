"""Bulk calls with segments on their way, when their writer is killed, paused or overtaken."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from chassis import mongo
from chassis.embedded.process import ChildProcess
from chassis.testing.patience import eventually
from services.payments.ledger.documents import SEGMENTS
from services.payments.ledger.repositories.keeper import Keeper
from services.payments.ledger.repositories.projector import Projector
from services.payments.ledger.repositories.segments import MongoLog
from services.payments.ledger.repositories.snapshots import MongoSnapshots
from teahouse.prepare import documents_of
from tests.fault.booking import MARKET
from tests.fault.test_ledger import (
    acknowledged,
    check_books,
    epochs,
    notes,
    wait_for,
)

__all__ = ["notes"]  # a fixture, asked for by its name
MANY = 300


@pytest.fixture
def uri(own_mongod) -> str:
    found = own_mongod.uri("payments")
    mongo.connect(found)
    mongo.ensure_indexes(documents_of("chassis", "services.payments"))
    return found


def booking(uri: str, notes: Path, seed: int, *crash: str) -> ChildProcess:
    command = [
        sys.executable,
        "-m",
        "tests.fault.bulk_booking",
        uri,
        str(notes),
        str(seed),
        *crash,
    ]
    process = ChildProcess("bulk-booking", command, log=notes.with_suffix(".log"))
    process.start()
    return process


def length() -> int:
    return mongo.collection(SEGMENTS).count_documents({})


class TestKilledWriter:
    @pytest.mark.parametrize(("when", "stored"), [("before", 7), ("after", 8)])
    def test_at_an_insert_loses_and_doubles_nothing(self, uri, notes, tmp_path, when, stored):
        process = booking(uri, notes, 1, when, "7")
        eventually(lambda: not process.is_alive(), within_seconds=60)
        assert length() == stored

        successor = booking(uri, notes, 2)
        wait_for(notes, len(acknowledged(notes)) + MANY, successor)
        successor.kill()

        assert check_books(notes, tmp_path) >= MANY

    def test_after_the_answer_and_before_the_projection(self, uri, notes, tmp_path):
        process = booking(uri, notes, 1)
        wait_for(notes, MANY, process)
        process.kill()
        count = check_books(notes, tmp_path)

        Projector(MARKET, MongoLog()).run()
        Projector(MARKET, MongoLog()).run()

        rows = mongo.collection("ledger_entries")
        assert rows.count_documents({}) == count
        assert rows.count_documents({"_id": {"$in": list(acknowledged(notes))}}) == len(
            acknowledged(notes)
        )


class TestTwoLeaders:
    def test_one_that_was_paused_goes_on_without_forking_the_log(self, uri, notes, tmp_path):
        paused, other = booking(uri, notes, 1), booking(uri, notes, 2)
        wait_for(notes, MANY, other)
        eventually(lambda: epochs() == {1, 2}, within_seconds=60)
        for _ in range(3):
            paused.pause()
            wait_for(notes, len(acknowledged(notes)) + MANY, other)
            paused.resume()
            before = mongo.collection(SEGMENTS).count_documents({"epoch": 1})
            eventually(
                lambda before=before: (
                    mongo.collection(SEGMENTS).count_documents({"epoch": 1}) > before
                ),
                within_seconds=60,
            )
        paused.kill()
        other.kill()

        assert check_books(notes, tmp_path) >= 4 * MANY


class TestKilledDatabase:
    def test_with_segments_on_their_way_loses_nothing_acknowledged(
        self, own_mongod, uri, notes, tmp_path
    ):
        process = booking(uri, notes, 1)
        for _ in range(2):
            wait_for(notes, len(acknowledged(notes)) + MANY, process)
            own_mongod.kill()
            own_mongod.start()
        wait_for(notes, len(acknowledged(notes)) + MANY, process)
        process.kill()

        check_books(notes, tmp_path)


class TestKilledKeeper:
    def test_a_writer_starts_from_whatever_it_left(self, uri, notes, tmp_path):
        process = booking(uri, notes, 1)
        wait_for(notes, MANY, process)
        process.kill()
        Keeper(MARKET, MongoLog(), MongoSnapshots(MARKET)).rebuild()

        successor = booking(uri, notes, 2)
        wait_for(notes, len(acknowledged(notes)) + MANY, successor)
        successor.kill()

        check_books(notes, tmp_path)
