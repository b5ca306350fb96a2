"""The log over a real MongoDB: one chain, whoever writes, whatever gets lost."""

from __future__ import annotations

import itertools
import threading
from dataclasses import replace

import pytest

from chassis.kernel.money import Money
from chassis.mongo import collection
from services.payments.ledger.documents import SEGMENTS
from services.payments.ledger.domain import EntryRequest, Status, transfer
from services.payments.ledger.engine.books import Books
from services.payments.ledger.engine.segments import ChainBroken
from services.payments.ledger.repositories.segments import MongoLog
from services.payments.ledger.repositories.writer import Writer
from services.payments.ledger.use_cases import Superseded
from tests.unit.payments.ledger.books import MARKET, MovableClock, SeededIds

pytestmark = pytest.mark.usefixtures("database")


def deposits(seed: int, count: int) -> list[EntryRequest]:
    ids = SeededIds(seed)
    account = f"org:{SeededIds(99)('org')}:available"
    return [
        transfer(ids("ent"), "external:provider", account, Money(1, "CNY"), "deposit")
        for _ in range(count)
    ]


EPOCHS = itertools.count(1)


def a_writer(log: MongoLog) -> Writer:
    """A writer with an epoch of its own, as leaders have."""
    epoch = next(EPOCHS)
    writer = Writer(MARKET, log, MovableClock(), lambda: epoch)
    writer.catch_up()
    return writer


def replay() -> Books:
    log = MongoLog()
    books = Books(MARKET, log.read)
    for segment in log.since(0):
        books.apply(segment)
    return books


class TestAppend:
    def test_reads_back_what_was_appended(self):
        writer = a_writer(MongoLog())
        writer.book(deposits(1, 3))

        segment = MongoLog().read(0)

        assert segment.hash == writer.books.head
        assert segment.entry_count == 3
        assert segment.reasons == {}
        assert segment.accounts[0].path == "external:provider"

    def test_takes_the_same_segment_twice(self):
        log, writer = MongoLog(), a_writer(MongoLog())
        writer.book(deposits(1, 3))

        log.append(log.read(0))

        assert [segment.sequence for segment in log.since(0)] == [0]

    def test_refuses_a_place_that_is_taken(self):
        log, writer = MongoLog(), a_writer(MongoLog())
        writer.book(deposits(1, 3))
        other = replace(log.read(0), hash=bytes(32))

        with pytest.raises(Superseded):
            log.append(other)

        assert log.read(0).hash == writer.books.head

    def test_knows_what_is_there(self):
        log = MongoLog()
        a_writer(log).book(deposits(1, 1))

        assert log.has(0)
        assert not log.has(1)
        with pytest.raises(LookupError):
            log.read(1)


class TestTwoWriters:
    def test_the_one_that_comes_second_books_after_the_first(self):
        first, second = a_writer(MongoLog()), a_writer(MongoLog())
        mine, theirs = deposits(1, 5), deposits(2, 5)
        first.book(mine)

        outcomes = second.book(theirs)

        assert {outcome.segment for outcome in outcomes} == {1}
        assert second.books.next_sequence == 2
        assert replay().accounts.posted[:2].tolist() == [-10, 10]

    def test_a_refusal_is_by_the_newest_books(self):
        first, second = a_writer(MongoLog()), a_writer(MongoLog())
        (deposit,) = deposits(1, 1)
        first.book([deposit])
        source = deposit.legs[1].account
        spend = transfer(
            SeededIds(5)("ent"), source, "external:provider", Money(1, "CNY"), "payout"
        )

        (outcome,) = second.book([spend])

        assert outcome.status is Status.POSTED

    def test_a_repeat_to_the_other_writer_is_the_same_entry(self):
        first, second = a_writer(MongoLog()), a_writer(MongoLog())
        requests = deposits(1, 20)
        before = first.book(requests)

        after = second.book(requests)

        assert [outcome.status for outcome in after] == [Status.EXISTS] * 20
        assert [(o.segment, o.index) for o in after] == [(o.segment, o.index) for o in before]
        assert replay().entry_count == 20

    def test_racing_writers_cannot_fork_the_log(self):
        writers = [a_writer(MongoLog()) for _ in range(3)]
        answers: dict[int, list[int]] = {}

        def work(number: int) -> None:
            requests = deposits(number + 10, 300)
            outcomes = [
                outcome
                for start in range(0, 300, 10)
                for outcome in writers[number].book(requests[start : start + 10])
            ]
            answers[number] = [outcome.status is Status.POSTED for outcome in outcomes]

        threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert all(all(posted) for posted in answers.values())
        books = replay()
        assert books.entry_count == 900
        assert books.next_sequence == 90
        assert books.accounts.posted[:2].tolist() == [-900, 900]


class TestDamage:
    @pytest.mark.parametrize(
        "change",
        [
            {"at": 1},
            {"epoch": 99},
            {"columns.amount": b"\1" * 96},
            {"columns.kind": bytes(6)},
            {"previous": bytes(32)},
            {"hash": bytes(32)},
            {"format": 2},
        ],
    )
    def test_a_segment_that_was_changed_stops_whoever_reads_it(self, change):
        writer = a_writer(MongoLog())
        writer.book(deposits(1, 6))

        collection(SEGMENTS).update_one({"_id": 0}, {"$set": change})

        with pytest.raises(ChainBroken):
            replay()

    def test_a_segment_that_is_missing_stops_whoever_reads_on(self):
        writer = a_writer(MongoLog())
        for request in deposits(1, 3):
            writer.book([request])

        collection(SEGMENTS).delete_one({"_id": 1})

        with pytest.raises(ChainBroken, match="stands where 1 belongs"):
            replay()
