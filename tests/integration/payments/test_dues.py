"""The money catalog tells of: rent, what is given back of it, shortages and goods returned."""

from __future__ import annotations

import pytest

from services.catalog.slots.domain.slot import booking_id
from services.payments.dues.use_cases import booking_of
from tests.builders.payments import BRAND, HOST, VENUE, an_id
from tests.integration.payments.house import WINDOW, an_evening, earn, money, settle

RENT = 30_000
STRANGER = an_id("org")
PERIOD = "from=2020-01-01T00:00:00Z&to=2099-01-01T00:00:00Z"


class Slot:
    """A slot as catalog tells of it; its host earns 180,000 by an evening."""

    def __init__(self, house) -> None:
        self.house = house
        self.place = {"venue_id": an_id("ven"), "slot_id": an_id("slt")}
        self.place |= {"gathering_id": an_id("gth"), "host_id": HOST}

    def book(self, **changes) -> None:
        said = {"venue_org_id": VENUE, "rent": money(RENT)} | changes
        self.house.hear("catalog.venue.slot-booked.v1", **self.place, **said)

    def give_up(self, minor: int | None) -> None:
        refund = None if minor is None else money(minor)
        self.house.hear("catalog.venue.slot-released.v1", **self.place, refund=refund)


@pytest.fixture
def slot(house):
    return Slot(house)


def shipment(**said):
    return {"shipment_id": an_id("shp"), "brand_id": BRAND, "host_id": HOST} | said


def owes(house, who) -> int:
    return -house.balance(f"org:{who}:owes")


def available(house, who) -> int:
    return house.balance(f"org:{who}:available")


def waits(house, who) -> int:
    return house.balance(f"org:{who}:pending")


def dues(house, who) -> list:
    return house.ask("GET", "/dues", who, "host").json["items"]


class TestRent:
    def test_leaves_what_waits_so_that_it_is_released_and_paid_out_to_the_fen(self, house, slot):
        slot.book()
        settle(house, an_evening(house))
        house.collect()
        assert (owes(house, HOST), waits(house, HOST)) == (RENT, 180_000)

        house.advance(WINDOW)
        house.release()
        house.collect()

        assert (owes(house, HOST), waits(house, HOST)) == (0, 0)
        assert available(house, HOST) == 180_000 - RENT
        assert (waits(house, VENUE), available(house, VENUE)) == (0, 40_000 + RENT)

    def test_is_owed_once_the_slot_is_booked_though_the_host_has_nothing_yet(self, house, slot):
        slot.book()
        house.collect()

        assert owes(house, HOST) == RENT
        assert house.balance(f"org:{VENUE}:owed") == RENT
        assert available(house, VENUE) == 0

    def test_is_paid_out_of_what_the_host_earns(self, house, slot):
        slot.book()
        house.collect()
        earn(house)
        host, venue = available(house, HOST), available(house, VENUE)

        house.collect()

        assert (owes(house, HOST), house.balance(f"org:{VENUE}:owed")) == (0, 0)
        assert available(house, HOST) == host - RENT
        assert available(house, VENUE) == venue + RENT

    def test_is_paid_in_parts_as_money_comes_in(self, house, slot):
        slot.book(rent=money(200_000))
        earn(house)
        house.collect()

        (due,) = dues(house, HOST)
        assert due["rest"] == money(20_000)
        earn(house)
        house.collect()

        assert owes(house, HOST) == 0
        assert dues(house, HOST)[0]["rest"] == money(0)

    @pytest.mark.parametrize("nothing", [{"rent": None}, {"venue_org_id": HOST}])
    def test_is_not_owed_where_none_was_asked_or_to_oneself(self, house, slot, nothing):
        slot.book(**nothing)
        house.collect()

        assert (owes(house, HOST), dues(house, HOST)) == (0, [])

    def test_is_about_the_booking_that_catalog_knows(self, slot):
        gathering, place = slot.place["gathering_id"], slot.place["slot_id"]

        assert booking_of(gathering, place) == booking_id(gathering, place)


class TestGivingASlotUp:
    def test_before_the_rent_is_paid_lowers_it_by_what_the_policy_gives_back(self, house, slot):
        slot.book()
        slot.give_up(10_000)
        house.collect()

        assert owes(house, HOST) == RENT - 10_000
        assert owes(house, VENUE) == 0

    def test_after_the_rent_is_paid_brings_it_back(self, house, slot):
        slot.book()
        earn(house)
        house.collect()
        before = available(house, HOST)

        slot.give_up(RENT)
        house.collect()

        assert (owes(house, HOST), owes(house, VENUE)) == (0, 0)
        assert available(house, HOST) == before + RENT

    def test_too_late_for_the_policy_leaves_the_rent(self, house, slot):
        slot.book()
        slot.give_up(0)
        house.collect()

        assert owes(house, HOST) == RENT

    def test_that_was_never_booked_here_moves_nothing(self, house, slot):
        slot.give_up(10_000)
        slot.give_up(None)
        house.collect()

        assert dues(house, HOST) == []


class TestGoods:
    def test_that_did_not_come_are_owed_by_the_brand_and_paid_from_its_shares(self, house):
        house.hear("catalog.shipment.received.v1", **shipment(credit=money(4_990)))
        earn(house)
        brand, host = available(house, BRAND), available(house, HOST)

        house.collect()

        assert available(house, BRAND) == brand - 4_990
        assert available(house, HOST) == host + 4_990

    def test_that_came_as_described_cost_nobody_anything(self, house):
        house.hear("catalog.shipment.received.v1", **shipment(credit=money(0)))

        assert dues(house, HOST) == []

    def test_given_back_twice_of_one_shipment_are_two_dues(self, house):
        returned = shipment(packs=1, goods_value=money(2_500))
        for _ in range(2):
            said = returned | {"return_id": an_id("ret")}
            house.hear("catalog.shipment.returned.v1", **said)
        house.collect()

        assert owes(house, BRAND) == 5_000
        assert {due["cause"] for due in dues(house, HOST)} == {"goods-back"}


class TestDisorder:
    def test_everything_twice_moves_money_once(self, house, slot):
        for _ in range(2):
            slot.book()
        earn(house)
        house.collect()
        for _ in range(2):
            slot.give_up(10_000)
        house.collect()
        house.collect()

        assert (owes(house, HOST), owes(house, VENUE)) == (0, 0)
        assert len(dues(house, HOST)) == 2

    def test_books_that_are_away_lose_nothing(self, house, slot):
        slot.book()
        submit, house.ledger.submit = house.ledger.submit, _away
        with pytest.raises(ConnectionError):
            house.collect()
        house.ledger.submit = submit

        house.collect()

        assert owes(house, HOST) == RENT

    def test_a_death_after_booking_books_nothing_again(self, house, slot):
        slot.book()
        earn(house)
        save, house.collector._save = house.collector._save, _dies
        with pytest.raises(SystemExit):
            house.collect()
        house.collector._save = save

        house.collect()

        assert owes(house, HOST) == 0
        assert {row["sum"]["minor"] for row in house.trial()["currencies"]} == {0}


class TestReading:
    def test_both_sides_read_a_due_and_nobody_else(self, house, slot):
        slot.book()
        (due,) = dues(house, VENUE)

        answers = [
            house.ask("GET", f"/dues/{due['id']}", who, "host").status_code
            for who in (HOST, VENUE, STRANGER)
        ]

        assert answers == [200, 200, 404]
        assert dues(house, STRANGER) == []

    def test_every_step_is_told_in_both_languages(self, house, slot):
        slot.book()
        house.collect()
        path = f"/statements?account=org:{HOST}:owes&{PERIOD}"
        (line,) = house.ask("GET", path, HOST, "host").json["lines"]

        why = house.ask("GET", f"/entries/{line['entry_id']}/explanation", HOST, "host").json

        assert why["reason"]["why"]["en"] == "Rent of a booked slot: owed from now on"
        assert why["reason"]["why"]["zh"] == "已预订时段的场租：自此应付"


def _away(_entries):
    raise ConnectionError("the books are away")


def _dies(_due):
    raise SystemExit
