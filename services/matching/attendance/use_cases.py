"""What can be done at the door, and what that needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from chassis.kernel.decisions import Decision
from chassis.kernel.ids import Ids
from services.matching.attendance.domain import (
    CodeOfAnotherGathering,
    Ticket,
    TicketNotFound,
    admit,
    invite,
    rate,
    ticket_of,
)
from services.matching.behaviour.domain import Deed, record
from services.matching.behaviour.use_cases import Behaviour
from services.matching.communities.use_cases import Communities, own_community
from services.matching.doors.domain import Invitation
from services.matching.doors.use_cases import DoorKeys
from services.matching.gatherings.domain import Actor
from services.matching.gatherings.use_cases import Gatherings, of_party


class Tickets(Protocol):
    """The guests who came, wherever they are kept."""

    def find(self, ticket_id: str) -> Ticket | None:
        """The ticket, or None when nobody came with it."""
        ...

    def save(self, decision: Decision[Ticket]) -> Ticket:
        """Store it, or raise ``Conflict``."""
        ...


class Invitations(Protocol):
    """The invitations given out."""

    def append(self, invitations: Sequence[Invitation]) -> None:
        """Store new ones."""
        ...

    def get(self, gathering_id: str, invitation_id: str) -> Invitation:
        """Raise ``InvitationNotFound`` unless that gathering has it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteGuests:
    """A host's or co-host's wish for codes, for guests of a community of hers or for anyone."""

    gathering_id: str
    organization_id: str
    community_id: str | None
    count: int


class SignedInvitation(NamedTuple):
    """An invitation and the code that its guest shows."""

    invitation: Invitation
    code: str


def invite_guests(
    command: InviteGuests,
    *,
    gatherings: Gatherings,
    communities: Communities,
    invitations: Invitations,
    door_keys: DoorKeys,
    ids: Ids,
) -> list[SignedInvitation]:
    """Give out signed codes."""
    by, community_id = command.organization_id, command.community_id
    found = of_party(command.gathering_id, Actor(by), gatherings=gatherings)
    if community_id is not None:
        own_community(community_id, by, communities=communities)
    made = invite(found, by=by, community_id=community_id, count=command.count, ids=ids)
    invitations.append(made)
    return [SignedInvitation(invitation, door_keys.sign(invitation)) for invitation in made]


def code_of(
    gathering_id: str,
    invitation_id: str,
    *,
    by: str,
    gatherings: Gatherings,
    invitations: Invitations,
    door_keys: DoorKeys,
) -> str:
    """The code of an invitation given out before, for the hosts to show again."""
    of_party(gathering_id, Actor(by), gatherings=gatherings).must_be_run_by(by)
    return door_keys.sign(invitations.get(gathering_id, invitation_id))


def check_in(
    gathering_id: str,
    code: str,
    *,
    by: str,
    gatherings: Gatherings,
    tickets: Tickets,
    door_keys: DoorKeys,
    behaviour: Behaviour,
    now: datetime,
) -> Ticket:
    """Let a guest in; the same code again answers the same ticket and changes nothing."""
    invitation = door_keys.read(code)
    found = of_party(gathering_id, Actor(by), gatherings=gatherings)
    found.must_be_run_by(by)
    if invitation.gathering_id != gathering_id:
        raise CodeOfAnotherGathering(
            f"for {invitation.gathering_id}", gathering_id=invitation.gathering_id
        )
    known = tickets.find(ticket_of(invitation))
    if known is not None:
        return known
    admission = admit(found, invitation, now=now)
    gatherings.save(admission.gathering)
    ticket = tickets.save(admission.ticket)
    behaviour.append(
        record(deed, organization_id, gathering_id=gathering_id, origin=ticket.id, at=now)
        for deed, organization_id in (
            (Deed.CHECKED_IN, found.host_id),
            (Deed.BROUGHT_A_FRIEND, ticket.brought_by),
        )
    )
    return ticket


def rate_gathering(
    gathering_id: str,
    ticket_id: str,
    stars: int,
    *,
    gatherings: Gatherings,
    tickets: Tickets,
    behaviour: Behaviour,
    now: datetime,
) -> Ticket:
    """Take a guest's stars in; whoever holds the ticket was there.

    The same stars again change nothing: the answer to the first time may have got lost.
    """
    ticket = tickets.find(ticket_id)
    if ticket is None or ticket.gathering_id != gathering_id:
        raise TicketNotFound(f"no ticket {ticket_id}")
    if ticket.stars == stars:
        return ticket
    rated = rate(gatherings.get(gathering_id), ticket, stars, now=now)
    found = gatherings.save(rated.gathering)
    said = tickets.save(rated.ticket)
    behaviour.append(
        record(
            Deed.RATED,
            about,
            gathering_id=gathering_id,
            origin=ticket_id,
            at=now,
            amount=stars,
        )
        for about in dict.fromkeys((*found.hosts, found.cartridge.author_id))
    )
    return said
