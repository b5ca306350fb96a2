"""Balances and statements on both axes are the model's, whatever was booked late or taken back."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis import mongo
from services.payments.ledger.domain import EntryRequest, Kind, Leg, close_period, plain, reverse
from services.payments.ledger.engine import eras
from services.payments.ledger.queries import LedgerQueries
from services.payments.ledger.repositories import history
from services.payments.ledger.repositories.keeper import Keeper
from services.payments.ledger.repositories.projector import Projector
from services.payments.ledger.repositories.segments import MongoLog
from services.payments.ledger.repositories.snapshots import MongoSnapshots
from services.payments.ledger.repositories.writer import Writer
from services.payments.ledger.use_cases import EffectiveTooFar, TimeNotOver
from services.payments.statements.domain import Axis, Statement, StatementUnsound
from services.payments.statements.queries import read_statement
from tests.property.ledger_model import Account, Model
from tests.property.ledger_random import RandomEntries
from tests.property.test_ledger_model import parts
from tests.unit.payments.ledger.books import MARKET, NOW, MovableClock, SeededIds

pytestmark = pytest.mark.usefixtures("database")

BATCHES, QUESTIONS = 24, 12
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EARLIEST = NOW - 2 * HOUR
MOMENT = timedelta(milliseconds=1)


@pytest.fixture(autouse=True)
def _short_eras(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eras of a few segments, so that questions lie in several, and after the last."""
    monkeypatch.setattr(eras, "ERA_SEGMENTS", 4)
    monkeypatch.setattr(eras, "ERA_LEGS", 20)


def booked(seed: int) -> tuple[Model, Writer, MovableClock]:
    """Random entries, half of those that move money with a time of effect of their own."""
    database = mongo.collection("ledger_segments").database
    for name in database.list_collection_names():
        database[name].delete_many({})
    clock, model = MovableClock(), Model()
    writer = Writer(MARKET, MongoLog(), clock)
    source = RandomEntries(seed, clock, accounts=4)
    source.backdated, source.late = 0.5, {Kind.PLAIN, Kind.POST, Kind.REVERSE}
    for _ in range(BATCHES):
        batch = [source.deposit(), *source.batch(8)]
        writer.book(batch)
        model.submit(batch, clock(), parts(writer, batch))
        clock.forward(seconds=source.random.choice([0, 0.5, 40, 300]))
    Projector(MARKET, MongoLog()).run()
    return model, writer, clock


def questions(seed: int, now: datetime, names: list[Account]) -> Iterator[tuple[Account, list]]:
    chance = random.Random(seed)
    span = (now - EARLIEST) // MOMENT
    for _ in range(QUESTIONS):
        times = [EARLIEST + chance.randrange(span) * MOMENT for _ in range(3)]
        yield chance.choice(names), times


class Desk:
    """A writer on a real log whose clock is moved a day at a time, and one account."""

    def __init__(self) -> None:
        self.clock = MovableClock()
        self.ids = SeededIds(1, self.clock)
        self.account = f"org:{self.ids('org')}:available"
        self.writer = Writer(MARKET, MongoLog(), self.clock)
        self.books = LedgerQueries(MARKET, MongoLog(), self.clock)

    def book(self, minor: int, *, effective: datetime | None = None) -> EntryRequest:
        legs = [Leg("external:provider", -minor, "CNY"), Leg(self.account, minor, "CNY")]
        return self.take(plain(self.ids("ent"), legs, "deposit", effective_at=effective))

    def take(self, entry: EntryRequest) -> EntryRequest:
        (outcome,) = self.writer.book([entry])
        outcome.or_raise()
        self.clock.forward(days=1)
        return entry

    def told(self, effective: datetime, booked: datetime | None = None) -> tuple[int, bool]:
        found = self.books.account_effective(self.account, effective, booked)
        (balance,) = found["balances"] or [{"posted": {"minor": 0}}]
        return balance["posted"]["minor"], found["final"]


@pytest.fixture
def desk() -> Desk:
    return Desk()


class TestTimeOfEffect:
    def test_counts_from_then_on_once_it_is_known(self, desk):
        desk.book(100)
        desk.book(50)
        desk.book(7, effective=NOW + HOUR)

        assert desk.told(NOW + HOUR) == (107, False)
        assert desk.told(NOW + HOUR - MOMENT) == (100, False)
        assert desk.told(NOW + 2 * DAY) == (157, False)
        assert desk.told(NOW + HOUR, NOW + DAY) == (100, True)

    def test_of_a_reversal_is_its_own(self, desk):
        first = desk.book(100)
        desk.take(reverse(desk.ids("ent"), first.id, "refund", effective_at=NOW + HOUR))

        assert [desk.told(NOW + hours * HOUR)[0] for hours in (0, 1, 30)] == [100, 0, 0]

    def test_before_an_account_was_opened_is_told_too(self, desk):
        desk.book(100, effective=NOW - DAY)

        assert desk.told(NOW - DAY)[0] == 100
        assert desk.told(NOW - 2 * DAY)[0] == 0

    def test_in_a_closed_period_is_final(self, desk):
        desk.book(100)
        desk.book(20, effective=NOW)
        desk.take(close_period(desk.ids("ent"), NOW + DAY))
        assert desk.told(NOW) == (120, False)
        Projector(MARKET, MongoLog()).run()

        late = plain(
            desk.ids("ent"),
            [Leg("external:provider", -1, "CNY"), Leg(desk.account, 1, "CNY")],
            "deposit",
            effective_at=NOW,
        )
        (refused,) = desk.writer.book([late])

        assert refused.code == "period-closed"
        assert desk.told(NOW) == (120, True)
        assert desk.told(NOW + DAY) == (120, False)

    def test_says_nothing_of_what_is_on_hold(self, desk):
        desk.book(100)

        (balance,) = desk.books.account_effective(desk.account, NOW)["balances"]

        assert set(balance) == {"currency", "posted"}

    def test_that_is_not_over_is_refused(self, desk):
        with pytest.raises(TimeNotOver):
            desk.told(NOW + MOMENT)
        with pytest.raises(TimeNotOver):
            desk.told(NOW, NOW + MOMENT)

    def test_that_is_too_far_back_is_refused_and_a_shorter_question_is_not(
        self, desk, monkeypatch
    ):
        for _ in range(3):
            desk.book(1, effective=NOW)
        monkeypatch.setattr(history, "MAX_BACKDATED_LEGS", 4)

        with pytest.raises(EffectiveTooFar):
            desk.told(NOW - DAY)
        assert desk.told(NOW, NOW + DAY) == (2, True)


class TestStatementByEffect:
    def test_has_late_lines_where_they_belong(self, desk):
        desk.book(100)
        desk.book(50)
        late = desk.book(7, effective=NOW + HOUR)
        Projector(MARKET, MongoLog()).run()

        def ask(**period: object) -> Statement:
            return read_statement(desk.account, "CNY", axis=Axis.EFFECTIVE, **period)

        month = ask(start=NOW, end=NOW + 9 * DAY)
        assert [line.minor for line in month.lines] == [100, 7, 50]
        assert [line.balance for line in month.lines] == [100, 107, 157]
        assert month.lines[1].entry_id == late.id
        assert (month.lines[1].at, month.lines[1].booked_at) == (NOW + HOUR, NOW + 2 * DAY)
        first, rest = ask(start=NOW, end=NOW + DAY), ask(start=NOW + DAY, end=NOW + 9 * DAY)
        assert first.then(rest) == month
        assert (first.closing, rest.opening) == (107, 107)
        known = ask(start=NOW, end=NOW + DAY, booked_at=NOW + DAY)
        assert [line.minor for line in known.lines] == [100]
        with pytest.raises(StatementUnsound):
            known.then(rest)
        last = datetime.max.replace(tzinfo=UTC)
        assert ask(start=NOW, end=last, booked_at=last).closing == 157

    def test_is_refused_rather_than_shown_wrong(self, desk):
        desk.book(100)
        desk.book(7, effective=NOW)
        Projector(MARKET, MongoLog()).run()
        mongo.collection("ledger_entries").update_one(
            {"segment": 0}, {"$set": {"legs.1.balance": 101}}
        )

        with pytest.raises(StatementUnsound):
            read_statement(desk.account, "CNY", start=NOW, end=NOW + HOUR, axis=Axis.EFFECTIVE)


class TestBothAxes:
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=10)
    @given(seed=st.integers(0, 2**32), keeps=st.booleans())
    def test_are_those_of_the_model(self, seed, keeps):
        model, writer, clock = booked(seed)
        if keeps:
            Keeper(MARKET, MongoLog(), MongoSnapshots(MARKET)).run()
        books = LedgerQueries(MARKET, MongoLog(), clock)
        names = writer.books.accounts.names
        assert any(effective < at for at, effective, _ in model.moved)

        for (path, currency), (one, other, known) in questions(seed, clock(), names):
            found = books.account_effective(path, other, known)
            posted = {each["currency"]: each["posted"]["minor"] for each in found["balances"]}
            assert posted.get(currency, 0) == model.effective((path, currency), other, known)

            start, end = sorted((one, other + MOMENT))
            period = {"start": start, "end": end, "axis": Axis.EFFECTIVE}
            for until in (known, None):
                statement = read_statement(path, currency, **period, booked_at=until)
                for told, edge in ((statement.opening, start), (statement.closing, end)):
                    by, booked_by = edge - MOMENT, until or clock()
                    assert told == model.effective((path, currency), by, booked_by)
