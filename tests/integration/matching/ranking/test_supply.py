"""Slots and cartridges are found as the catalog told of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chassis.kernel.money import Money
from services.matching.supply.domain import (
    Booking,
    CartridgeVersion,
    Holding,
    OpenedSlot,
    Slot,
    SlotHold,
    Venue,
)
from services.matching.supply.repositories import MongoCartridges, MongoSlots
from tests.unit.matching.offers.builders import NOW

VENUE = Venue(id="ven_1", venue_org_id="org_v", city="Suzhou", capacity=30, equipment=("kettle",))
OPENED = OpenedSlot(id="slt_1", venue_id="ven_1", starts_at=NOW, ends_at=NOW + timedelta(hours=2))
VERSION = CartridgeVersion(
    digest="sha256:00",
    cartridge_id="crt_1",
    author_id="org_a",
    name="Tea evening",
    version="1.0.0",
    min_people=8,
    max_people=20,
    royalties={"org_a": 7_000, "org_b": 3_000},
)


@pytest.fixture
def slots(database) -> MongoSlots:
    slots = MongoSlots()
    slots.note_venues([VENUE])
    slots.note_slots([OPENED])
    return slots


class TestSlots:
    def test_come_with_their_venue(self, slots):
        assert slots.find("slt_1") == Slot(
            id="slt_1",
            venue_id="ven_1",
            venue_org_id="org_v",
            city="Suzhou",
            capacity=30,
            equipment=("kettle",),
            starts_at=NOW,
            ends_at=NOW + timedelta(hours=2),
            gathering_id=None,
        )

    def test_belong_to_whoever_booked_them_last(self, slots):
        slots.note_bookings([Booking(slot_id="slt_1", gathering_id="gth_1")])
        assert slots.find("slt_1").gathering_id == "gth_1"

        slots.note_bookings(
            [
                Booking(slot_id="slt_1", gathering_id=None),
                Booking(slot_id="slt_1", gathering_id="gth_2"),
            ]
        )
        assert slots.find("slt_1").gathering_id == "gth_2"

    def test_tell_what_they_are_lent_for(self, slots):
        slots.note_slots([replace(OPENED, rent=Money(20_000, "CNY"))])
        assert slots.find("slt_1").rent == Money(20_000, "CNY")

        slots.note_slots([replace(OPENED, naming="At the mill")])
        assert (slots.find("slt_1").rent, slots.find("slt_1").naming) == (None, "At the mill")

    def test_are_kept_from_others_until_a_hold_ends(self, slots):
        hold = SlotHold("org_h", NOW + timedelta(hours=1), is_accepted=False)

        slots.note_holdings([Holding("slt_1", hold)])
        assert slots.find("slt_1").hold == hold

        slots.note_acceptances(["slt_1", "slt_2"])
        assert slots.find("slt_1").hold == replace(hold, is_accepted=True)

        slots.note_holdings([Holding("slt_1", None)])
        slots.note_acceptances(["slt_1"])
        assert slots.find("slt_1").hold is None

    def test_that_are_booked_are_held_no_more(self, slots):
        hold = SlotHold("org_h", NOW + timedelta(hours=1), is_accepted=True)
        slots.note_holdings([Holding("slt_1", hold)])

        slots.note_bookings([Booking(slot_id="slt_1", gathering_id="gth_1")])

        assert (slots.find("slt_1").hold, slots.find("slt_1").gathering_id) == (None, "gth_1")

    def test_are_forgotten_when_they_close_and_known_when_they_open_again(self, slots):
        slots.note_bookings([Booking(slot_id="slt_1", gathering_id="gth_1")])

        slots.note_closings(["slt_1", "slt_2"])
        assert slots.find("slt_1") is None

        slots.note_slots([OPENED])
        assert slots.find("slt_1").gathering_id is None

    def test_that_nobody_told_of_are_not_there(self, slots):
        assert slots.find("slt_2") is None


class TestCartridges:
    def test_are_found_by_their_digest(self, database):
        cartridges = MongoCartridges()

        cartridges.note([VERSION])
        cartridges.note([VERSION])

        assert cartridges.find("sha256:00") == VERSION
        assert cartridges.find("sha256:11") is None

    def test_stay_yanked_however_often_they_are_told_of(self, database):
        cartridges = MongoCartridges()

        cartridges.note_yanked(["sha256:00"])
        assert cartridges.find("sha256:00") is None

        cartridges.note([VERSION])
        cartridges.note_yanked(["sha256:00"])
        cartridges.note([VERSION])
        assert cartridges.find("sha256:00") == replace(VERSION, is_yanked=True)
