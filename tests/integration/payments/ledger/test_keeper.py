"""Balances at any time and snapshots: whatever is kept beside the log says what the log says."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chassis.kernel.money import Money
from chassis.mongo import collection
from services.payments.ledger.documents import ERAS, NUMBERED, PAGES, SNAPSHOT_PARTS, SNAPSHOTS
from services.payments.ledger.domain import transfer
from services.payments.ledger.engine import eras
from services.payments.ledger.engine.books import Books
from services.payments.ledger.engine.segments import ChainBroken
from services.payments.ledger.queries import LedgerQueries
from services.payments.ledger.repositories import keeper as keeping
from services.payments.ledger.repositories.history import MongoHistory
from services.payments.ledger.repositories.keeper import Keeper
from services.payments.ledger.repositories.segments import MongoLog
from services.payments.ledger.repositories.snapshots import MongoSnapshots
from services.payments.ledger.repositories.writer import Writer
from services.payments.ledger.use_cases import HistoryBehind, Moment, TimeNotOver
from tests.property.ledger_random import RandomEntries
from tests.property.test_ledger_snapshots import state
from tests.unit.payments.ledger.books import MARKET, NOW, MovableClock, SeededIds

pytestmark = pytest.mark.usefixtures("database")
Balances = dict[tuple[str, str], tuple[int, int]]


@pytest.fixture(autouse=True)
def _short_eras(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eras of a few segments, so that there are several, each with a snapshot."""
    monkeypatch.setattr(eras, "ERA_SEGMENTS", 4)
    monkeypatch.setattr(eras, "ERA_LEGS", 20)
    monkeypatch.setattr(keeping, "SNAPSHOT_LENGTH", 1)


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def keeper() -> Keeper:
    return a_keeper()


def a_keeper() -> Keeper:
    return Keeper(MARKET, MongoLog(), MongoSnapshots(MARKET))


def book(clock: MovableClock, batches: int, *, seed: int = 5, size: int = 12) -> list[Balances]:
    """Random batches a minute apart; the balances of all accounts after each segment."""
    writer = Writer(MARKET, MongoLog(), clock)
    writer.catch_up()
    source = RandomEntries(seed, clock, accounts=70)
    found = []
    while len(found) < batches:
        before = writer.books.next_sequence
        writer.book([source.deposit() for _ in range(3)] + source.batch(size))
        found += [{}] * (writer.books.next_sequence - before - 1)
        found.append(balances(writer.books))
        clock.forward(minutes=1)
    return found


def balances(books: Books) -> Balances:
    names, accounts = books.accounts.names, books.accounts
    return {name: tuple(accounts.balance(*name)) for name in names}


def told(history: MongoHistory, segment: int, names: Any) -> Balances:
    moment = Moment(NOW, segment, is_final=True)
    return {
        (path, currency): tuple(balance)
        for path in {path for path, _ in names}
        for currency, balance in history.balances(path, moment).items()
    }


def kept() -> dict[str, list[Any]]:
    return {name: list(collection(name).find().sort("_id", 1)) for name in (ERAS, PAGES, NUMBERED)}


class TestBalancesAtAnyTime:
    def test_are_those_of_the_books_after_every_segment(self, clock, keeper):
        after = book(clock, 22)
        keeper.run()
        history = MongoHistory(MongoLog())

        assert collection(ERAS).count_documents({}) >= 3
        for segment, expected in enumerate(after):
            if expected:
                assert told(history, segment, after[-1]) == expected

    def test_need_no_keeper_for_what_is_young(self, clock):
        after = book(clock, 5)

        assert told(MongoHistory(MongoLog()), len(after) - 1, after[-1]) == after[-1]

    def test_follow_the_log_without_being_made_anew(self, clock, keeper):
        history = MongoHistory(MongoLog())
        after = book(clock, 6, seed=1)
        assert told(history, len(after) - 1, after[-1]) == after[-1]

        later = book(clock, 7, seed=2)
        keeper.run()

        segment = len(after) + len(later) - 1
        assert told(history, segment, later[-1]) == later[-1]
        assert told(history, len(after) - 1, after[-1]) == after[-1]

    def test_are_refused_rather_than_guessed_when_nobody_kept_them(self, clock, monkeypatch):
        after = book(clock, 9)
        monkeypatch.setattr("services.payments.ledger.repositories.history.LONGEST_ERA", 4)

        with pytest.raises(HistoryBehind):
            told(MongoHistory(MongoLog()), len(after) - 1, after[-1])

    def test_by_the_clock_include_that_very_moment(self, clock):
        account = f"org:{SeededIds(2)('org')}:available"
        writer = Writer(MARKET, MongoLog(), clock)
        for number in range(3):
            entry = transfer(
                SeededIds(number)("ent"), "external:provider", account, Money(10, "CNY"), "deposit"
            )
            writer.book([entry])
            clock.forward(hours=1)
        books = LedgerQueries(MARKET, MongoLog(), clock)

        def at(hours: float) -> tuple[list[int], int | None, bool]:
            found = books.account_booked(account, NOW + timedelta(hours=hours))
            posted = [balance["posted"]["minor"] for balance in found["balances"]]
            return posted, found["segment"], found["final"]

        assert at(-1) == ([], None, True)
        assert at(0) == ([10], 0, True)
        assert at(0.9) == ([10], 0, True)
        assert at(1) == ([20], 1, True)
        assert at(2.5) == ([30], 2, False)
        with pytest.raises(TimeNotOver):
            at(3.1)


class TestKeeper:
    def test_does_the_same_however_often_it_is_interrupted(self, clock, keeper):
        book(clock, 8, seed=1)
        keeper.run()
        book(clock, 8, seed=2)
        a_keeper().run()
        keeper.run()
        interrupted = kept()

        a_keeper().rebuild()

        assert kept() == interrupted

    def test_that_died_before_saying_that_an_era_is_whole_says_it_later(self, clock, keeper):
        book(clock, 12)
        keeper.run()
        whole = kept()
        for name in (SNAPSHOTS, ERAS):
            newest = collection(name).find_one(sort=[("_id", -1)])
            collection(name).delete_one({"_id": newest["_id"]})

        a_keeper().run()

        assert kept() == whole

    def test_stops_at_a_segment_that_was_changed(self, clock, keeper):
        book(clock, 6)
        collection("ledger_segments").update_one({"_id": 2}, {"$set": {"epoch": 7}})

        with pytest.raises(ChainBroken):
            keeper.run()

    def test_begins_anew_when_an_older_log_was_put_back(self, clock, keeper):
        after = book(clock, 30)
        keeper.run()
        back_in_time(10)
        later = book(clock, 30, seed=6)
        with pytest.raises(HistoryBehind):
            told(MongoHistory(MongoLog()), 5, after[-1])

        a_keeper().run()

        begun = kept()
        a_keeper().rebuild()
        assert kept() == begun
        last = MongoLog()
        sequence = collection("ledger_segments").count_documents({}) - 1
        assert told(MongoHistory(last), sequence, later[-1]) == later[-1]


def lose_a_part_of_each() -> None:
    for row in collection(SNAPSHOTS).find():
        _, mark, _ = row["parts"]["0"]
        collection(SNAPSHOT_PARTS).delete_one({"_id": f"{mark}.0"})


def back_in_time(segments: int) -> None:
    """The log as it was then, and everything beside it left as it is."""
    collection("ledger_segments").delete_many({"_id": {"$gte": segments}})


class TestSnapshots:
    def test_of_a_later_log_than_the_one_put_back_is_not_used(self, clock, keeper):
        book(clock, 30)
        keeper.run()
        newest = MongoSnapshots(MARKET).latest(MongoLog().read)
        back_in_time(10)
        assert newest.next_sequence > 10
        assert MongoSnapshots(MARKET).latest(MongoLog().read) is None

        book(clock, 30, seed=6)
        started = Writer(MARKET, MongoLog(), clock, snapshots=MongoSnapshots(MARKET))

        # The log is longer than it was, and another: its head is not the snapshot's.
        assert collection("ledger_segments").count_documents({}) > newest.next_sequence
        assert started.books.next_sequence == 0

    def test_books_from_a_snapshot_are_those_of_the_whole_log(self, clock, keeper):
        book(clock, 30, size=40)
        keeper.run()
        book(clock, 1, seed=2)
        log = MongoLog()
        replayed = Writer(MARKET, log, clock)
        replayed.catch_up()
        started = Writer(MARKET, log, clock, snapshots=MongoSnapshots(MARKET))

        begun = started.books.next_sequence
        started.catch_up()

        assert 0 < begun < replayed.books.next_sequence
        assert state(started.books) == state(replayed.books)

    def test_every_id_is_known_to_books_from_a_snapshot(self, clock, keeper):
        book(clock, 20)
        keeper.run()
        log = MongoLog()
        books = MongoSnapshots(MARKET).latest(log.read)

        for segment in log.since(0):
            if segment.sequence < books.next_sequence:
                entries = segment.entries
                places = books.ids.find(entries.id_high, entries.id_low)
                assert [(place.segment, place.index) for place in places.values()] == [
                    (segment.sequence, index) for index in range(len(entries))
                ]

    @pytest.mark.parametrize(
        "harm",
        [
            lose_a_part_of_each,
            lambda: collection(SNAPSHOT_PARTS).update_many({}, {"$set": {"data": b"{}"}}),
            lambda: collection(SNAPSHOT_PARTS).delete_many({}),
            lambda: collection("ledger_segments").update_many({}, {"$set": {"epoch": 7}}),
            lambda: collection("ledger_segments").update_many({}, {"$set": {"hash": bytes(32)}}),
        ],
    )
    def test_a_harmed_one_or_one_of_another_log_is_not_used(self, clock, keeper, harm):
        book(clock, 10)
        keeper.run()
        assert MongoSnapshots(MARKET).latest(MongoLog().read)

        harm()

        assert MongoSnapshots(MARKET).latest(MongoLog().read) is None

    def test_only_the_newest_are_kept(self, clock, keeper):
        book(clock, 40)
        keeper.run()

        needed = {
            f"{mark}.0"
            for row in collection(SNAPSHOTS).find()
            for _, mark, _ in row["parts"].values()
        }
        assert collection(SNAPSHOTS).count_documents({}) == 2
        assert {row["_id"] for row in collection(SNAPSHOT_PARTS).find()} == needed
