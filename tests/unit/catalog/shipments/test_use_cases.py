"""Shipments follow from confirmed claims, and stock follows from returns and exchanges."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.catalog.shipments.domain import (
    COUNT_WITHIN,
    CountedLine,
    Parcel,
    ShipmentNotFound,
    ShipmentState,
    shipment_id,
)
from services.catalog.shipments.use_cases import (
    DispatchShipment,
    ReceiveShipment,
    SendBack,
    commit_claims,
    dispatch_shipment,
    end_claims,
    exchange_goods,
    of_party,
    receive_shipment,
    receive_uncounted,
    release_ripe,
    return_goods,
    take_back,
)
from services.catalog.stock.domain import NoReplacement
from services.catalog.stock.use_cases import ClaimConfirmed, ClaimEnded, ReturnPacks, reserve_packs
from tests.unit.catalog.fakes import (
    BRAND,
    HOST,
    NOW,
    OTHER_BRAND,
    OTHER_HOST,
    FakeHosts,
    FakeLots,
    FakeOffers,
    FakeShipments,
    FakeStock,
    a_lot,
    a_reserve,
    an_id,
    an_offer,
)


class Store:
    """A lot of ten packs, and the ports over it."""

    def __init__(self, packs=10, **terms) -> None:
        self.lot_id = an_id("lot")
        terms = {"max_packs_per_host": 100} | terms
        self.lots = FakeLots(a_lot(lot_id=self.lot_id, packs=packs, **terms))
        self.stock, self.shipments = FakeStock(self.lots), FakeShipments()
        self.ports = {"stock": self.stock, "shipments": self.shipments}

    def reserved(self, packs=2, lot_id=None, **changes):
        """A claim with so many packs set aside."""
        offer = an_offer()
        order = a_reserve(lot_id or self.lot_id, offer.id, packs=packs, **changes)
        ports = {"stock": self.stock, "offers": FakeOffers(offer), "hosts": FakeHosts()}
        reserve_packs([order], **ports, now=NOW)
        return order.claim_id

    def commit(self, *claims, lot_id=None):
        lot_id = lot_id or self.lot_id
        facts = [ClaimConfirmed(lot_id=lot_id, claim_id=claim) for claim in claims]
        commit_claims(facts, **self.ports, now=NOW)

    def of(self, claim):
        return self.shipments.get(shipment_id(claim, self.lot_id))

    def there(self, packs=2):
        """A shipment that has come, all as packed."""
        claim = self.reserved(packs)
        self.commit(claim)
        key = self.of(claim).id
        command = DispatchShipment(shipment_id=key, brand_id=BRAND, parcel=Parcel())
        dispatch_shipment(command, shipments=self.shipments, lots=self.lots, now=NOW)
        count = ReceiveShipment(
            shipment_id=key, host_id=HOST, counted=[CountedLine(1, packs * 10)]
        )
        return receive_shipment(count, shipments=self.shipments, now=NOW)

    @property
    def packs(self):
        packs = self.lots.get(self.lot_id).packs
        return packs.free, packs.reserved, packs.shipped


class TestCommitClaims:
    def test_opens_one_shipment_a_claim_however_often_it_is_told(self):
        store = Store()
        claims = [store.reserved(), store.reserved()]

        store.commit(*claims, claims[0])
        store.commit(*claims)

        assert sorted(store.shipments.by_id) == sorted(store.of(claim).id for claim in claims)
        assert store.of(claims[0]).packs == 2
        assert store.packs == (6, 0, 4)

    def test_owes_nothing_to_a_claim_that_was_released_first(self):
        store = Store()
        claim = store.reserved()
        end_claims(
            [ClaimEnded(lot_id=store.lot_id, claim_id=claim, reason="x")], **store.ports, now=NOW
        )

        store.commit(claim)

        assert store.shipments.by_id == {}


class TestTakeBack:
    def back(self, store, claim, packs, refund_id="rfd_1", lot_id=None):
        return ReturnPacks(
            id=an_id("msg"),
            correlation_id=an_id("sag"),
            lot_id=lot_id or store.lot_id,
            claim_id=claim,
            refund_id=refund_id,
            packs=packs,
        )

    def test_of_kits_owes_fewer_of_the_lots_that_came_back_alone(self):
        store, other_id = Store(), an_id("lot")
        store.lots.by_id[other_id] = a_lot(lot_id=other_id, packs=10)
        first, second = an_id("clm"), an_id("clm")
        for claim in (first, second):
            for lot_id in (store.lot_id, other_id):
                store.reserved(2, lot_id=lot_id, claim_id=claim)
                store.commit(claim, lot_id=lot_id)

        take_back(
            [self.back(store, first, 1), self.back(store, second, 1, lot_id=other_id)],
            **store.ports,
            now=NOW,
        )

        owed = {
            (each.claim_id, each.lot_id): each.packs for each in store.shipments.by_id.values()
        }
        assert owed == {
            (first, store.lot_id): 1,
            (first, other_id): 2,
            (second, store.lot_id): 2,
            (second, other_id): 1,
        }

    def test_owes_as_many_fewer_while_the_goods_are_at_the_brands(self):
        store = Store()
        claim = store.reserved(5)
        store.commit(claim)

        for _ in range(2):
            take_back([self.back(store, claim, 3)], **store.ports, now=NOW)

        assert (store.of(claim).packs, store.of(claim).units) == (2, 20)
        assert store.packs == (8, 0, 2)
        assert [type(fact).__name__ for fact in store.shipments.events] == [
            "ShipmentOpened",
            "ShipmentReduced",
        ]

    def test_of_all_of_them_calls_the_shipment_off(self):
        store = Store()
        claim = store.reserved(2)
        store.commit(claim)

        take_back([self.back(store, claim, 2)], **store.ports, now=NOW)

        assert store.of(claim).state is ShipmentState.CALLED_OFF
        assert store.packs == (10, 0, 0)

    def test_leaves_what_is_there_already(self):
        store = Store()
        shipment = store.there(packs=2)

        take_back([self.back(store, shipment.claim_id, 1)], **store.ports, now=NOW)

        assert store.shipments.get(shipment.id) == shipment

    def test_that_overtakes_the_confirmation_is_never_sent(self):
        store = Store()
        claim = store.reserved(3)

        take_back([self.back(store, claim, 1)], **store.ports, now=NOW)
        store.commit(claim)

        assert store.of(claim).packs == 2
        assert store.packs == (8, 0, 2)

    def test_answers_for_claims_that_are_not_there(self):
        store = Store()

        take_back([self.back(store, an_id("clm"), 1)], **store.ports, now=NOW)

        assert [answer.type for answer in store.stock.answers] == [
            "catalog.reply.return-refused.v1"
        ]


class TestEndClaims:
    def test_keeps_goods_that_have_not_left(self):
        store = Store()
        claim = store.reserved()
        store.commit(claim)
        ended = ClaimEnded(lot_id=store.lot_id, claim_id=claim, reason="claim-cancelled")

        end_claims([ended], **store.ports, now=NOW)
        end_claims([ended], **store.ports, now=NOW)

        assert store.of(claim).state is ShipmentState.CALLED_OFF
        assert store.packs == (10, 0, 0)
        assert [type(fact).__name__ for fact in store.shipments.events] == [
            "ShipmentOpened",
            "ShipmentCalledOff",
        ]

    def test_keeps_what_an_exchange_was_to_bring_and_leaves_what_is_there(self):
        store = Store()
        shipment = store.there()
        command = SendBack(shipment_id=shipment.id, host_id=HOST, packs=1)
        other = exchange_goods(command, **store.ports, ids=an_id, now=NOW)
        ended = ClaimEnded(
            lot_id=store.lot_id, claim_id=shipment.claim_id, reason="claim-cancelled"
        )

        end_claims([ended], **store.ports, now=NOW)

        assert store.shipments.get(other.id).state is ShipmentState.CALLED_OFF
        assert store.shipments.get(shipment.id).state is ShipmentState.RECEIVED


class TestReleaseRipe:
    def test_lets_all_go_once_enough_gatherings_are_committed(self):
        store = Store(ships_after_gatherings=3)
        claims = [store.reserved(1) for _ in range(3)]
        store.commit(*claims[:2])

        assert release_ripe(shipments=store.shipments, now=NOW) == 0

        store.commit(claims[2])

        assert release_ripe(shipments=store.shipments, now=NOW) == 3
        assert {store.of(claim).state for claim in claims} == {ShipmentState.PREPARING}

    def test_does_not_count_claims_that_have_ended(self):
        store = Store(ships_after_gatherings=2)
        claims = [store.reserved(1) for _ in range(2)]
        store.commit(*claims)
        ended = ClaimEnded(lot_id=store.lot_id, claim_id=claims[0], reason="claim-cancelled")
        end_claims([ended], **store.ports, now=NOW)

        assert release_ripe(shipments=store.shipments, now=NOW) == 0
        assert store.of(claims[1]).state is ShipmentState.WAITING


class TestReceiveUncounted:
    def test_takes_silence_as_a_receipt_after_fourteen_days(self):
        store = Store()
        claim = store.reserved()
        store.commit(claim)
        command = DispatchShipment(shipment_id=store.of(claim).id, brand_id=BRAND, parcel=Parcel())
        dispatch_shipment(command, shipments=store.shipments, lots=store.lots, now=NOW)
        end = NOW + COUNT_WITHIN

        early = receive_uncounted(shipments=store.shipments, now=end - timedelta(seconds=1))
        assert early == 0
        assert receive_uncounted(shipments=store.shipments, now=end) == 1
        assert store.of(claim).received_at == end


class TestReturnGoods:
    def test_frees_the_packs_again(self):
        store = Store()
        shipment = store.there(packs=3)
        command = SendBack(shipment_id=shipment.id, host_id=HOST, packs=2)

        after = return_goods(command, **store.ports, ids=an_id, now=NOW)

        assert after.returned == 2
        assert store.packs == (9, 0, 1)
        assert type(store.shipments.events[-1]).__name__ == "ShipmentReturned"


class TestExchangeGoods:
    def test_ships_as_many_others(self):
        store = Store()
        shipment = store.there(packs=3)
        command = SendBack(shipment_id=shipment.id, host_id=HOST, packs=2)

        other = exchange_goods(command, **store.ports, ids=an_id, now=NOW)

        assert (other.replaces, other.packs) == (shipment.id, 2)
        assert store.shipments.get(shipment.id).exchanged == 2
        assert store.packs == (7, 0, 3)
        kinds = [str(entry.kind) for entry in store.lots.entries[-3:]]
        assert kinds == ["returned", "reserved", "shipped"]

    def test_refuses_when_the_lot_has_too_few_free_packs_and_moves_nothing(self):
        store = Store(packs=3)
        shipment = store.there(packs=2)
        before = dict(store.shipments.by_id), list(store.shipments.events), store.packs
        command = SendBack(shipment_id=shipment.id, host_id=HOST, packs=2)

        with pytest.raises(NoReplacement, match="2 asked, 1 free"):
            exchange_goods(command, **store.ports, ids=an_id, now=NOW)

        assert before == (dict(store.shipments.by_id), store.shipments.events, store.packs)


class TestStrangers:
    def test_know_nothing_of_it(self):
        store = Store()
        key = store.there().id
        shipments, lots = store.shipments, store.lots
        sent = DispatchShipment(shipment_id=key, brand_id=OTHER_BRAND, parcel=Parcel())
        back = SendBack(shipment_id=key, host_id=OTHER_HOST, packs=1)
        for act in (
            lambda: dispatch_shipment(sent, shipments=shipments, lots=lots, now=NOW),
            lambda: return_goods(back, **store.ports, ids=an_id, now=NOW),
            lambda: exchange_goods(back, **store.ports, ids=an_id, now=NOW),
            lambda: of_party(key, OTHER_HOST, shipments=shipments),
        ):
            with pytest.raises(ShipmentNotFound):
                act()

        assert of_party(key, BRAND, shipments=shipments).id == key
        assert of_party(key, HOST, shipments=shipments).id == key
