"""Statements of a real log: they add up, and adjoining ones join."""

from __future__ import annotations

import itertools
import random
from datetime import timedelta

import pytest

from chassis.kernel.money import Money
from chassis.mongo import collection
from services.payments.ledger.domain import AccountNotInChart, Leg, hold, transfer
from services.payments.ledger.repositories.projector import Projector
from services.payments.ledger.repositories.segments import MongoLog
from services.payments.ledger.repositories.writer import Writer
from services.payments.statements import queries
from services.payments.statements.domain import PeriodEmpty, StatementTooLong, StatementUnsound
from services.payments.statements.queries import read_statement
from tests.property.ledger_random import RandomEntries
from tests.unit.payments.ledger.books import MARKET, NOW, MovableClock, SeededIds

pytestmark = pytest.mark.usefixtures("database")

HOUR = timedelta(hours=1)


@pytest.fixture
def clock():
    return MovableClock()


@pytest.fixture
def writer(clock):
    return Writer(MARKET, MongoLog(), clock)


@pytest.fixture
def ids(clock):
    return SeededIds(1, clock)


def project():
    Projector(MARKET, MongoLog()).run()


def deposit(ids, account, minor, reason=None):
    return transfer(
        ids("ent"), "external:provider", account, Money(minor, "CNY"), "deposit", reason
    )


class TestStatement:
    def test_leads_from_opening_to_closing(self, writer, clock, ids):
        account = f"org:{ids('org')}:available"
        for minor in (500, 300, 200):
            writer.book([deposit(ids, account, minor)])
            clock.forward(hours=1)
        project()

        statement = read_statement(account, "CNY", start=NOW + HOUR / 2, end=NOW + 2 * HOUR)

        assert statement.opening == 500
        assert [line.minor for line in statement.lines] == [300]
        assert statement.closing == 800

    def test_adjoins_the_next_wherever_it_is_cut(self, writer, clock):
        source = RandomEntries(5, clock, accounts=5)
        for _ in range(30):
            writer.book(source.batch(12))
            clock.forward(seconds=30)
        project()
        chance = random.Random(9)

        for path, currency in writer.books.accounts.names:
            cuts = sorted(chance.sample(range(1, 1_000), 4))
            edges = [NOW, *(NOW + timedelta(seconds=cut) for cut in cuts), NOW + HOUR]
            parts = [
                read_statement(path, currency, start=start, end=end)
                for start, end in itertools.pairwise(edges)
            ]
            whole = parts[0]
            for part in parts[1:]:
                whole = whole.then(part)

            assert whole == read_statement(path, currency, start=NOW, end=NOW + HOUR)
            assert whole.opening == 0
            assert whole.closing == writer.books.accounts.balance(path, currency).posted

    def test_has_the_reason_of_each_entry_of_a_segment(self, writer, ids):
        account = f"org:{ids('org')}:available"
        reasons = [{"why": {"en": f"reason {n}", "zh": f"原因{n}"}} for n in range(5)]
        writer.book([deposit(ids, account, 1, reason) for reason in [*reasons, None]])
        project()

        lines = read_statement(account, "CNY", start=NOW, end=NOW + HOUR).lines

        assert [line.why.zh for line in lines[:5]] == [f"原因{n}" for n in range(5)]
        assert lines[5].why.en == "Money that arrived at the provider"

    def test_shows_no_hold(self, writer, ids):
        fund, escrow = f"offer:{ids('off')}:fund", f"claim:{ids('clm')}:escrow"
        legs = [Leg(fund, -60, "CNY"), Leg(escrow, 60, "CNY")]
        writer.book([deposit(ids, fund, 100), hold(ids("ent"), legs, "escrow")])
        project()

        statement = read_statement(fund, "CNY", start=NOW, end=NOW + HOUR)

        assert [line.minor for line in statement.lines] == [100]

    def test_is_refused_rather_than_shown_wrong(self, writer, ids):
        account = f"org:{ids('org')}:available"
        writer.book([deposit(ids, account, 100), deposit(ids, account, 50)])
        project()
        collection("ledger_entries").update_one({"index": 1}, {"$set": {"legs.1.posted": 51}})

        with pytest.raises(StatementUnsound):
            read_statement(account, "CNY", start=NOW, end=NOW + HOUR)

    def test_of_too_many_lines_is_refused(self, writer, ids, monkeypatch):
        monkeypatch.setattr(queries, "MAX_LINES", 2)
        account = f"org:{ids('org')}:available"
        writer.book([deposit(ids, account, 1) for _ in range(3)])
        project()

        with pytest.raises(StatementTooLong):
            read_statement(account, "CNY", start=NOW, end=NOW + HOUR)

    def test_of_no_account_or_no_time_is_refused(self):
        with pytest.raises(AccountNotInChart):
            read_statement("petty-cash", "CNY", start=NOW, end=NOW + HOUR)
        with pytest.raises(PeriodEmpty):
            read_statement("platform:fees", "CNY", start=NOW, end=NOW)
