"""A guest is admitted once, however often the code is shown."""

import pytest

from chassis.kernel.errors import DomainError
from services.matching.attendance.domain import TicketNotFound, ticket_of
from services.matching.attendance.use_cases import (
    InviteGuests,
    check_in,
    code_of,
    invite_guests,
    rate_gathering,
)
from services.matching.doors.domain import DoorCodeInvalid
from tests.builders.matching import (
    AUTHOR,
    BRAND,
    CO_HOST,
    HOST,
    NOW,
    STARTS_AT,
    STRANGER,
    a_community,
    a_gathering,
    an_id,
    an_invitation,
    counting_ids,
)
from tests.unit.matching.fakes import (
    FakeBehaviour,
    FakeCommunities,
    FakeGatherings,
    FakeInvitations,
    FakeTickets,
)

GATHERING, COMMUNITY, CODE = an_id("gth"), an_id("com"), f"code {an_id('inv')}"


class FakeDoorKeys:
    """Signs by writing the invitation's id, and reads what it has signed."""

    def __init__(self, *known) -> None:
        self.known = {f"code {one.id}": one for one in known}

    def sign(self, invitation):
        self.known[f"code {invitation.id}"] = invitation
        return f"code {invitation.id}"

    def read(self, code):
        if code not in self.known:
            raise DoorCodeInvalid(code)
        return self.known[code]


class Scene:
    def __init__(self, gathering=None, *invitations) -> None:
        self.gatherings = FakeGatherings(gathering or a_gathering())
        self.tickets, self.behaviour = FakeTickets(), FakeBehaviour()
        self.invitations = FakeInvitations(*invitations)
        self.door_keys = FakeDoorKeys(*invitations)

    def invite(self, by=HOST, community_id=COMMUNITY, count=2):
        return invite_guests(
            InviteGuests(
                gathering_id=an_id("gth"),
                organization_id=by,
                community_id=community_id,
                count=count,
            ),
            gatherings=self.gatherings,
            communities=FakeCommunities(
                a_community(), a_community(id=an_id("com", 2), host_id=CO_HOST)
            ),
            invitations=self.invitations,
            door_keys=self.door_keys,
            ids=counting_ids(),
        )

    def check_in(self, code=CODE, by=HOST, now=STARTS_AT):
        return check_in(
            an_id("gth"),
            code,
            by=by,
            gatherings=self.gatherings,
            tickets=self.tickets,
            door_keys=self.door_keys,
            behaviour=self.behaviour,
            now=now,
        )

    def rate(self, ticket_id, stars=5, gathering_id=GATHERING):
        return rate_gathering(
            gathering_id,
            ticket_id,
            stars,
            gatherings=self.gatherings,
            tickets=self.tickets,
            behaviour=self.behaviour,
            now=STARTS_AT,
        )

    @property
    def is_untouched(self):
        return not (self.gatherings.writes or self.tickets.writes or self.behaviour.records)


class TestInviteGuests:
    def test_gives_each_guest_a_code_of_her_own(self):
        scene = Scene()

        made = scene.invite()

        assert len({code for _, code in made}) == 2
        assert set(scene.invitations.by_id) == {invitation.id for invitation, _ in made}

    def test_lets_a_co_host_bring_her_own_people(self):
        (first, *_) = Scene().invite(by=CO_HOST, community_id=an_id("com", 2))

        assert first.invitation.organization_id == CO_HOST

    def test_makes_places_for_anyone(self):
        (first, *_) = Scene().invite(community_id=None)

        assert first.invitation.community_id is None

    @pytest.mark.parametrize(
        ("wrong", "code"),
        [
            ({"by": CO_HOST}, "community-of-another-host"),
            ({"community_id": an_id("com", 9)}, "community-not-found"),
            ({"by": BRAND, "community_id": None}, "not-the-host"),
            ({"by": STRANGER, "community_id": None}, "gathering-not-found"),
        ],
    )
    def test_refuses_other_peoples_communities_and_gatherings(self, wrong, code):
        scene = Scene()

        with pytest.raises(DomainError) as refused:
            scene.invite(**wrong)

        assert refused.value.code == code
        assert scene.invitations.by_id == {}

    def test_shows_a_code_again(self):
        scene = Scene(None, an_invitation())

        code = code_of(
            an_id("gth"),
            an_id("inv"),
            by=CO_HOST,
            gatherings=scene.gatherings,
            invitations=scene.invitations,
            door_keys=scene.door_keys,
        )

        assert code == CODE


class TestCheckIn:
    def test_gives_a_ticket_and_remembers_who_brought_the_guest(self):
        scene = Scene(None, an_invitation(organization_id=CO_HOST))

        ticket = scene.check_in()

        assert ticket.id == ticket_of(an_invitation())
        assert (ticket.invitation_id, ticket.brought_by) == (an_id("inv"), CO_HOST)
        assert scene.gatherings.told == ["matching.gathering.checked-in.v1"]
        assert scene.behaviour.deeds == [
            ("checked-in", HOST, 1),
            ("brought-a-friend", CO_HOST, 1),
        ]

    def test_answers_the_same_ticket_however_often_the_code_is_shown(self):
        scene = Scene(None, an_invitation())
        first = scene.check_in()

        again = [scene.check_in(by=by) for by in (HOST, CO_HOST)]

        assert again == [first, first]
        assert scene.gatherings.get(an_id("gth")).checked_in == 1
        assert len(scene.behaviour.records) == 2

    @pytest.mark.parametrize(
        ("wrong", "code"),
        [
            ({"code": "forged"}, "door-code-invalid"),
            ({"by": BRAND}, "not-the-host"),
            ({"by": STRANGER}, "gathering-not-found"),
            ({"now": NOW}, "doors-closed"),
        ],
    )
    def test_refuses_and_changes_nothing(self, wrong, code):
        scene = Scene(None, an_invitation())

        with pytest.raises(DomainError) as refused:
            scene.check_in(**wrong)

        assert refused.value.code == code
        assert scene.is_untouched

    def test_refuses_a_code_of_another_gathering(self):
        scene = Scene(None, an_invitation(gathering_id=an_id("gth", 2)))

        with pytest.raises(DomainError) as refused:
            scene.check_in()

        assert refused.value.code == "code-of-another-gathering"
        assert refused.value.members == {"gathering_id": an_id("gth", 2)}
        assert scene.is_untouched


class TestRateGathering:
    def test_counts_for_hosts_and_author(self):
        scene = Scene(None, an_invitation())
        ticket = scene.check_in()
        before = len(scene.behaviour.records)

        said = scene.rate(ticket.id, 4)

        assert said.stars == 4
        assert scene.gatherings.told[-1] == "matching.gathering.rated.v1"
        assert scene.behaviour.deeds[before:] == [
            ("rated", HOST, 4),
            ("rated", CO_HOST, 4),
            ("rated", AUTHOR, 4),
        ]

    def test_counts_once_though_the_answer_got_lost(self):
        scene = Scene(None, an_invitation())
        ticket = scene.check_in()
        said = scene.rate(ticket.id, 4)
        told, records = list(scene.gatherings.told), list(scene.behaviour.records)

        again = scene.rate(ticket.id, 4)

        assert again == said
        assert (scene.gatherings.told, scene.behaviour.records) == (told, records)

    @pytest.mark.parametrize("elsewhere", [an_id("gth", 2), an_id("gth", 3)])
    def test_is_for_those_who_were_there(self, elsewhere):
        scene = Scene(None, an_invitation())

        with pytest.raises(TicketNotFound):
            scene.rate(ticket_of(an_invitation()))
        ticket = scene.check_in()
        with pytest.raises(TicketNotFound):
            scene.rate(ticket.id, gathering_id=elsewhere)

        assert "matching.gathering.rated.v1" not in scene.gatherings.told
