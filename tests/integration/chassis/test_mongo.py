"""The traps of transactions with MongoEngine, each shown to be closed."""

from __future__ import annotations

import threading
import time

import pytest
from mongoengine import IntField, StringField
from mongoengine.errors import OperationError
from pymongo.errors import DuplicateKeyError, OperationFailure

from chassis import mongo
from chassis.mongo import (
    AggregateDocument,
    atomically,
    collection,
    ensure_indexes,
    on_commit,
)


class Pot(AggregateDocument):
    meta = {"collection": "pots", "auto_create_index": False, "indexes": ["cups"]}
    id = StringField(primary_key=True)
    cups = IntField(required=True)


@pytest.fixture(autouse=True)
def pots(database):
    ensure_indexes([Pot])


def a_pot(pot_id: str = "pot") -> None:
    Pot(id=pot_id, cups=100, version=1, last_sequence=0).save(force_insert=True)


def fail_next(mode: object, **data: object) -> None:
    command = {"configureFailPoint": "failCommand", "mode": mode, "data": data}
    mongo.client().admin.command(command)


class TestConnect:
    def test_refuses_a_write_concern_in_the_uri(self):
        with pytest.raises(ValueError, match="leave w= out"):
            mongo.connect("mongodb://127.0.0.1:1/tea?w=majority")

    def test_refuses_a_uri_without_a_database(self):
        with pytest.raises(ValueError, match="names no database"):
            mongo.connect("mongodb://127.0.0.1:1/?replicaSet=rs0")


class TestAtomically:
    def test_commits_saves_updates_and_queries_together(self):
        def work() -> int:
            a_pot()
            Pot.objects(id="pot").update(set__cups=7)
            return Pot.objects(cups=7).count()

        assert atomically(work) == 1
        assert collection("pots").find_one()["cups"] == 7

    def test_rolls_all_of_it_back_when_work_raises(self):
        def work() -> None:
            a_pot()
            Pot.objects(id="pot").update(set__cups=7)
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            atomically(work)

        assert collection("pots").count_documents({}) == 0

    def test_shows_nothing_to_other_threads_before_the_commit(self):
        seen: list[int] = []

        def look() -> None:
            seen.append(Pot.objects(id__exists=True).count())

        def work() -> None:
            a_pot()
            thread = threading.Thread(target=look)
            thread.start()
            thread.join()

        atomically(work)

        assert seen == [0]

    def test_joins_a_transaction_that_is_open(self):
        def outer() -> None:
            atomically(a_pot)
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            atomically(outer)

        assert collection("pots").count_documents({}) == 0

    def test_sells_a_hot_pot_exactly_though_mongoengine_hides_the_label_to_retry(self):
        a_pot()
        sold: list[bool] = []

        def claim() -> bool:
            pot = Pot.objects.get(pk="pot")
            if not pot.cups:
                return False
            pot.cups -= 1
            pot.save()
            return True

        def claims() -> None:
            sold.extend(atomically(claim, timeout_seconds=60) for _ in range(20))

        threads = [threading.Thread(target=claims) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert (len(sold), sum(sold)) == (160, 100)
        assert collection("pots").find_one()["cups"] == 0

    def test_runs_again_after_a_write_conflict(self):
        runs: list[int] = []
        fail_next(
            {"times": 2},
            failCommands=["insert"],
            errorCode=112,
            errorLabels=["TransientTransactionError"],
        )

        atomically(lambda: (runs.append(1), a_pot()))

        assert len(runs) == 3
        assert collection("pots").count_documents({}) == 1

    def test_stores_once_when_the_connection_breaks_at_the_commit(self):
        runs: list[int] = []
        fail_next({"times": 1}, failCommands=["commitTransaction"], closeConnection=True)

        atomically(lambda: (runs.append(1), a_pot()))

        assert len(runs) == 1
        assert collection("pots").count_documents({}) == 1

    def test_gives_up_in_bounded_time(self):
        always = {"failCommands": ["insert"], "errorCode": 112}
        fail_next("alwaysOn", errorLabels=["TransientTransactionError"], **always)
        started = time.monotonic()

        try:
            with pytest.raises((OperationError, OperationFailure)):
                atomically(a_pot, timeout_seconds=1.0)
        finally:
            fail_next("off")

        assert time.monotonic() - started < 5

    def test_refuses_an_unfiltered_count_inside(self):
        with pytest.raises((OperationError, OperationFailure)):
            atomically(Pot.objects.count)

    def test_is_lost_as_a_whole_with_a_duplicate_key(self):
        a_pot()

        def work() -> None:
            a_pot("other")
            try:
                collection("pots").insert_one({"_id": "pot"})
            except DuplicateKeyError:
                collection("pots").count_documents({"_id": "pot"})  # going on fails

        with pytest.raises((OperationError, OperationFailure)):
            atomically(work, timeout_seconds=1)

        assert collection("pots").count_documents({}) == 1


class TestOnCommit:
    def test_calls_once_after_the_commit(self):
        calls: list[int] = []

        def hook() -> None:
            calls.append(collection("pots").count_documents({}))

        def work() -> None:
            a_pot()
            on_commit(hook)
            on_commit(hook)

        atomically(work)

        assert calls == [1]

    def test_forgets_the_call_when_rolled_back(self):
        calls: list[int] = []

        def work() -> None:
            on_commit(lambda: calls.append(1))
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            atomically(work)

        assert calls == []


class TestEnsureIndexes:
    def test_makes_them_by_command_and_never_on_first_use(self):
        collection("pots").drop()

        a_pot()
        on_first_use = set(collection("pots").index_information())
        ensure_indexes([Pot])

        assert on_first_use == {"_id_"}
        assert "cups_1" in collection("pots").index_information()
