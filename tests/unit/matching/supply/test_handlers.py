"""The catalog's facts about venues and cartridges, read as notes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from chassis.kernel.money import Money
from services.matching.supply.domain import (
    Booking,
    CartridgeVersion,
    Holding,
    OpenedSlot,
    SlotHold,
    Venue,
)
from services.matching.supply.handlers import handlers
from tests.unit.matching.notebook import Notebook, events


def noted(event_type: str, *data: dict[str, Any]) -> list[tuple[str, list[Any]]]:
    slots, cartridges, kits = Notebook(), Notebook(), Notebook()
    handlers(slots, cartridges, kits)[event_type](events(event_type, *data))
    return slots.told + cartridges.told + kits.told


class TestVenues:
    @pytest.mark.parametrize("kind", ["opened", "changed"])
    def test_reads_a_room(self, kind):
        told = noted(
            f"catalog.venue.{kind}.v1",
            {
                "venue_id": "ven_1",
                "venue_org_id": "org_v",
                "city": "Suzhou",
                "capacity": 30,
                "equipment": ["kettle"],
            },
        )

        venue = Venue(
            id="ven_1", venue_org_id="org_v", city="Suzhou", capacity=30, equipment=("kettle",)
        )
        assert told == [("note_venues", [venue])]

    def test_reads_a_slot(self):
        told = noted(
            "catalog.venue.slot-opened.v1",
            {
                "venue_id": "ven_1",
                "slot_id": "slt_1",
                "venue_org_id": "org_v",
                "starts_at": "2026-03-07T14:00:00+08:00",
                "ends_at": "2026-03-07T16:00:00+08:00",
            },
        )

        slot = OpenedSlot(
            id="slt_1",
            venue_id="ven_1",
            starts_at=datetime(2026, 3, 7, 6, tzinfo=UTC),
            ends_at=datetime(2026, 3, 7, 8, tzinfo=UTC),
        )
        assert told == [("note_slots", [slot])]

    @pytest.mark.parametrize(
        ("told", "read"),
        [
            ({"rent": {"minor": 20_000, "currency": "CNY"}}, {"rent": Money(20_000, "CNY")}),
            ({"share_basis_points": 800}, {"share_basis_points": 800}),
            ({"naming": "At the Old Mill"}, {"naming": "At the Old Mill"}),
        ],
    )
    def test_reads_what_a_slot_is_lent_for(self, told, read):
        data = {
            "venue_id": "ven_1",
            "slot_id": "slt_1",
            "venue_org_id": "org_v",
            "starts_at": "2026-03-07T14:00:00+08:00",
            "ends_at": "2026-03-07T16:00:00+08:00",
            "rent": None,
            "share_basis_points": None,
            "naming": None,
        }

        ((_, (slot,)),) = noted("catalog.venue.slot-opened.v1", data | told)

        nothing = {"rent": None, "share_basis_points": None, "naming": None}
        assert {name: getattr(slot, name) for name in nothing} == nothing | read

    def test_follows_who_holds_a_slot(self):
        data = {"venue_id": "ven_1", "slot_id": "slt_1", "hold_id": "hld_1", "host_id": "org_h"}
        until = datetime(2026, 3, 7, 8, tzinfo=UTC)
        more = {"people": 12, "expires_at": "2026-03-07T08:00:00Z", "is_accepted": False}

        assert noted("catalog.venue.slot-held.v1", data | more) == [
            (
                "note_holdings",
                [Holding("slt_1", SlotHold("org_h", until, is_accepted=False))],
            )
        ]
        assert noted("catalog.venue.hold-accepted.v1", data) == [("note_acceptances", ["slt_1"])]
        for ended in ("slot-refused", "hold-released"):
            assert noted(f"catalog.venue.{ended}.v1", data) == [
                ("note_holdings", [Holding("slt_1", None)])
            ]

    def test_reads_a_slot_that_is_lent_no_more(self):
        data = {"venue_id": "ven_1", "slot_id": "slt_1"}

        assert noted("catalog.venue.slot-closed.v1", data) == [("note_closings", ["slt_1"])]

    def test_follows_who_has_a_slot(self):
        data = {"venue_id": "ven_1", "slot_id": "slt_1", "gathering_id": "gth_1", "host_id": "o"}

        assert noted("catalog.venue.slot-booked.v1", data) == [
            ("note_bookings", [Booking(slot_id="slt_1", gathering_id="gth_1")])
        ]
        assert noted("catalog.venue.slot-released.v1", data) == [
            ("note_bookings", [Booking(slot_id="slt_1", gathering_id=None)])
        ]


class TestCartridges:
    def test_reads_a_version(self):
        data = {
            "cartridge_id": "crt_1",
            "author_id": "org_a",
            "name": "Tea evening",
            "version": "1.0.0",
            "digest": "sha256:00",
            "min_people": 8,
            "max_people": 20,
        }

        assert noted("catalog.cartridge.version-published.v1", data) == [
            ("note", [CartridgeVersion(royalties={"org_a": 10_000}, **data)])
        ]

    def test_reads_who_shares_the_royalty(self):
        data = {
            "cartridge_id": "crt_1",
            "author_id": "org_a",
            "name": "Tea evening",
            "version": "1.0.0",
            "digest": "sha256:00",
            "min_people": 8,
            "max_people": 20,
            "royalties": {"org_a": 7_000, "org_b": 3_000},
        }

        assert noted("catalog.cartridge.version-published.v1", data) == [
            ("note", [CartridgeVersion(**data)])
        ]

    def test_hears_that_a_version_was_yanked(self):
        data = {"cartridge_id": "crt_1", "version": "1.0.0", "digest": "sha256:00", "reason": "x"}

        assert noted("catalog.cartridge.version-yanked.v1", data) == [
            ("note_yanked", ["sha256:00"])
        ]
