"""The rules of venues: what a room is, whom it fits, what a cancellation gives back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from cartridges.venues import Misfit, Needs, misfits
from chassis.kernel.money import Money
from services.catalog.slots.domain import Agreement, quote
from services.catalog.venues.domain import (
    POLICIES,
    Ask,
    PolicyName,
    Room,
    VenueNotFound,
    policy_of,
)
from services.catalog.venues.use_cases import OpenVenue, change_venue, open_venue, own_venue
from tests.unit.catalog.fakes import NOW, OTHER_VENUE_OWNER, VENUE_OWNER, a_manifest, an_id
from tests.unit.catalog.lending import FakeVenues, a_venue

RENT = Ask(rent=Money(10_001, "CNY"))


class TestOpenVenue:
    def test_announces_the_room(self):
        venues = FakeVenues()
        command = OpenVenue(
            organization_id=VENUE_OWNER,
            city="上海",
            time_zone="Asia/Shanghai",
            room=Room(name="Room", capacity=40, accepts_at_once=False),
        )

        venue = open_venue(command, venues=venues, ids=an_id, now=NOW)

        (fact,) = venues.events
        assert (fact.venue_id, fact.venue_org_id) == (venue.id, VENUE_OWNER)
        assert (fact.city, fact.capacity) == ("上海", 40)
        assert (fact.indoor, fact.time_zone) == (True, "Asia/Shanghai")
        assert not fact.accepts_at_once


class TestChangeVenue:
    def test_announces_what_the_room_is_now(self):
        venue = a_venue(capacity=40)
        venues = FakeVenues(venue)

        changed = change_venue(venue, replace(venue.room, capacity=9), venues=venues, now=NOW)

        assert venues.get(venue.id) == changed
        (fact,) = venues.events
        assert (fact.type, fact.capacity) == ("catalog.venue.changed.v1", 9)

    def test_knows_no_venue_of_another_organisation(self):
        venue = a_venue()

        with pytest.raises(VenueNotFound):
            own_venue(venue.id, OTHER_VENUE_OWNER, venues=FakeVenues(venue))


class TestMisfits:
    ROOM = Room(name="Room", capacity=20, equipment=("kettle", "tables"))

    def test_are_none_for_a_room_that_just_fits(self):
        needs = Needs(people=20, equipment=("tables", "kettle"), indoor=True)

        assert misfits(needs, self.ROOM) == ()

    def test_are_told_all_at_once(self):
        needs = Needs(people=21, equipment=("kettle", "projector"), indoor=False)

        assert misfits(needs, self.ROOM) == (
            Misfit("too-small", 21, 20),
            Misfit("equipment-missing", "projector", ["kettle", "tables"]),
            Misfit("indoors", wanted=False, found=True),
        )

    def test_leave_open_what_is_not_asked(self):
        assert misfits(Needs(), replace(self.ROOM, indoor=False)) == ()


class TestNeeds:
    def test_are_a_cartridges_too(self):
        manifest = a_manifest(people={"min": 8, "max": 24})

        assert Needs().and_of(manifest) == Needs(people=8, equipment=("tables",), indoor=True)
        assert Needs(people=9, equipment=("tables", "kettle"), indoor=False).and_of(
            manifest
        ) == Needs(people=9, equipment=("tables", "kettle"), indoor=False)

    def test_are_as_before_for_a_cartridge_that_wants_nothing(self):
        manifest = a_manifest(people={"min": 1, "max": 2})
        del manifest["venue"]

        assert Needs().and_of(manifest) == Needs()


class TestAsk:
    @pytest.mark.parametrize(
        "asked", [{}, {"naming": "x", "share_basis_points": 1}, {"rent": RENT.rent, "naming": "x"}]
    )
    def test_is_for_one_thing_exactly(self, asked):
        with pytest.raises(ValueError, match="one of rent, share and naming"):
            Ask(**asked)


class TestQuote:
    @pytest.mark.parametrize(
        ("policy", "hours", "part"),
        [
            (PolicyName.FLEXIBLE, 24, 10_000),
            (PolicyName.FLEXIBLE, 23.9, 5_000),
            (PolicyName.FLEXIBLE, 1.9, 0),
            (PolicyName.MODERATE, 120, 10_000),
            (PolicyName.MODERATE, 119, 5_000),
            (PolicyName.MODERATE, 23, 0),
            (PolicyName.STRICT, 336, 10_000),
            (PolicyName.STRICT, 335, 5_000),
            (PolicyName.STRICT, 167, 0),
            (PolicyName.STRICT, -1, 0),
        ],
    )
    def test_gives_back_by_the_hours_left(self, policy, hours, part):
        agreement = Agreement(RENT, policy_of(policy))

        found = quote(agreement, starts_at=NOW + timedelta(hours=hours), at=NOW)

        assert (found.agreement, found.refund_basis_points) == (agreement, part)

    def test_gives_back_no_more_than_the_rent(self):
        agreement = Agreement(RENT, policy_of(PolicyName.FLEXIBLE))

        half = quote(agreement, starts_at=NOW + timedelta(hours=3), at=NOW).refund
        whole = quote(agreement, starts_at=NOW + timedelta(hours=30), at=NOW).refund

        assert half == Money(5_001, "CNY")
        assert whole == RENT.rent

    @pytest.mark.parametrize("ask", [Ask(naming="Held at X"), Ask(share_basis_points=800)])
    def test_gives_no_money_back_where_none_was_asked(self, ask):
        agreement = Agreement(ask, policy_of(PolicyName.FLEXIBLE))

        assert quote(agreement, starts_at=NOW + timedelta(hours=30), at=NOW).refund is None

    def test_falls_with_the_hours_under_every_policy(self):
        for steps in POLICIES.values():
            assert list(steps) == sorted(steps, reverse=True)
            assert {0 < step.refund_basis_points <= 10_000 for step in steps} == {True}
