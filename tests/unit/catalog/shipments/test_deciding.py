"""Goods of lots that closed before enough gatherings were committed: whose word decides."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.catalog.lots.domain import ClosingReason
from services.catalog.shipments.domain import (
    ANSWER_WITHIN,
    NothingAsked,
    Parcel,
    PastItsDate,
    ShipmentNotFound,
    ShipmentState,
)
from services.catalog.shipments.use_cases import (
    DecideShipment,
    DispatchShipment,
    ask_brands,
    decide_in_silence,
    decide_shipment,
    dispatch_shipment,
    release_ripe,
)
from tests.unit.catalog.fakes import BRAND, NOW, OTHER_BRAND
from tests.unit.catalog.shipments.test_use_cases import Store

SOON = timedelta(hours=5)


class Stranded(Store):
    """One claim of three packs on a lot of ten that waits for two gatherings and has closed."""

    def __init__(self, **terms) -> None:
        super().__init__(ships_after_gatherings=2, **terms)
        self.shipments.lots = self.lots
        self.claim = self.reserved(3)
        self.commit(self.claim)

    def close(self):
        lot = self.lots.get(self.lot_id)
        self.lots.save(lot.close(ClosingReason.WITHDRAWN, at=NOW))

    def ask(self, now=NOW):
        return ask_brands(shipments=self.shipments, lots=self.lots, now=now)

    def say(self, *, is_sent, brand_id=BRAND, now=NOW):
        command = DecideShipment(shipment_id=self.shipment.id, brand_id=brand_id, is_sent=is_sent)
        return decide_shipment(command, **self.ports, lots=self.lots, now=now)

    def keep_silent(self, now):
        return decide_in_silence(**self.ports, lots=self.lots, now=now)

    @property
    def shipment(self):
        return self.of(self.claim)

    @property
    def journal(self):
        """Free and shipped packs by the entries since the lot was published with ten."""
        entries = self.lots.entries
        return 10 + sum(each.free for each in entries), sum(each.shipped for each in entries)


def asked(**terms):
    store = Stranded(**terms)
    store.close()
    store.ask()
    return store


class TestAsking:
    def test_waits_for_the_lot_to_close(self):
        store = Stranded()

        assert store.ask() == 0
        store.close()
        assert store.ask() == 1
        assert store.ask() == 0
        assert store.shipment.state is ShipmentState.UNDECIDED
        assert store.shipment.decide_by == NOW + ANSWER_WITHIN
        fact = store.shipments.events[-1]
        assert (fact.type, fact.packs) == ("catalog.shipment.decision-asked.v1", 3)

    def test_is_not_needed_where_enough_gatherings_are_committed(self):
        store = Stranded()
        store.commit(store.reserved(1))
        store.close()

        assert store.ask() == 0
        assert release_ripe(shipments=store.shipments, now=NOW) == 2

    def test_is_over_once_enough_gatherings_are_committed_after_all(self):
        store = Stranded()
        late = store.reserved(1)
        store.close()
        store.ask()

        store.commit(late)

        for _ in range(2):  # the undecided one first, whatever the limit
            assert release_ripe(shipments=store.shipments, now=NOW, limit=1) == 1
        assert {store.of(claim).state for claim in (store.claim, late)} == {
            ShipmentState.PREPARING
        }
        with pytest.raises(NothingAsked):
            store.say(is_sent=False)

    def test_gives_no_longer_than_the_goods_keep(self):
        store = asked(best_before=NOW + SOON)

        assert store.shipment.decide_by == NOW + SOON


class TestTheBrandsWord:
    def test_sends_the_goods_all_the_same(self):
        store = asked()

        sent = store.say(is_sent=True)

        assert sent.state is ShipmentState.PREPARING
        assert store.shipments.events[-1].by == "brand"
        assert store.journal == (7, 3)

    def test_keeps_the_goods_and_books_the_packs_back(self):
        store = asked()

        kept = store.say(is_sent=False)

        assert kept.state is ShipmentState.CALLED_OFF
        assert store.shipments.events[-1].reason == "kept-by-brand"
        assert store.packs == (10, 0, 0)
        assert store.journal == (10, 0)

    @pytest.mark.parametrize("is_sent", [True, False])
    def test_is_said_once_and_in_time(self, is_sent):
        late, store, never = asked(), asked(), Stranded()
        store.say(is_sent=is_sent)
        before = store.packs

        with pytest.raises(NothingAsked):
            store.say(is_sent=not is_sent)
        with pytest.raises(NothingAsked, match="the time to answer ended"):
            late.say(is_sent=is_sent, now=NOW + ANSWER_WITHIN)
        with pytest.raises(NothingAsked, match="waiting"):
            never.say(is_sent=is_sent)

        assert store.packs == before
        assert late.packs == never.packs == (7, 0, 3)

    def test_is_not_for_others(self):
        store = asked()

        with pytest.raises(ShipmentNotFound):
            store.say(is_sent=False, brand_id=OTHER_BRAND)

        assert store.shipment.state is ShipmentState.UNDECIDED

    def test_is_said_by_sending_too(self):
        store = asked()
        command = DispatchShipment(
            shipment_id=store.shipment.id, brand_id=BRAND, parcel=Parcel("SF")
        )

        dispatch_shipment(command, shipments=store.shipments, lots=store.lots, now=NOW)

        assert store.shipment.state is ShipmentState.DISPATCHED
        assert store.keep_silent(NOW + ANSWER_WITHIN) == 0

    @pytest.mark.parametrize("is_asked", [True, False])
    def test_never_sends_goods_past_their_date(self, is_asked):
        store = Stranded(best_before=NOW + SOON)
        store.close()
        if is_asked:
            store.ask()
        command = DispatchShipment(shipment_id=store.shipment.id, brand_id=BRAND, parcel=Parcel())

        with pytest.raises(PastItsDate):
            dispatch_shipment(command, shipments=store.shipments, lots=store.lots, now=NOW + SOON)


class TestSilence:
    def test_sends_what_was_claimed_after_seventy_two_hours(self):
        store = asked(best_before=NOW + timedelta(days=9))
        end = NOW + ANSWER_WITHIN

        assert store.keep_silent(end - timedelta(milliseconds=1)) == 0
        assert store.keep_silent(end) == 1
        assert store.keep_silent(end) == 0
        assert store.shipment.state is ShipmentState.PREPARING
        assert store.shipments.events[-1].by == "silence"
        assert store.packs == (7, 0, 3)

    def test_keeps_what_is_past_its_date(self):
        store = asked(best_before=NOW + SOON)

        assert store.keep_silent(NOW + SOON) == 1
        assert store.shipment.state is ShipmentState.CALLED_OFF
        assert store.shipments.events[-1].reason == "past-best-before"
        assert store.packs == (10, 0, 0)

    def test_decides_at_once_about_goods_that_closed_the_lot_by_their_date(self):
        store = Stranded(best_before=NOW + SOON)
        store.close()
        store.ask(now=NOW + SOON + SOON)

        assert store.keep_silent(NOW + SOON + SOON) == 1
        assert store.packs == (10, 0, 0)
