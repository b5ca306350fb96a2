"""Shipments: what may happen to them, and what is owed for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chassis.kernel.money import Money
from services.catalog.shipments.domain import (
    RETURN_WITHIN,
    CountedLine,
    CountIncomplete,
    MoreThanReceived,
    NotOnItsWay,
    NotReceived,
    NotToBeSent,
    PackingListWrong,
    Parcel,
    ReturnTooLate,
    Shipment,
    ShipmentState,
    StillWaiting,
)
from services.catalog.shipments.events import ShipmentOpened, Variance
from tests.unit.catalog.fakes import HOST, NOW, a_line, a_lot, an_id, some_goods

LATER = NOW + timedelta(days=2)
TWO_LINES = replace(
    a_lot(),
    manifest=some_goods(
        a_line(units=60, unit_price=Money(1000, "CNY")),
        a_line(sku="HB-1", units=40, unit_price=Money(300, "CNY")),
    ).manifest,
)
ALL_AS_PACKED = [CountedLine(1, 12), CountedLine(2, 8)]


def opened(*, packs=2, lot=None, **terms):
    """A shipment of packs of ten, in preparation unless the lot waits for gatherings."""
    lot = lot or a_lot(**terms)
    return Shipment.open(lot, claim_id=an_id("clm"), host_id=HOST, packs=packs, at=NOW)


def dispatched(**changes):
    """Twelve of the dear line and eight of the cheap one, on their way."""
    parcel = Parcel("SF", "SF123", ((1, 12), (2, 8)))
    sent = opened().state.dispatch(parcel, TWO_LINES, at=NOW).state
    return replace(sent, **changes)


def received(*count):
    return dispatched().receive(list(count) or ALL_AS_PACKED, at=LATER).state


class TestOpen:
    def test_owes_the_units_of_all_packs(self):
        shipment, (fact,), _ = opened(packs=3)

        assert shipment.state is ShipmentState.PREPARING
        assert shipment.units == 30
        assert isinstance(fact, ShipmentOpened)
        assert (fact.packs, fact.units, fact.waits_for) == (3, 30, 0)

    def test_keeps_the_goods_while_the_lot_waits_for_gatherings(self):
        shipment, (fact,), _ = opened(ships_after_gatherings=5)

        assert shipment.state is ShipmentState.WAITING
        assert fact.waits_for == 5

    def test_is_the_same_shipment_for_the_same_claim(self):
        lot, claim_id = a_lot(), an_id("clm")
        made = [
            Shipment.open(lot, claim_id=claim_id, host_id=HOST, packs=1, at=NOW).state.id
            for _ in range(2)
        ]

        assert made[0] == made[1]


class TestDispatch:
    def test_of_one_kind_of_goods_needs_no_packing_list(self):
        lot = a_lot()
        shipment, (fact,), _ = opened(lot=lot).state.dispatch(Parcel("SF"), lot, at=LATER)

        assert shipment.state is ShipmentState.DISPATCHED
        assert [(line.line, line.units) for line in shipment.packed] == [(1, 20)]
        assert fact.goods_value == Money(20 * 1250, "CNY")

    def test_of_several_kinds_says_what_was_packed(self):
        shipment = dispatched()

        assert shipment.goods_value == Money(12 * 1000 + 8 * 300, "CNY")

    @pytest.mark.parametrize(
        "lines",
        [(), ((1, 19),), ((1, 21),), ((1, 10), (1, 10)), ((3, 20),), ((0, 20),)],
        ids=["none", "too few", "too many", "twice", "no such line", "counted from nought"],
    )
    def test_refuses_a_list_that_does_not_fill_the_packs(self, lines):
        with pytest.raises(PackingListWrong):
            opened().state.dispatch(Parcel(lines=lines), TWO_LINES, at=NOW)

    def test_refuses_while_too_few_gatherings_are_committed(self):
        shipment = opened(ships_after_gatherings=2).state
        with pytest.raises(StillWaiting, match="waits for 2"):
            shipment.dispatch(Parcel(), a_lot(), at=NOW)

        ready = shipment.release(at=NOW).state
        assert ready.dispatch(Parcel(), a_lot(), at=NOW).events

    def test_lets_what_waits_leave_once_the_lot_takes_no_more_claims(self):
        lot = a_lot(ships_after_gatherings=2, closes_at=LATER)

        sent = opened(lot=lot).state.dispatch(Parcel(), lot, at=LATER).state

        assert sent.state is ShipmentState.DISPATCHED

    def test_refuses_a_second_time(self):
        with pytest.raises(NotToBeSent):
            dispatched().dispatch(Parcel(), TWO_LINES, at=NOW)


class TestCallOff:
    @pytest.mark.parametrize("waits_for", [0, 3])
    def test_keeps_what_has_not_left(self, waits_for):
        shipment, facts = opened(ships_after_gatherings=waits_for).state.call_off(at=NOW)[:2]

        assert shipment.state is ShipmentState.CALLED_OFF
        assert len(facts) == 1
        with pytest.raises(NotToBeSent):
            shipment.dispatch(Parcel(), a_lot(), at=NOW)

    def test_leaves_what_is_on_its_way(self):
        sent = dispatched()

        assert sent.call_off(at=NOW) == (sent, (), ())


class TestReceive:
    def test_of_all_as_packed_owes_nothing(self):
        shipment, (fact,), _ = dispatched().receive(ALL_AS_PACKED, at=LATER)

        assert shipment.state is ShipmentState.RECEIVED
        assert (fact.by, fact.variances, fact.credit) == ("host", (), Money(0, "CNY"))

    def test_credits_what_is_missing_or_unfit_at_its_lines_price(self):
        count = [CountedLine(2, 5, unfit=1), CountedLine(1, 10)]

        shipment, (fact,), _ = dispatched().receive(count, at=LATER)

        assert fact.credit == shipment.credit == Money(2 * 1000 + 3 * 300, "CNY")
        assert fact.variances == (
            Variance(1, 12, 10, 0, Money(2000, "CNY")),
            Variance(2, 8, 5, 1, Money(900, "CNY")),
        )

    def test_charges_nothing_for_more_than_was_packed(self):
        count = [CountedLine(1, 13), CountedLine(2, 7)]

        _, (fact,), _ = dispatched().receive(count, at=LATER)

        assert fact.credit == Money(300, "CNY")
        assert fact.variances[0] == Variance(1, 12, 13, 0, Money(0, "CNY"))

    @pytest.mark.parametrize(
        "lines", [[1], [1, 2, 2], [1, 2, 3]], ids=["one missing", "one twice", "one unknown"]
    )
    def test_refuses_a_count_that_is_not_of_the_packing_list(self, lines):
        with pytest.raises(CountIncomplete):
            dispatched().receive([CountedLine(line, 1) for line in lines], at=LATER)

    def test_refuses_before_dispatch_and_a_second_time(self):
        for shipment in (opened().state, received()):
            with pytest.raises(NotOnItsWay):
                shipment.receive(ALL_AS_PACKED, at=LATER)

    def test_in_silence_takes_it_as_packed(self):
        shipment, (fact,), _ = dispatched().receive_in_silence(at=LATER)

        assert shipment.counted == tuple(ALL_AS_PACKED)
        assert (fact.by, fact.credit) == ("silence", Money(0, "CNY"))


class TestGiveBack:
    def test_tells_the_value_of_what_came(self):
        shipment, (fact,), _ = received().give_back(2, return_id="ret_1", at=LATER)

        assert shipment.returned == 2
        assert (fact.packs, fact.goods_value) == (2, Money(14_400, "CNY"))

    def test_pays_nothing_twice_for_what_was_credited(self):
        short = received(CountedLine(1, 0), CountedLine(2, 8))

        _, (fact,), _ = short.give_back(1, return_id="ret_1", at=LATER)

        assert short.credit + fact.goods_value == Money(14_400, "CNY")

    def test_refuses_packs_that_never_came(self):
        short = received(CountedLine(1, 0), CountedLine(2, 8))
        nothing = received(CountedLine(1, 0), CountedLine(2, 0))

        with pytest.raises(MoreThanReceived, match="2 asked, 1 left"):
            short.give_back(2, return_id="ret_1", at=LATER)
        with pytest.raises(MoreThanReceived, match="1 asked, 0 left"):
            nothing.give_back(1, return_id="ret_1", at=LATER)

    def test_of_one_pack_after_the_other_adds_up_to_the_whole(self):
        shipment = replace(received(), credit=Money(1, "CNY"))
        first, (one,), _ = shipment.give_back(1, return_id="ret_1", at=LATER)
        _, (other,), _ = first.give_back(1, return_id="ret_2", at=LATER)

        assert one.goods_value + other.goods_value == Money(14_399, "CNY")

    def test_ends_seven_days_after_the_receipt(self):
        shipment = received()
        end = LATER + RETURN_WITHIN

        assert shipment.give_back(1, return_id="ret_1", at=end - timedelta(seconds=1)).events
        with pytest.raises(ReturnTooLate):
            shipment.give_back(1, return_id="ret_1", at=end)

    def test_refuses_what_has_not_come(self):
        with pytest.raises(NotReceived):
            dispatched().give_back(1, return_id="ret_1", at=NOW)

    def test_refuses_more_packs_than_are_left(self):
        left = received().give_back(1, return_id="ret_1", at=LATER).state

        with pytest.raises(MoreThanReceived, match="2 asked, 1 left"):
            left.give_back(2, return_id="ret_2", at=LATER)


class TestExchange:
    def test_brings_others_in_a_shipment_of_their_own(self):
        shipment = received()
        replacement_id = an_id("shp")

        (after, (fact,), _), (other, (news,), _) = shipment.exchange(
            1, replacement_id=replacement_id, at=LATER
        )

        assert after.exchanged == 1
        assert (fact.replacement_id, fact.packs) == (replacement_id, 1)
        assert (other.id, other.replaces, other.units) == (replacement_id, shipment.id, 10)
        assert other.state is ShipmentState.PREPARING
        assert (news.packs, news.claim_id) == (1, shipment.claim_id)

    def test_is_for_sound_packs_since_others_were_credited(self):
        short = received(CountedLine(1, 12), CountedLine(2, 2, unfit=6))

        assert short.exchange(1, replacement_id=an_id("shp"), at=LATER)
        with pytest.raises(MoreThanReceived, match="2 asked, 1 left"):
            short.exchange(2, replacement_id=an_id("shp"), at=LATER)

    def test_leaves_less_to_give_back(self):
        after = received().exchange(1, replacement_id=an_id("shp"), at=LATER)[0].state

        with pytest.raises(MoreThanReceived):
            after.give_back(2, return_id="ret_1", at=LATER)
