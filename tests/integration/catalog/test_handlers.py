"""Commands and facts handled on a real database: once, in runs, and all at once."""

from __future__ import annotations

import json

import pytest
from marshmallow import ValidationError

from chassis.envelope import Event
from chassis.kernel.time import to_rfc3339
from chassis.mongo import atomically, collection
from services.catalog.hosts.handlers import handlers as host_handlers
from services.catalog.hosts.repositories import MongoHosts
from services.catalog.lots.domain import StockLot
from services.catalog.lots.engine.restrictions import Channel, Restrictions
from services.catalog.shipments.handlers import claim_handlers
from services.catalog.shipments.handlers import command_handlers as returns
from services.catalog.shipments.repositories import MongoShipments
from services.catalog.stock.domain import ReservationLost
from services.catalog.stock.handlers import command_handlers
from services.catalog.stock.use_cases import expire_reservations
from tests.integration.catalog.conftest import everything, in_parallel, outbox_types
from tests.unit.catalog.fakes import (
    BRAND,
    HOST,
    NOW,
    a_line,
    an_id,
    an_offer,
    some_goods,
)

RESERVE = "catalog.command.reserve-packs.v1"
RELEASE = "catalog.command.release-packs.v1"
RETURN = "catalog.command.return-packs.v1"
CONFIRMED = "matching.claim.confirmed.v1"
CANCELLED = "matching.claim.cancelled.v1"
SETTLED = "matching.claim.settled.v1"


def a_message(kind: str, **data) -> Event:
    return Event(
        id=an_id("msg"),
        type=kind,
        source="/matching/1",
        subject="any",
        key="any",
        time=NOW,
        correlation_id=an_id("sag"),
        data=data,
    )


class Counter:
    """A lot and an offer on a real database, and the handlers of catalog."""

    def __init__(self, lots, offers, stock, *, packs: int, **terms) -> None:
        goods = some_goods(a_line(units=packs * 10), **{"max_packs_per_host": 9999} | terms)
        self.lots = lots
        self.lot = lots.save(StockLot.publish(an_id("lot"), BRAND, goods=goods, at=NOW))
        self.offer = offers.save(an_offer().open(at=NOW))
        self.handlers = command_handlers(stock, offers, MongoHosts(), lambda: NOW)
        self.handlers |= returns(stock, MongoShipments(), lambda: NOW)
        self.handlers |= claim_handlers(stock, MongoShipments(), lambda: NOW)
        self.handlers |= host_handlers(MongoHosts())

    def reserve(self, **changes) -> Event:
        given = {
            "claim_id": an_id("clm"),
            "lot_id": self.lot.id,
            "offer_id": self.offer.id,
            "brand_id": BRAND,
            "host_id": HOST,
            "packs": 1,
            "expires_at": to_rfc3339(NOW.replace(hour=23)),
        }
        return a_message(RESERVE, **given | changes)

    def about(self, kind: str, order: Event, **data) -> Event:
        given = {name: order.data[name] for name in ("claim_id", "lot_id")}
        return a_message(kind, **given | data)

    def handle(self, *events: Event) -> None:
        atomically(lambda: self.handlers[events[0].type](events), timeout_seconds=30)

    @property
    def packs(self):
        return self.lots.get(self.lot.id).packs


@pytest.fixture
def counter(lots, offers, stock):
    return lambda **terms: Counter(lots, offers, stock, **terms)


def answers() -> list[dict]:
    """The replies sent so far, in order, with their types."""
    rows = collection("outbox").find({"topic": "teahouse.matching.saga-replies"}).sort("place", 1)
    return [json.loads(row["event"]) for row in rows]


def journal_sums(lot_id: str) -> tuple[int, int, int]:
    rows = list(collection("stock_entries").find({"lot_id": lot_id}))
    return tuple(sum(row[name] for row in rows) for name in ("free", "reserved", "shipped"))


class TestReserve:
    def test_a_run_saves_the_lot_once_and_answers_all(self, counter):
        counter = counter(packs=30)
        events = [counter.reserve() for _ in range(50)]

        counter.handle(*events)

        sent = answers()
        assert [one["type"] for one in sent] == ["catalog.reply.packs-reserved.v1"] * 30 + [
            "catalog.reply.packs-refused.v1"
        ] * 20
        assert {one["data"].get("code") for one in sent[30:]} == {"not-enough-packs"}
        assert [one["correlationid"] for one in sent] == [one.correlation_id for one in events]
        assert [one["subject"] for one in sent] == [one.correlation_id for one in events]
        lot = counter.lots.get(counter.lot.id)
        assert (lot.packs.free, lot.packs.reserved) == (0, 30)
        assert (lot.revision.version, lot.revision.last_sequence) == (2, 31)
        assert journal_sums(lot.id) == (0, 30, 0)

    def test_a_run_over_many_lots_keeps_them_apart(self, counter):
        counters = [counter(packs=1) for _ in range(3)]
        events = [one.reserve() for one in counters for _ in range(2)]

        counters[0].handle(*events)

        assert [one.packs.reserved for one in counters] == [1, 1, 1]
        assert len(answers()) == 6

    def test_a_hundred_at_once_for_the_last_pack_leave_one_winner(self, counter):
        counter = counter(packs=1)

        in_parallel(lambda _: counter.handle(counter.reserve(host_id=an_id("org"))), 100)

        kinds = [one["type"].split(".")[2] for one in answers()]
        assert sorted(kinds) == ["packs-refused"] * 99 + ["packs-reserved"]
        assert counter.packs.free == 0
        assert counter.packs.reserved == 1
        assert journal_sums(counter.lot.id) == (0, 1, 0)
        assert outbox_types(counter.lot.id).count("catalog.lot.packs-reserved.v1") == 1

    def test_the_cap_holds_for_one_host_at_once(self, counter):
        counter = counter(packs=50, max_packs_per_host=3)

        in_parallel(lambda _: counter.handle(counter.reserve()), 12)

        assert counter.packs.reserved == 3
        codes = [one["data"].get("code") for one in answers()]
        assert codes.count("host-cap-reached") == 9

    @pytest.mark.parametrize(
        ("code", "changes"),
        [
            ("region-not-allowed", {"region": "北京", "channel": "gathering"}),
            ("region-not-allowed", {}),  # as matching wrote them before it told of regions
            ("channel-not-allowed", {"region": "上海", "channel": "online"}),
        ],
    )
    def test_goods_go_only_where_their_brand_lets_them(self, counter, code, changes):
        restrictions = Restrictions(regions=("上海",), channels=(Channel.GATHERING,))
        counter = counter(packs=3, restrictions=restrictions)

        counter.handle(counter.reserve(**changes))
        counter.handle(counter.reserve(region="上海"))

        refused, reserved = answers()
        assert refused["data"]["code"] == code
        assert reserved["type"] == "catalog.reply.packs-reserved.v1"
        assert journal_sums(counter.lot.id) == (2, 1, 0)

    @pytest.mark.parametrize(
        "changes",
        [
            {"packs": 0},
            {"packs": -1},
            {"packs": "2"},
            {"packs": 1.5},
            {"lot_id": "lot_x"},
            {"claim_id": {"$ne": ""}},
            {"expires_at": "soon"},
            {"host_id": None},
        ],
    )
    def test_what_cannot_be_read_is_no_answer_but_a_fault(self, counter, changes):
        counter = counter(packs=3)
        before = everything()

        with pytest.raises(ValidationError):
            counter.handle(counter.reserve(**changes))

        assert everything() == before

    def test_unknown_fields_of_a_later_version_are_no_matter(self, counter):
        counter = counter(packs=3)

        counter.handle(counter.reserve(colour="red"))

        assert counter.packs.reserved == 1


class TestWhatFollows:
    def test_confirmed_ships_and_cancelled_brings_back(self, counter):
        counter = counter(packs=3)
        order = counter.reserve(packs=2)
        counter.handle(order)

        counter.handle(counter.about(CONFIRMED, order))
        shipped = counter.packs
        counter.handle(counter.about(CANCELLED, order), counter.about(CANCELLED, order))

        assert (shipped.free, shipped.reserved, shipped.shipped) == (1, 0, 2)
        assert (counter.packs.free, counter.packs.shipped) == (3, 0)
        assert outbox_types(counter.lot.id)[1:] == [
            "catalog.lot.packs-reserved.v1",
            "catalog.lot.packs-shipped.v1",
            "catalog.lot.packs-released.v1",
        ]

    def test_a_release_that_overtakes_its_reserve_wins(self, counter):
        counter = counter(packs=3)
        order = counter.reserve()

        counter.handle(counter.about(RELEASE, order, reason="timed-out"))
        counter.handle(order)

        assert [one["type"].split(".")[2] for one in answers()] == [
            "packs-released",
            "packs-refused",
        ]
        assert counter.packs.free == 3

    def test_returned_packs_are_free_again_once(self, counter):
        counter = counter(packs=3)
        order = counter.reserve(packs=2)
        counter.handle(order)
        refund_id = an_id("rfd")

        for _ in range(2):
            counter.handle(counter.about(RETURN, order, refund_id=refund_id, packs=1))

        assert (counter.packs.free, counter.packs.shipped) == (2, 1)
        assert journal_sums(counter.lot.id) == (2, 0, 1)

    def test_a_settled_claim_makes_its_host_leave_the_newcomers_share(self, counter):
        counter = counter(packs=20)
        order = counter.reserve()
        newcomer, experienced = an_id("org"), HOST

        counter.handle(order)
        counter.handle(*[counter.about(SETTLED, order, host_id=experienced)] * 2)
        counter.handle(counter.reserve(packs=19))
        counter.handle(counter.reserve(packs=19, host_id=newcomer))

        codes = [one["data"].get("code") for one in answers()]
        assert codes == [None, "kept-for-newcomers", None]
        assert counter.packs.free == 0
        assert counter.lots.get(counter.lot.id).newcomers_held == 20

    def test_a_claim_confirmed_without_packs_is_a_fault(self, counter):
        counter = counter(packs=3)
        before = everything()

        with pytest.raises(ReservationLost):
            counter.handle(counter.about(CONFIRMED, counter.reserve()))

        assert everything() == before

    def test_expiry_and_confirmation_at_once_end_shipped(self, counter, stock):
        counter = counter(packs=8)
        orders = [counter.reserve(expires_at=to_rfc3339(NOW.replace(hour=10))) for _ in range(8)]
        counter.handle(*orders)
        late = NOW.replace(hour=11)

        def race(number):
            if number == 0:
                return atomically(lambda: expire_reservations(stock=stock, now=late))
            return counter.handle(counter.about(CONFIRMED, orders[number - 1]))

        in_parallel(race, 9)

        assert (counter.packs.free, counter.packs.reserved, counter.packs.shipped) == (0, 0, 8)
        assert journal_sums(counter.lot.id) == (0, 0, 8)
