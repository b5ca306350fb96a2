"""Payments without processes, on a real MongoDB and the real books, and evenings to settle."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Any

from chassis import clock
from chassis.clock import clock_of
from chassis.dispatcher import Dispatcher
from chassis.envelope import Event
from chassis.inbox import Handler, TwoStep, joined
from chassis.kernel.time import Clock, system_clock
from chassis.mongo import atomically, collection
from chassis.turns import Turns
from services.payments.app import bench_of, correction_files, counter_of, create_app, ladder_of
from services.payments.contracts.repositories import MongoContracts
from services.payments.corrections.handlers import correction_executor
from services.payments.corrections.use_cases import CORRECTION
from services.payments.debts.repositories import ProjectedDebts
from services.payments.debts.use_cases import recover_debts
from services.payments.disputes import handlers as dispute_handlers
from services.payments.disputes.repositories import MongoWatches
from services.payments.dues import handlers as due_handlers
from services.payments.dues.adapters import ProjectedBalances
from services.payments.dues.repositories import MongoDues
from services.payments.escrow import handlers as escrow_handlers
from services.payments.escrow.repositories import MongoEscrows
from services.payments.funds import handlers as fund_handlers
from services.payments.funds.repositories import MongoDeposits, MongoOfferFunds, RecordedIntentions
from services.payments.ledger.queries import LedgerQueries
from services.payments.ledger.repositories.projector import Projector
from services.payments.ledger.repositories.segments import MongoLog
from services.payments.ledger.repositories.sequencer import Sequencer
from services.payments.ledger.repositories.writer import Writer
from services.payments.milestones import handlers as milestone_handlers
from services.payments.milestones.repositories import MongoSchedules
from services.payments.milestones.use_cases import CLAW_BACK, END
from services.payments.naming.handlers import ending_executor
from services.payments.naming.repositories import MongoNamingRights
from services.payments.payouts.handlers import Batch
from services.payments.payouts.handlers import executors as payout_executors
from services.payments.providers.handlers import Janitor
from services.payments.releases.domain import day_of, midnight
from services.payments.releases.handlers import release_due, release_executor
from services.payments.releases.repositories import MongoPendingShares, MongoReleases
from services.payments.royalties import handlers as royalty_handlers
from services.payments.royalties.repositories import MongoRoyalties
from services.payments.royalties.use_cases import RELEASE
from services.payments.sales import handlers as sale_handlers
from services.payments.sales.repositories import MongoSales
from services.payments.sandbox.adapters import body_of
from services.payments.sandbox.domain import Entry
from services.payments.sandbox.engine import sign
from services.payments.sandbox.repositories import MongoVault
from services.payments.sandbox.use_cases import Notice, deliver
from services.payments.settings import PaymentsSettings
from services.payments.settlements import handlers as settlement_handlers
from services.payments.settlements.repositories import (
    MongoRefunds,
    MongoSettlements,
    OutboxReplies,
)
from services.payments.settlements.use_cases import Books
from tests.builders.payments import BRAND, HOST, NOW, PARTIES, TERMS, an_id
from tests.tokens import SigningKeys, bearer

CNY = "CNY"
WINDOW = timedelta(days=9)


def money(minor: int) -> dict[str, Any]:
    return {"minor": minor, "currency": CNY}


class House:
    """Payments without processes: facts and commands in, intents carried out by hand."""

    def __init__(self, uri: str, *, booking: Clock = system_clock, **knobs: Any) -> None:
        settings = PaymentsSettings(service="payments", mongo_uri=uri, sandbox=True, **knobs)
        self.clock = clock_of(settings)
        self.keys = SigningKeys()
        self.client = create_app(settings, keys=self.keys).test_client()
        self.ledger = Sequencer(lambda: Writer("main", MongoLog(), booking))
        books = Books(
            contracts=MongoContracts(),
            escrows=MongoEscrows(),
            naming=MongoNamingRights(),
            sales=MongoSales(),
            settlements=MongoSettlements(),
            refunds=MongoRefunds(),
            royalties=MongoRoyalties(),
            pending=MongoPendingShares(),
            schedules=MongoSchedules(),
            ledger=self.ledger,
            replies=OutboxReplies(),
        )
        self.ladder = ladder_of(self.ledger)
        self.handlers: dict[str, Handler] = joined(
            milestone_handlers.fact_handlers(self.ladder),
            fund_handlers.fact_handlers(MongoOfferFunds())
            | escrow_handlers.command_handlers(
                books.escrows, books.contracts, MongoOfferFunds(), self.ledger, self.clock
            )
            | escrow_handlers.fact_handlers(books.escrows, self.ledger)
            | sale_handlers.fact_handlers(books.sales, self.ledger)
            | royalty_handlers.fact_handlers(books.royalties, RecordedIntentions())
            | settlement_handlers.command_handlers()
            | due_handlers.fact_handlers(MongoDues())
            | due_handlers.fee_handlers(self.ledger, 100),
        )
        executors = settlement_handlers.executors(books, self.clock)
        executors[CORRECTION] = correction_executor(correction_files(), self.ledger, self.clock)
        executors[END] = milestone_handlers.end_executor(self.ladder, self.clock)
        executors[CLAW_BACK] = milestone_handlers.clawback_executor(self.ladder, self.clock)
        executors["deposit"] = fund_handlers.deposit_executor(
            MongoDeposits(), books.naming, self.ledger
        )
        executors["end-naming"] = ending_executor(books.naming, self.ledger, self.clock)
        executors["release"] = release_executor(MongoReleases(), self.ledger, self.clock)
        executors[RELEASE] = royalty_handlers.release_executor(
            books.royalties, books.pending, self.ledger, self.clock
        )
        self.counter = counter_of(settings, self.clock)
        executors |= payout_executors(self.counter, self.ledger, self.clock)
        bench = bench_of(self.counter.desk, books)
        executors |= dispute_handlers.executors(bench, self.clock)
        self.watcher = dispute_handlers.Watcher(bench, MongoWatches(), self.clock)
        self.janitor = Janitor(self.counter.desk, self.clock)
        self.dispatcher = Dispatcher(executors)
        self.projector = Projector("main", MongoLog())
        self.ahead = timedelta()
        balances = ProjectedBalances(LedgerQueries("main", MongoLog()))
        self.collector = due_handlers.Collector(MongoDues(), self.ledger, balances)
        self.release_turns = Turns("releases")
        self.batch = Batch(self.counter, self.clock, Turns("payouts"))

    def hear(self, kind: str, *, at: datetime = NOW, **said: Any) -> None:
        event = Event(
            id=an_id("msg"),
            type=kind,
            source="/matching/1",
            subject="x",
            sequence=None,
            time=at,
            key="x",
            correlation_id=an_id("sag"),
            causation_id=None,
            traceparent=None,
            organization=None,
            actor=None,
            data=said,
        )
        handler = self.handlers[kind]
        if isinstance(handler, TwoStep):
            answer = handler.submit([event])
            atomically(lambda: handler.record([event], answer))
        else:
            atomically(lambda: handler([event]))

    def work(self) -> None:
        """Carry out every intent and fold the log."""
        while self.dispatcher.run_once():
            pass
        self.projector.run()

    def advance(self, span: timedelta) -> None:
        """Let time pass, as an operator of a sandbox does."""
        self.ahead += span
        clock.move(self.ahead.total_seconds())
        time.sleep(clock.READ_AGAIN_SECONDS)

    def end_returns(self) -> None:
        """Let time pass until a noon when guests can return nothing of before any more."""
        noon = midnight(day_of(self.clock() + WINDOW)) + timedelta(hours=12)
        self.advance(noon - self.clock())

    def release(self) -> None:
        """Free the shares that are due."""
        shares, releases = MongoPendingShares(), MongoReleases()
        release_due(shares, releases, self.counter.intentions, self.clock, self.release_turns)
        self.work()

    def pay_out(self) -> None:
        """Free what is due, decide today's payouts, and give them to the provider."""
        self.release()
        self.batch.run()
        self.work()
        self.janitor.run()
        self.work()

    def send(self, notice: Notice, entry: Entry | None) -> bool:
        """The ``Post`` port: bring a message of the sandbox to the door of the api."""
        body = body_of(notice, entry)
        signed = sign(MongoVault().secret(), notice.id, body, at=system_clock())
        return self.knock(body, signed).status_code == 200

    def knock(self, body: bytes, headers: Any) -> Any:
        """Whatever comes to the provider's door."""
        return self.client.post(
            "/v1/providers/sandbox/webhooks",
            data=body,
            headers=headers,
            content_type="application/json",
        )

    def post(self) -> int:
        """Bring what is due, and book what it leads to."""
        sent = deliver(MongoVault(), MongoVault(), self, now=self.clock())
        self.work()
        return sent

    def collect(self) -> None:
        """Let every debtor pay what it has, of all its accounts, and fold the log."""
        self.work()
        for _ in range(3):
            while self.collector.run():
                pass
            self.projector.run()

    def recover(self) -> int:
        """Let debts after refunds be paid; answer how many entries that took."""
        self.projector.run()
        paid = recover_debts(ProjectedDebts(), self.ledger)
        self.projector.run()
        return paid

    def ask(self, method: str, path: str, who: str, kind: str, body: Any = None) -> Any:
        token = self.keys.member(who, kind)
        headers = bearer(token, an_id("msg"))
        return self.client.open(f"/v1{path}", method=method, json=body, headers=headers)

    def balance(self, path: str) -> int:
        answer = self.ask("GET", f"/accounts/{path}", "org_platform", "platform")
        return sum(row["posted"]["minor"] for row in answer.json["balances"])

    def trial(self) -> Any:
        return self.ask("GET", "/trial-balance", "org_platform", "platform").json

    def replies(self) -> list[str]:
        rows = collection("outbox").find({"topic": "teahouse.matching.saga-replies"})
        return [row["type"].split(".")[2] for row in rows.sort("place", 1)]


def settle(house, evening, **more):
    house.hear("matching.gathering.approved.v1", gathering_id=evening["gathering"])
    house.hear(
        "payments.command.settle-gathering.v1",
        gathering_id=evening["gathering"],
        claim_id=evening["claim"],
        offer_id=evening["offer"],
        parties=PARTIES,
        checked_in=16,
        min_checked_in=12,
        **more,
    )
    house.work()


def earn(house: House) -> None:
    """What an evening brings, once guests can return nothing of it any more."""
    settle(house, an_evening(house))
    house.end_returns()
    house.release()


def an_evening(house: House) -> dict[str, Any]:
    """A funded offer, a confirmed claim, and sixteen sales of 312.50."""
    offer, claim, gathering = an_id("off"), an_id("clm"), an_id("gth")
    house.hear("catalog.offer.opened.v1", offer_id=offer, brand_id=BRAND, total_cap=money(100_000))
    deposited = house.ask(
        "POST",
        "/deposits",
        "org_platform",
        "platform",
        {"target": offer, "amount": money(100_000)},
    )
    assert deposited.status_code == 202, deposited.json
    house.work()
    house.hear(
        "payments.command.place-hold.v1",
        claim_id=claim,
        offer_id=offer,
        brand_id=BRAND,
        host_id=HOST,
        amount=money(80_000),
        terms=TERMS,
    )
    house.hear("matching.claim.confirmed.v1", claim_id=claim)
    sales = [an_id("sal") for _ in range(16)]
    for sale in sales:
        house.hear(
            "matching.gathering.sold.v1",
            gathering_id=gathering,
            sale_id=sale,
            amount=money(31_250),
        )
    return {"offer": offer, "claim": claim, "gathering": gathering, "sales": sales}
