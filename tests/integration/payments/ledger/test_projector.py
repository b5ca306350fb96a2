"""Projections of a real log: the same as the books, once, and from zero again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from chassis.kernel.money import Money
from chassis.mongo import Row, collection
from services.payments.ledger.domain import (
    EntryRequest,
    Leg,
    Limits,
    close_period,
    hold,
    limit,
    plain,
    post,
    transfer,
    void,
)
from services.payments.ledger.domain.accounts import AccountNotInChart
from services.payments.ledger.engine.segments import ChainBroken
from services.payments.ledger.queries import EntryNotFound, LedgerQueries
from services.payments.ledger.repositories.holds import MongoHolds
from services.payments.ledger.repositories.projector import Projector
from services.payments.ledger.repositories.segments import MongoLog
from services.payments.ledger.repositories.writer import Writer
from services.payments.ledger.use_cases import expire_holds
from tests.property.ledger_random import RandomEntries
from tests.unit.payments.ledger.books import MARKET, MovableClock, SeededIds

pytestmark = pytest.mark.usefixtures("database")

PROJECTED = ("ledger_accounts", "ledger_entries", "ledger_holds", "ledger_cursors")


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def writer(clock: MovableClock) -> Writer:
    return Writer(MARKET, MongoLog(), clock)


@pytest.fixture
def ids(clock: MovableClock) -> SeededIds:
    return SeededIds(1, clock)


@pytest.fixture
def books() -> LedgerQueries:
    return LedgerQueries(MARKET, MongoLog())


def project(entries: int = 500) -> None:
    Projector(MARKET, MongoLog(), entries=entries).run()


def projected() -> dict[str, list[Row]]:
    return {name: list(collection(name).find().sort("_id", 1)) for name in PROJECTED}


def published() -> list[tuple[str, int]]:
    rows = collection("outbox").find({"type": "payments.entry.posted.v1"}).sort("subject", 1)
    return [(row["subject"], row["sequence"]) for row in rows]


def random_history(writer: Writer, clock: MovableClock, entries: int) -> Iterator[EntryRequest]:
    source = RandomEntries(5, clock, accounts=5)
    sent = 0
    while sent < entries:
        batch = source.batch(source.random.choice([1, 10, 80]))
        outcomes = writer.book(batch)
        yield from (e for e, o in zip(batch, outcomes, strict=True) if o.status == "posted")
        sent += len(batch)
        clock.forward(seconds=30)


class TestProjector:
    def test_leads_to_the_balances_of_the_books(self, writer, clock):
        list(random_history(writer, clock, 600))

        project(entries=7)

        accounts = writer.books.accounts
        rows = list(collection("ledger_accounts").find().sort("_id", 1))
        assert [(row["path"], row["currency"]) for row in rows] == accounts.names
        assert [row["posted"] for row in rows] == accounts.posted[: len(rows)].tolist()
        assert [row["available"] for row in rows] == accounts.available[: len(rows)].tolist()
        assert collection("ledger_entries").count_documents({}) == writer.books.entry_count
        assert collection("ledger_holds").count_documents({"state": "open"}) == len(
            writer.books.holds
        )

    def test_publishes_every_entry_once(self, writer, clock):
        posted = list(random_history(writer, clock, 300))

        project()
        project()

        once = published()
        assert len(once) == writer.books.entry_count
        assert {(entry.id, 1) for entry in posted} <= set(once)

    def test_does_the_same_in_any_steps(self, writer, clock):
        list(random_history(writer, clock, 300))
        project(entries=3)
        in_small_steps = projected()

        Projector(MARKET, MongoLog()).rebuild()

        rebuilt = projected()
        for row in (*in_small_steps["ledger_cursors"], *rebuilt["ledger_cursors"]):
            row.pop("published")
        assert rebuilt == in_small_steps

    def test_publishes_nothing_again_when_rebuilt(self, writer, clock):
        list(random_history(writer, clock, 200))
        project()
        before = published()

        Projector(MARKET, MongoLog()).rebuild()
        more = list(random_history(writer, clock, 50))
        project()

        assert published() == sorted([*before, *((entry.id, 1) for entry in more)])

    def test_two_at_once_do_it_once(self, writer, clock):
        posted = list(random_history(writer, clock, 200))
        first, second = (Projector(MARKET, MongoLog(), entries=20) for _ in range(2))
        cursor = first._cursor()
        second.step()
        first._cursor = lambda: cursor  # read before the other moved on

        first.step()

        assert collection("ledger_entries").count_documents({}) == 20
        project()
        assert published() == sorted((entry.id, 1) for entry in posted)

    def test_stops_at_a_segment_that_was_changed(self, writer, clock):
        list(random_history(writer, clock, 100))
        collection("ledger_segments").update_one({"_id": 1}, {"$set": {"epoch": 7}})

        with pytest.raises(ChainBroken):
            Projector(MARKET, MongoLog(), entries=10_000).run()

        assert projected()["ledger_entries"] == []


class TestQueries:
    def test_a_hold_shows_in_the_balance(self, writer, ids, books):
        fund, escrow = f"offer:{ids('off')}:fund", f"claim:{ids('clm')}:escrow"
        writer.book(
            [
                transfer(ids("ent"), "external:provider", fund, Money(100, "CNY"), "deposit"),
                hold(ids("ent"), [Leg(fund, -60, "CNY"), Leg(escrow, 60, "CNY")], "escrow"),
            ]
        )
        project()

        (balance,) = books.account(fund)["balances"]

        assert (balance["posted"]["minor"], balance["available"]["minor"]) == (100, 40)
        assert balance["held"]["minor"] == 60

    def test_an_explanation_is_what_was_given(self, writer, ids, books):
        account = f"org:{ids('org')}:pending"
        legs = [Leg("external:provider", -7, "CNY"), Leg(account, 7, "CNY")]
        reason = {"en": "60 % of 12", "zh": "十二的百分之六十", "weights": [60, 40]}
        explained = plain(ids("ent"), legs, "settlement", reason, reference=ids("gth"))
        bare = plain(ids("ent"), legs, "settlement")
        writer.book([bare, explained])
        project()

        assert books.explanation(explained.id)["reason"] == reason
        assert books.explanation(explained.id)["reference"] == explained.reference
        assert books.explanation(bare.id)["reason"] is None

    def test_the_trial_balance_is_zero_and_names_the_head(self, writer, clock, books):
        posted = list(random_history(writer, clock, 200))
        project()

        trial = books.trial_balance()

        assert trial["balanced"]
        assert {line["sum"]["minor"] for line in trial["currencies"]} == {0}
        assert trial["head"] == writer.books.head.hex()
        assert trial["entries"] == len(posted)
        assert trial["segments_behind"] == 0

    def test_before_any_entry_there_is_nothing_wrong(self, books, ids):
        assert books.trial_balance()["balanced"]
        assert books.account(f"org:{ids('org')}:available")["balances"] == []
        with pytest.raises(EntryNotFound):
            books.entry(ids("ent"))
        with pytest.raises(AccountNotInChart):
            books.account("org:nobody:available")


class TestExpiry:
    def test_lets_go_of_holds_whose_time_is_over(self, writer, clock, ids):
        fund, escrow = f"offer:{ids('off')}:fund", f"claim:{ids('clm')}:escrow"
        legs = [Leg(fund, -10, "CNY"), Leg(escrow, 10, "CNY")]
        soon, later = (clock() + timedelta(minutes=minutes) for minutes in (5, 50))
        holds = [
            hold(ids("ent"), legs, "escrow", expires_at=end) for end in (soon, soon, soon, later)
        ]
        writer.book(
            [
                transfer(ids("ent"), "external:provider", fund, Money(100, "CNY"), "deposit"),
                *holds,
                post(ids("ent"), holds[0].id, "escrow"),
                void(ids("ent"), holds[1].id, "escrow"),
            ]
        )
        project()
        clock.forward(minutes=10)
        ledger = _Directly(writer)

        expired = expire_holds(MongoHolds(), ledger, now=clock())
        project()
        again = expire_holds(MongoHolds(), ledger, now=clock())

        assert (expired, again) == (1, 0)
        assert MongoHolds().due(clock(), limit=10) == []
        states = {row["_id"]: row["state"] for row in collection("ledger_holds").find()}
        assert [states[entry.id] for entry in holds] == ["posted", "voided", "expired", "open"]
        assert writer.books.accounts.balance(fund, "CNY").available == 80


class _Directly:
    """The ``Ledger`` port over a writer, without a thread."""

    def __init__(self, writer: Writer) -> None:
        self.submit = writer.book


class TestWhatElseIsProjected:
    def test_a_hold_is_let_go_of_on_reading_at_its_time(self, writer, clock, ids):
        fund, escrow = f"offer:{ids('off')}:fund", f"claim:{ids('clm')}:escrow"
        legs = [Leg(fund, -80, "CNY"), Leg(escrow, 80, "CNY")]
        held = hold(ids("ent"), legs, "escrow", expires_at=clock() + timedelta(minutes=5))
        part = [Leg(fund, -30, "CNY"), Leg(escrow, 30, "CNY")]
        writer.book(
            [
                transfer(ids("ent"), "external:provider", fund, Money(100, "CNY"), "deposit"),
                held,
                post(ids("ent"), held.id, "escrow", legs=part, final=False),
            ]
        )
        project()
        books = LedgerQueries(MARKET, MongoLog(), clock)

        (before,) = books.account(fund)["balances"]
        clock.forward(minutes=5)
        (after,) = books.account(fund)["balances"]

        assert (before["posted"]["minor"], before["available"]["minor"]) == (70, 20)
        assert (after["posted"]["minor"], after["available"]["minor"]) == (70, 70)
        assert after["held"]["minor"] == 0

    def test_a_hold_ends_with_the_post_that_uses_it_up(self, writer, ids):
        fund, escrow = f"offer:{ids('off')}:fund", f"claim:{ids('clm')}:escrow"
        legs = [Leg("external:provider", -80, "CNY"), Leg(escrow, 80, "CNY")]
        held = hold(ids("ent"), legs, "escrow")
        posts = [post(ids("ent"), held.id, "escrow", legs=_half(legs), final=False) for _ in "ab"]
        writer.book([held, posts[0]])
        project()
        assert collection("ledger_holds").find_one({"_id": held.id})["state"] == "open"

        writer.book([posts[1]])
        project()

        row = collection("ledger_holds").find_one({"_id": held.id})
        assert (row["state"], row["ended_by"], row["parts"]) == (
            "posted",
            posts[1].id,
            [posts[0].id],
        )
        assert fund not in {name for name, _ in writer.books.accounts.names}

    def test_limits_and_closings_are_told(self, writer, clock, ids, books):
        account = f"org:{ids('org')}:available"
        limits = Limits(account=account, currency="CNY", version=1, floor=-500, ceiling=900)
        closed = clock() - timedelta(days=1)
        writer.book([limit(ids("ent"), limits, "credit-line"), close_period(ids("ent"), closed)])
        project()

        (balance,) = books.account(account)["balances"]

        assert balance["limits"] == {"floor": -500, "ceiling": 900, "version": 1}
        assert collection("ledger_cursors").find_one()["closed_until"] == closed


def _half(legs: list[Leg]) -> list[Leg]:
    return [Leg(leg.account, leg.minor // 2, leg.currency) for leg in legs]
