"""Who may invite, who may come in, and who may rate."""

from datetime import timedelta

import pytest

from chassis.kernel.decisions import Decision
from services.matching.attendance.domain import (
    DoorsClosed,
    GatheringFull,
    RatedAlready,
    Ticket,
    admit,
    invite,
    rate,
    ticket_of,
)
from services.matching.attendance.events import GatheringRated, GuestCheckedIn
from services.matching.gatherings.domain import GatheringNotOpen, NotTheHost, Status
from tests.builders.matching import (
    BRAND,
    CO_HOST,
    HOST,
    STARTS_AT,
    STRANGER,
    VENUE_OWNER,
    a_gathering,
    an_id,
    an_invitation,
    counting_ids,
)


def a_ticket(**changes):
    given = {
        "id": ticket_of(an_invitation()),
        "gathering_id": an_id("gth"),
        "community_id": an_id("com"),
        "invitation_id": an_id("inv"),
        "brought_by": HOST,
        "checked_in_at": STARTS_AT,
    }
    return Ticket(**given | changes)


class TestInvite:
    @pytest.mark.parametrize("by", [HOST, CO_HOST])
    def test_makes_as_many_places_in_the_name_of_who_asks(self, by):
        made = invite(a_gathering(), by=by, community_id=an_id("com"), count=3, ids=counting_ids())

        assert len({invitation.id for invitation in made}) == 3
        assert {invitation.organization_id for invitation in made} == {by}
        assert {invitation.community_id for invitation in made} == {an_id("com")}

    @pytest.mark.parametrize("by", [BRAND, VENUE_OWNER, STRANGER])
    def test_is_for_host_and_co_host(self, by):
        with pytest.raises(NotTheHost):
            invite(a_gathering(), by=by, community_id=None, count=1, ids=counting_ids())

    @pytest.mark.parametrize("status", set(Status) - {Status.OPENED})
    def test_waits_for_the_slot_and_ends_with_the_gathering(self, status):
        with pytest.raises(GatheringNotOpen):
            invite(
                a_gathering(status=status), by=HOST, community_id=None, count=1, ids=counting_ids()
            )


class TestAdmit:
    def test_counts_the_guest_and_keeps_how_she_came(self):
        (fuller, (event,), _), (ticket, _, _) = admit(
            a_gathering(checked_in=4), an_invitation(), now=STARTS_AT
        )

        assert fuller.checked_in == 5
        assert ticket == a_ticket()
        assert event == GuestCheckedIn(
            gathering_id=an_id("gth"),
            ticket_id=ticket.id,
            community_id=an_id("com"),
            invitation_id=an_id("inv"),
            checked_in=5,
            occurred_at=STARTS_AT,
        )

    def test_opens_the_doors_two_hours_before(self):
        opens_at = STARTS_AT - timedelta(hours=2)

        with pytest.raises(DoorsClosed):
            admit(a_gathering(), an_invitation(), now=opens_at - timedelta(microseconds=1))

        assert admit(a_gathering(), an_invitation(), now=opens_at).gathering.state.checked_in == 1

    def test_lets_in_no_more_than_fit(self):
        with pytest.raises(GatheringFull, match="20 are in"):
            admit(a_gathering(checked_in=20), an_invitation(), now=STARTS_AT)

        last = admit(a_gathering(checked_in=19), an_invitation(), now=STARTS_AT)
        assert last.gathering.state.checked_in == 20

    @pytest.mark.parametrize("status", set(Status) - {Status.OPENED})
    def test_is_for_an_open_gathering(self, status):
        with pytest.raises(GatheringNotOpen):
            admit(a_gathering(status=status), an_invitation(), now=STARTS_AT)


class TestRate:
    def test_keeps_the_stars_with_the_ticket(self):
        (gathering, (event,), _), said = rate(a_gathering(), a_ticket(), 4, now=STARTS_AT)

        assert gathering == a_gathering()
        assert said == Decision(a_ticket(stars=4, rated_at=STARTS_AT))
        assert event == GatheringRated(
            gathering_id=an_id("gth"),
            cartridge_id=an_id("crt"),
            ticket_id=said.state.id,
            stars=4,
            occurred_at=STARTS_AT,
        )

    def test_happens_once_a_ticket(self):
        with pytest.raises(RatedAlready):
            rate(a_gathering(), a_ticket(stars=1), 5, now=STARTS_AT)

    def test_is_not_of_a_gathering_called_off(self):
        with pytest.raises(GatheringNotOpen):
            rate(a_gathering(status=Status.CANCELLED), a_ticket(), 5, now=STARTS_AT)
