"""Two hundred claims at once on fifty packs, by several consumers, and all delivered again."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta

import pytest

from chassis.consumer.applier import Applier, Unavailable
from chassis.envelope import message_json
from chassis.mongo import collection
from services.catalog.hosts.repositories import MongoHosts
from services.catalog.lots.domain import StockLot
from services.catalog.stock.handlers import command_handlers
from services.matching.claims.events import ReservePacks
from tests.backbone import QUICK, as_letter, stamp
from tests.integration.catalog.conftest import everything, in_parallel
from tests.unit.catalog.fakes import BRAND, NOW, a_line, an_id, an_offer, some_goods

PACKS, CLAIMS, CONSUMERS = 50, 200, 8
TRIES = 20


@pytest.fixture
def letters(lots, offers):
    goods = some_goods(a_line(units=PACKS * 10), max_packs_per_host=PACKS)
    lot = lots.save(StockLot.publish(an_id("lot"), BRAND, goods=goods, at=NOW))
    offer = offers.save(an_offer().open(at=NOW))
    orders = [
        ReservePacks(
            id=an_id("msg"),
            correlation_id=an_id("sag"),
            occurred_at=NOW,
            claim_id=an_id("clm"),
            lot_id=lot.id,
            offer_id=offer.id,
            brand_id=BRAND,
            host_id=an_id("org"),
            packs=1,
            expires_at=NOW + timedelta(hours=1),
        )
        for _ in range(CLAIMS)
    ]
    texts = [message_json(order, stamp=stamp("/matching/1")) for order in orders]
    return [as_letter(text, topic="teahouse.catalog.commands") for text in texts]


@pytest.fixture
def deliver(stock, offers):
    """Give every consumer some of the letters, all at the same moment."""
    handlers = command_handlers(stock, offers, MongoHosts(), lambda: NOW)

    def to_all(shares):
        def consume(number):
            applier = Applier("catalog.commands", handlers, QUICK)
            for _ in range(TRIES):
                try:
                    return applier.take(shares[number])
                except Unavailable:  # as the loop does: everything once more
                    continue
            raise AssertionError(f"still not decided after {TRIES} tries")

        in_parallel(consume, len(shares))

    return to_all


def dealt(letters, seed):
    """The letters shuffled and dealt out, every tenth to two consumers."""
    chance = random.Random(seed)
    hand = [*letters, *chance.sample(letters, CLAIMS // 10)]
    chance.shuffle(hand)
    return [hand[first::CONSUMERS] for first in range(CONSUMERS)]


def answers():
    rows = collection("outbox").find({"topic": "teahouse.matching.saga-replies"})
    return Counter(row["type"] for row in rows)


class TestTwoHundredClaimsOnFiftyPacks:
    @pytest.mark.parametrize("run", range(10))
    def test_leave_fifty_with_a_pack_and_change_nothing_when_they_come_again(
        self, run, letters, deliver, lots
    ):
        deliver(dealt(letters, run))

        assert answers() == {
            "catalog.reply.packs-reserved.v1": PACKS,
            "catalog.reply.packs-refused.v1": CLAIMS - PACKS,
        }
        (lot_id,) = (row["_id"] for row in collection("stock_lots").find())
        packs = lots.get(lot_id).packs
        assert (packs.free, packs.reserved, packs.shipped) == (0, PACKS, 0)
        moved = collection("stock_entries").count_documents({"kind": "reserved"})
        assert moved == collection("reservations").count_documents({"state": "reserved"}) == PACKS
        before = everything()

        deliver(dealt(letters, run + 1000))

        assert everything() == before
