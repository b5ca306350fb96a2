"""A long random walk of stock on a real database, with the power cut between any two writes."""

from __future__ import annotations

import contextlib
import random
from datetime import timedelta

import pytest
from pymongo.collection import Collection

from chassis import crash
from chassis.consumer.applier import Applier
from chassis.envelope import message_json
from chassis.kernel.errors import DomainError
from chassis.mongo import atomically, collection
from services.catalog.hosts.repositories import MongoHosts
from services.catalog.lots.domain import StockLot
from services.catalog.lots.use_cases import CorrectCount, correct_count
from services.catalog.shipments.domain import CountedLine, Parcel, shipment_id
from services.catalog.shipments.handlers import command_handlers as returns
from services.catalog.shipments.repositories import MongoShipments
from services.catalog.shipments.use_cases import (
    DispatchShipment,
    ReceiveShipment,
    SendBack,
    commit_claims,
    dispatch_shipment,
    end_claims,
    exchange_goods,
    receive_shipment,
    return_goods,
)
from services.catalog.stock.domain import ReservationLost
from services.catalog.stock.handlers import command_handlers
from services.catalog.stock.use_cases import (
    ClaimConfirmed,
    ClaimEnded,
    expire_reservations,
)
from services.matching.claims.events import ReleasePacks, ReservePacks
from services.matching.sales.events import ReturnPacks
from tests.backbone import QUICK, as_letter, stamp
from tests.unit.catalog.fakes import BRAND, NOW, a_line, an_id, an_offer, some_goods

WALKS, STEPS, STEPS_FULL, STEPS_A_LOT = 10, 80, 1_000, 150  # ten thousand in all at full length
PACKS, CAP = 16, 5
MOST_WRITES = 6  # of one step
LIVE = ("reserved", "shipped")


class PowerLost(BaseException):
    """What a crash is to a process: nothing catches it, and the transaction is not committed."""


class PowerSwitch:
    """Cuts the power at the n-th write, or at a place the applier names, if set to."""

    def __init__(self, patched) -> None:
        self._left = 0
        self.cuts = 0
        for name in ("bulk_write", "insert_many"):
            patched.setattr(Collection, name, self._guarded(getattr(Collection, name)))
        patched.setattr(crash, "point", lambda _name: self._count())

    @contextlib.contextmanager
    def cut_at(self, place):
        """Lose power there, should the block come so far; 0 is nowhere."""
        self._left = place
        try:
            yield
        finally:
            self._left = 0

    def _guarded(self, write):
        def guarded(*given, **options):
            self._count()
            return write(*given, **options)

        return guarded

    def _count(self):
        if self._left:
            self._left -= 1
            if not self._left:
                self.cuts += 1
                raise PowerLost


class Walk:
    """One lot, twelve claims on it, and everything that may happen to them."""

    def __init__(self, lots, offers, stock, chance) -> None:
        self.lots, self.stock, self.chance, self.now = lots, stock, chance, NOW
        self.ports = {"stock": stock, "shipments": MongoShipments()}
        goods = some_goods(a_line(units=PACKS * 10), max_packs_per_host=CAP)
        self.lot_id = lots.save(StockLot.publish(an_id("lot"), BRAND, goods=goods, at=NOW)).id
        self.offer_id = offers.save(an_offer().open(at=NOW)).id
        handlers = command_handlers(stock, offers, MongoHosts(), lambda: self.now)
        handlers |= returns(stock, MongoShipments(), lambda: self.now)
        self.applier = Applier("catalog.commands", handlers, QUICK)
        self.claims = [an_id("clm") for _ in range(12)]
        self.hosts = [an_id("org") for _ in range(3)]
        self.delivered = []

    def step(self):
        """Choose what happens next."""
        return self.chance.choice(
            [
                self.commands(self.reserve, 6),
                self.commands(self.reserve, 2),
                self.commands(self.release, 1),
                self.commands(self.give_back, 2),
                self.again,
                self.confirm,
                self.end,
                self.count_goods,
                self.let_time_pass,
                self.send_goods,
                self.send_back,
                self.send_back,
            ]
        )

    def commands(self, make, most):
        texts = [message_json(make(), stamp=stamp("/matching/1")) for _ in range(most)]
        letters = [as_letter(text, topic="teahouse.catalog.commands") for text in texts]

        def take():
            self.delivered += letters
            self.applier.take(letters)

        return take

    def again(self):
        if self.delivered:
            self.applier.take(self.chance.choices(self.delivered, k=8))

    def reserve(self):
        return ReservePacks(
            **self.about(),
            offer_id=self.offer_id,
            brand_id=BRAND,
            host_id=self.chance.choice(self.hosts),
            packs=self.chance.randint(1, 3),
            expires_at=self.now + timedelta(minutes=30),
        )

    def release(self):
        return ReleasePacks(**self.about(), reason="cancelled")

    def give_back(self):
        refund_id = an_id("rfd")
        return ReturnPacks(**self.about(), refund_id=refund_id, packs=self.chance.randint(1, 2))

    def about(self):
        return {
            "id": an_id("msg"),
            "correlation_id": an_id("sag"),
            "occurred_at": self.now,
            "claim_id": self.chance.choice(self.claims),
            "lot_id": self.lot_id,
        }

    def confirm(self):
        fact = ClaimConfirmed(lot_id=self.lot_id, claim_id=self.chance.choice(self.claims))
        with contextlib.suppress(ReservationLost):
            atomically(lambda: commit_claims([fact], **self.ports, now=self.now))

    def end(self):
        claim_id = self.chance.choice(self.claims)
        fact = ClaimEnded(lot_id=self.lot_id, claim_id=claim_id, reason="claim-cancelled")
        atomically(lambda: end_claims([fact], **self.ports, now=self.now))

    def send_goods(self):
        """Dispatch a claim's shipment and have it counted, if it has not been."""
        self.send(self.a_shipment())

    def send(self, key):
        shipments = self.ports["shipments"]
        with contextlib.suppress(DomainError):
            host_id, units = shipments.get(key).host_id, shipments.get(key).units
            sent = DispatchShipment(shipment_id=key, brand_id=BRAND, parcel=Parcel())
            count = ReceiveShipment(
                shipment_id=key, host_id=host_id, counted=[CountedLine(1, units)]
            )
            atomically(
                lambda: dispatch_shipment(sent, shipments=shipments, lots=self.lots, now=self.now)
            )
            atomically(lambda: receive_shipment(count, shipments=shipments, now=self.now))

    def send_back(self):
        """Return or exchange a pack of a shipment, if that may be."""
        key, act = self.a_shipment(), self.chance.choice([return_goods, exchange_goods])
        self.send(key)
        with contextlib.suppress(DomainError):
            host_id = self.ports["shipments"].get(key).host_id
            command = SendBack(shipment_id=key, host_id=host_id, packs=1)
            atomically(lambda: act(command, **self.ports, ids=an_id, now=self.now))

    def a_shipment(self):
        where = {"lot_id": self.lot_id, "state": {"$ne": "called-off"}}
        rows = collection("shipments").find(where, {"_id": 1}).sort("_id", 1)
        known = [row["_id"] for row in rows]
        return self.chance.choice(known or [shipment_id(self.claims[0], self.lot_id)])

    def count_goods(self):
        packs = self.chance.choice([-2, -1, 1, 2])
        command = CorrectCount(lot_id=self.lot_id, brand_id=BRAND, packs=packs, why="counted")
        with contextlib.suppress(DomainError):
            atomically(lambda: correct_count(command, lots=self.lots, now=self.now))

    def let_time_pass(self):
        self.now += timedelta(minutes=20)
        atomically(lambda: expire_reservations(stock=self.stock, now=self.now))


def assert_sound(lot_id):
    """The journal's sums are the lot's packs, and reservations account for those not free."""
    entries = list(collection("stock_entries").find({"lot_id": lot_id}).sort("number", 1))
    lot = collection("stock_lots").find_one({"_id": lot_id})
    columns = ("free", "reserved", "shipped")
    sums = {name: sum(entry[name] for entry in entries) for name in columns}
    assert sums == {name: lot[name] for name in columns}
    assert min(sums.values()) >= 0
    assert [entry["number"] for entry in entries] == list(range(1, lot["entries"] + 1))
    received = [entry["free"] for entry in entries if entry["kind"] in {"received", "counted"}]
    assert sum(sums.values()) == sum(received)
    held, returned = dict.fromkeys(LIVE, 0), {}
    for row in collection("reservations").find({"lot_id": lot_id}):
        returned[row["claim_id"]] = row["returned"]
        if row["state"] in LIVE:
            held[row["state"]] += row["packs"] - row["returned"]
    assert held == {name: sums[name] for name in LIVE}
    for row in collection("shipments").find({"lot_id": lot_id}):
        assert row["returned"] + row["exchanged"] <= row["packs"]
        returned[row["claim_id"]] -= row["returned"]
    assert min(returned.values(), default=0) >= 0


@pytest.fixture
def power(monkeypatch):
    return PowerSwitch(monkeypatch)


@pytest.mark.parametrize("seed", range(WALKS))
def test_stock_adds_up_after_every_step_whatever_is_cut_off(
    seed, lots, offers, stock, power, full
):
    chance, steps = random.Random(seed), STEPS_FULL if full else STEPS
    for number in range(steps):
        if number % STEPS_A_LOT == 0:
            walk = Walk(lots, offers, stock, chance)
        act, place = walk.step(), chance.choice([0, chance.randint(1, MOST_WRITES)])
        try:
            with power.cut_at(place):
                act()
        except PowerLost:
            assert_sound(walk.lot_id)
            if chance.random() < 0.7:
                act()  # the broker delivers again what was not acknowledged
        assert_sound(walk.lot_id)

    assert power.cuts > 0
    answers = collection("outbox").count_documents({"topic": "teahouse.matching.saga-replies"})
    assert answers == collection("inbox_log").count_documents({})
    if full:  # then everything has happened that may
        assert collection("shipments").count_documents({"returned": {"$gt": 0}}) > 0
        assert collection("shipments").count_documents({"exchanged": {"$gt": 0}}) > 0
