"""Matching's own commands and facts, taken in as Kafka may deliver them: again, in disorder."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from chassis.consumer.applier import Applier
from chassis.envelope import event_json, message_json
from chassis.kernel.money import Money
from chassis.mongo import collection
from services.catalog.hosts.repositories import MongoHosts
from services.catalog.lots.domain import StockLot
from services.catalog.shipments.handlers import claim_handlers
from services.catalog.shipments.repositories import MongoShipments
from services.catalog.stock.handlers import command_handlers
from services.matching.claims.events import ClaimCancelled, ClaimConfirmed, ReservePacks
from tests.backbone import QUICK, as_letter, stamp
from tests.integration.catalog.conftest import outbox_types
from tests.unit.catalog.fakes import BRAND, HOST, NOW, a_line, an_id, an_offer, some_goods

PACKS = 40
MATCHING = "/matching/1"


class Market:
    """A lot with hosts who claim a pack each; some are confirmed, some of those cancelled."""

    def __init__(self, lots, offers, stock) -> None:
        goods = some_goods(a_line(units=PACKS * 10), max_packs_per_host=999)
        self.lots, self.lot = lots, StockLot.publish(an_id("lot"), BRAND, goods=goods, at=NOW)
        self.lot = lots.save(self.lot)
        self.offer = offers.save(an_offer().open(at=NOW))
        self.commands = Applier(
            "catalog.commands", command_handlers(stock, offers, MongoHosts(), lambda: NOW), QUICK
        )
        self.claims = Applier(
            "catalog.claims", claim_handlers(stock, MongoShipments(), lambda: NOW), QUICK
        )
        self.orders = [self.order() for _ in range(PACKS + 10)]

    def order(self) -> ReservePacks:
        return ReservePacks(
            id=an_id("msg"),
            correlation_id=an_id("sag"),
            occurred_at=NOW,
            claim_id=an_id("clm"),
            lot_id=self.lot.id,
            offer_id=self.offer.id,
            brand_id=BRAND,
            host_id=HOST,
            packs=1,
            expires_at=NOW + timedelta(hours=1),
        )

    def commands_letters(self):
        return [
            as_letter(
                message_json(order, stamp=stamp(MATCHING)), topic="teahouse.catalog.commands"
            )
            for order in self.orders
        ]

    def fact_letters(self):
        """Thirty claims confirmed, ten of them cancelled; each claim's facts in sequence."""
        letters = []
        for number, order in enumerate(self.orders[:30]):
            about = {
                "occurred_at": NOW,
                "claim_id": order.claim_id,
                "lot_id": order.lot_id,
                "offer_id": order.offer_id,
                "brand_id": BRAND,
                "host_id": HOST,
                "packs": 1,
                "subsidy": Money(1, "CNY"),
            }
            facts = [ClaimConfirmed(**about, reservation_id="rsv_x")]
            facts += [ClaimCancelled(**about)] if number < 10 else []
            letters += [
                as_letter(
                    event_json(
                        fact,
                        event_id=f"{order.claim_id}-{sequence}",
                        sequence=sequence,
                        stamp=stamp(MATCHING),
                    ),
                    topic="teahouse.matching.claim",
                )
                for sequence, fact in enumerate(facts, 1)
            ]
        return letters


@pytest.fixture
def market(lots, offers, stock):
    return Market(lots, offers, stock)


@pytest.mark.parametrize("times", [1, 3])
def test_ends_the_same_however_often_and_in_whatever_order_facts_come(market, times):
    commands, facts = market.commands_letters() * times, market.fact_letters() * times
    random.Random(times).shuffle(facts)

    market.commands.take(commands)
    market.claims.take(facts)

    packs = market.lots.get(market.lot.id).packs
    assert (packs.free, packs.reserved, packs.shipped) == (10, 10, 20)
    replies = {"topic": "teahouse.matching.saga-replies"}
    assert collection("outbox").count_documents(replies) == PACKS + 10
    types = outbox_types(market.lot.id)
    assert types.count("catalog.lot.packs-reserved.v1") == PACKS
    assert types.count("catalog.lot.packs-shipped.v1") == 30
    assert types.count("catalog.lot.packs-released.v1") == 10
    assert collection("dead_letters").count_documents({}) == 0
    assert collection("inbox_pending").count_documents({}) == 0
