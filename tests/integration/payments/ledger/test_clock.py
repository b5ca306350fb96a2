"""No time that nobody else has gets into the log, for it could never be taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pymongo.errors import ConnectionFailure

from chassis.kernel.money import Money
from chassis.kernel.time import system_clock
from services.payments.app import create_app
from services.payments.ledger.domain import ClockApart, LedgerUnavailable, Leg, hold, transfer
from services.payments.ledger.repositories.clock import APART, CheckedClock
from services.payments.ledger.repositories.segments import MongoLog
from services.payments.ledger.repositories.sequencer import Sequencer
from services.payments.ledger.repositories.writer import Writer
from services.payments.settings import PaymentsSettings
from tests.tokens import SigningKeys
from tests.unit.payments.ledger.books import MARKET, OUTSIDE, MovableClock, SeededIds

pytestmark = pytest.mark.usefixtures("database")

YEAR, HOUR = timedelta(days=366), timedelta(hours=1)


class Machine:
    """A process that books, on a machine whose clock may be wrong."""

    def __init__(self, wrong: timedelta = timedelta(0)) -> None:
        self.wrong = wrong
        self.clock = CheckedClock(lambda: system_clock() + self.wrong)
        self.sequencer = Sequencer(lambda: Writer(MARKET, MongoLog(), self.clock))

    def book(self, entry):
        (outcome,) = self.sequencer.submit([entry])
        return outcome.or_raise()


@pytest.fixture
def machine():
    made = []

    def make(wrong=timedelta(0)):
        made.append(Machine(wrong))
        return made[-1]

    yield make
    for each in made:
        each.sequencer.close()


@pytest.fixture
def ids():
    return SeededIds(3, MovableClock(system_clock()))


@pytest.fixture
def account(ids):
    return f"offer:{ids('off')}:fund"


@pytest.fixture
def deposit(ids, account):
    return lambda: transfer(ids("ent"), OUTSIDE, account, Money(100, "CNY"), "deposit")


def times():
    return [segment.at / 1000 for segment in MongoLog().since(0)]


class TestWrongClock:
    @pytest.mark.parametrize("wrong", [YEAR, -HOUR, 2 * APART, -2 * APART])
    def test_books_nothing_and_says_how_far_it_is_off(self, machine, deposit, wrong):
        with pytest.raises(ClockApart) as refused:
            machine(wrong).book(deposit())

        assert abs(refused.value.members["seconds"] - wrong.total_seconds()) <= 2
        assert times() == []

    def test_books_no_lines_of_a_bulk_call_either(self, machine):
        with pytest.raises(ClockApart):
            machine(YEAR).sequencer.submit_lines([b"{}"])

    def test_hinders_nobody_whose_clock_is_right(self, machine, deposit):
        ahead, behind, right = machine(YEAR), machine(-HOUR), machine()
        for _ in range(2):
            for wrong in (ahead, behind):
                with pytest.raises(ClockApart):
                    wrong.book(deposit())
            right.book(deposit())

        now = system_clock().timestamp()
        assert [abs(at - now) < 60 for at in times()] == [True, True]

    def test_leaves_holds_as_they_are(self, machine, ids, account, deposit):
        right, ahead = machine(), machine(YEAR)
        right.book(deposit())
        legs = [Leg(account, -60, "CNY"), Leg(f"claim:{ids('clm')}:escrow", 60, "CNY")]
        until = system_clock() + timedelta(days=30)
        held = right.book(hold(ids("ent"), legs, "escrow", expires_at=until))

        with pytest.raises(ClockApart):
            ahead.book(deposit())
        again = right.book(hold(held.id, legs, "escrow", expires_at=until))

        assert (again.segment, len(times())) == (held.segment, 2)

    def test_books_the_same_entry_once_it_is_set_right(self, machine, deposit):
        one, entry = machine(YEAR), deposit()
        with pytest.raises(ClockApart):
            one.book(entry)

        one.wrong = timedelta(0)

        assert one.book(entry).segment == 0

    def test_that_was_right_before_is_seen_at_once(self, machine, deposit):
        one = machine()
        one.book(deposit())
        one.wrong = YEAR

        with pytest.raises(ClockApart):
            one.book(deposit())

    def test_by_less_than_the_network_takes_is_no_matter(self, machine, deposit):
        assert machine(timedelta(seconds=1)).book(deposit()).segment == 0


class TestReadiness:
    def test_is_red_while_the_clock_is_wrong(self, database, monkeypatch):
        wrong = [YEAR]
        monkeypatch.setattr(
            "services.payments.app.system_clock", lambda: system_clock() + wrong[0]
        )
        settings = PaymentsSettings(service="payments", mongo_uri=database)
        web = create_app(settings, keys=SigningKeys()).test_client()

        red = web.get("/readyz")
        wrong[0] = timedelta(0)
        green = web.get("/readyz")

        assert (red.status_code, red.json["checks"]["clock"]) == (503, False)
        assert green.json["checks"]["clock"] is True

    def test_is_red_while_nobody_knows(self, database, monkeypatch):
        clock = CheckedClock(system_clock)
        monkeypatch.setattr("chassis.mongo.client", away)

        assert not clock.is_right()
        with pytest.raises(LedgerUnavailable):
            clock()

    def test_goes_on_by_what_was_seen_while_the_database_is_away(self, database, monkeypatch):
        clock = CheckedClock(system_clock, every_seconds=0)
        assert clock.is_right()
        monkeypatch.setattr("chassis.mongo.client", away)

        assert clock.is_right()


def away():
    raise ConnectionFailure("gone")
