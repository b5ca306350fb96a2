"""Money from the deposit to everybody's share and back, over a real MongoDB and the real books."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.dispatcher import Dispatcher
from chassis.envelope import Event
from chassis.inbox import Handler, TwoStep
from chassis.kernel.time import system_clock
from chassis.mongo import atomically, collection
from services.payments.app import create_app
from services.payments.contracts.repositories import MongoContracts
from services.payments.escrow import handlers as escrow_handlers
from services.payments.escrow.repositories import MongoEscrows
from services.payments.funds import handlers as fund_handlers
from services.payments.funds.repositories import MongoDeposits, MongoOfferFunds
from services.payments.ledger.repositories.projector import Projector
from services.payments.ledger.repositories.segments import MongoLog
from services.payments.ledger.repositories.sequencer import Sequencer
from services.payments.ledger.repositories.writer import Writer
from services.payments.naming.handlers import ending_executor
from services.payments.naming.repositories import MongoNamingRights
from services.payments.sales import handlers as sale_handlers
from services.payments.sales.repositories import MongoSales
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


def money(minor: int) -> dict[str, Any]:
    return {"minor": minor, "currency": CNY}


class House:
    """Payments without processes: facts and commands in, intents carried out by hand."""

    def __init__(self, uri: str) -> None:
        settings = PaymentsSettings(service="payments", mongo_uri=uri)
        self.keys = SigningKeys()
        self.client = create_app(settings, keys=self.keys).test_client()
        self.ledger = Sequencer(lambda: Writer("main", MongoLog(), system_clock))
        books = Books(
            contracts=MongoContracts(),
            escrows=MongoEscrows(),
            naming=MongoNamingRights(),
            sales=MongoSales(),
            settlements=MongoSettlements(),
            refunds=MongoRefunds(),
            ledger=self.ledger,
            replies=OutboxReplies(),
        )
        self.handlers: dict[str, Handler] = (
            fund_handlers.fact_handlers(MongoOfferFunds())
            | escrow_handlers.command_handlers(
                books.escrows, books.contracts, self.ledger, system_clock
            )
            | escrow_handlers.fact_handlers(books.escrows, self.ledger)
            | sale_handlers.fact_handlers(books.sales, self.ledger)
            | settlement_handlers.command_handlers()
        )
        executors = settlement_handlers.executors(books, system_clock)
        executors["deposit"] = fund_handlers.deposit_executor(
            MongoDeposits(), books.naming, self.ledger
        )
        executors["end-naming"] = ending_executor(books.naming, self.ledger, system_clock)
        self.dispatcher = Dispatcher(executors)
        self.projector = Projector("main", MongoLog())

    def hear(self, kind: str, **said: Any) -> None:
        event = Event(
            id=an_id("msg"),
            type=kind,
            source="/matching/1",
            subject="x",
            sequence=None,
            time=NOW,
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


@pytest.fixture
def house(database):
    found = House(database)
    yield found
    found.ledger.close()


@pytest.fixture
def evening(house):
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


class TestFlow:
    def test_ends_with_every_share_booked_and_the_books_at_zero(self, house, evening):
        settle(house, evening)

        assert house.balance(f"org:{BRAND}:pending") == 300_000
        assert house.balance(f"org:{HOST}:pending") == 180_000
        assert house.balance("platform:fees") == 25_000
        assert house.balance(f"claim:{evening['claim']}:escrow") == 0
        assert house.balance(f"gathering:{evening['gathering']}:takings") == 0
        assert {row["sum"]["minor"] for row in house.trial()["currencies"]} == {0}
        assert house.replies() == ["hold-placed", "gathering-settled"]

    def test_shows_a_brand_what_is_left_of_its_fund_and_nobody_else(self, house, evening):
        account = f"/accounts/offer:{evening['offer']}:fund"

        house.work()
        own = house.ask("GET", account, BRAND, "brand")
        others = house.ask("GET", account, HOST, "host")

        assert own.json["balances"][0]["posted"] == money(20_000)
        assert (others.status_code, others.json["code"]) == (403, "account-hidden")

    def test_waits_for_sales_that_are_still_on_their_way(self, house, evening):
        late = an_id("sal")
        house.hear(
            "payments.command.settle-gathering.v1",
            gathering_id=evening["gathering"],
            claim_id=evening["claim"],
            offer_id=evening["offer"],
            parties=PARTIES,
            checked_in=16,
            min_checked_in=12,
        )
        house.work()
        house.hear(
            "matching.gathering.sold.v1",
            gathering_id=evening["gathering"],
            sale_id=late,
            amount=money(100),
        )

        settle(house, evening)
        collection("intents").update_many({}, {"$set": {"next_at": NOW}})
        house.work()

        assert house.balance(f"gathering:{evening['gathering']}:takings") == 0
        assert house.balance(f"org:{BRAND}:pending") == 300_060

    def test_gives_a_refund_back_out_of_every_share(self, house, evening):
        settle(house, evening)

        house.hear(
            "payments.command.refund-sale.v1",
            gathering_id=evening["gathering"],
            claim_id=evening["claim"],
            sale_id=evening["sales"][0],
            refund_id=an_id("rfd"),
            amount=money(31_250),
        )
        house.work()

        assert house.balance(f"org:{BRAND}:pending") == 300_000 - 18_750
        assert house.balance("external:provider") == -(100_000 + 500_000) + 31_250
        assert {row["sum"]["minor"] for row in house.trial()["currencies"]} == {0}
        assert house.replies()[-1] == "sale-refunded"

    def test_earns_naming_rights_and_returns_the_rest(self, house, evening):
        proposed = house.ask(
            "POST",
            "/naming-rights",
            BRAND,
            "brand",
            {
                "host_id": HOST,
                "price": money(10_000_000),
                "gatherings": 100,
                "terms": {"host": 9000, "platform": 1000},
            },
        )
        rights = proposed.json["id"]
        house.ask("POST", f"/naming-rights/{rights}/acceptances", HOST, "host")
        house.ask(
            "POST",
            "/deposits",
            "org_platform",
            "platform",
            {"target": rights, "amount": money(10_000_000)},
        )
        house.work()
        held = house.ask("GET", f"/accounts/naming:{rights}:deferred", BRAND, "brand")
        assert held.json["balances"][0]["posted"] == money(10_000_000)

        settle(house, evening, naming_rights_id=rights)
        house.ask("POST", f"/naming-rights/{rights}/endings", BRAND, "brand")
        house.work()

        assert house.balance(f"org:{HOST}:pending") == 180_000 + 90_000
        assert house.balance("platform:fees") == 25_000 + 10_000
        assert house.balance(f"org:{BRAND}:available") == 9_900_000
        assert house.balance(f"naming:{rights}:deferred") == 0

    def test_cancelled_gives_every_buyer_and_the_fund_their_money_back(self, house, evening):
        house.hear("matching.gathering.cancelled.v1", gathering_id=evening["gathering"])
        house.hear(
            "payments.command.cancel-gathering.v1",
            gathering_id=evening["gathering"],
            claim_id=evening["claim"],
            offer_id=evening["offer"],
        )
        house.work()

        assert house.balance(f"offer:{evening['offer']}:fund") == 100_000
        assert house.balance("external:provider") == -100_000
        assert house.replies()[-1] == "gathering-cancelled"

    def test_explains_a_settlement_to_those_who_had_a_part_in_it_only(self, house, evening):
        settle(house, evening)
        listed = house.ask(
            "GET", f"/settlements?gathering_id={evening['gathering']}", HOST, "host"
        )
        (settlement,) = listed.json["items"]
        path = f"/settlements/{settlement['id']}/explanation"

        theirs = house.ask("GET", path, HOST, "host")
        others = house.ask("GET", path, an_id("org"), "host")

        assert sum(line["minor"] for line in theirs.json["lines"]) == 0
        assert all(line["why_en"] and line["why_zh"] for line in theirs.json["lines"])
        assert (others.status_code, others.json["code"]) == (404, "settlement-not-found")


class TestDeposit:
    def test_is_refused_beyond_the_offer_s_cap_and_books_nothing(self, house, evening):
        answer = house.ask(
            "POST",
            "/deposits",
            "org_platform",
            "platform",
            {"target": evening["offer"], "amount": money(1)},
        )
        house.work()

        assert (answer.status_code, answer.json["code"]) == (422, "cap-exceeded")
        assert answer.json["free"] == 0
        assert house.balance("external:provider") == -600_000

    def test_is_for_the_platform_only(self, house, evening):
        answer = house.ask(
            "POST", "/deposits", BRAND, "brand", {"target": evening["offer"], "amount": money(1)}
        )

        assert (answer.status_code, answer.json["code"]) == (403, "permission-missing")
