"""Guests: who was invited, who came, and what they thought of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from chassis.kernel.decisions import Decision, Revision
from chassis.kernel.errors import Conflict, NotFound, RuleBroken
from chassis.kernel.ids import Ids, derived_id
from services.matching.attendance.events import GatheringRated, GuestCheckedIn
from services.matching.doors.domain import Invitation
from services.matching.gatherings.domain import Gathering, GatheringNotOpen, Status

DOORS_OPEN_BEFORE = timedelta(hours=2)


class InvitationNotFound(NotFound):
    """The gathering has no such invitation."""

    code = "invitation-not-found"
    hint = "Take the identifier from the answer that made the invitation."
    chinese = "该活动没有这个编号的邀请。"


class TicketNotFound(NotFound):
    """Nobody came to this gathering with that ticket."""

    code = "ticket-not-found"
    hint = "A ticket is given out when a guest is checked in."
    chinese = "该活动没有这张签到票。"


class CodeOfAnotherGathering(RuleBroken):
    """The code is for another gathering."""

    code = "code-of-another-gathering"
    hint = "Look at the gathering named in the answer; the guest may have come to that one."
    chinese = "该签到码属于另一场活动。"


class DoorsClosed(RuleBroken):
    """The doors are not open yet."""

    code = "doors-closed"
    hint = "Guests are checked in from two hours before the slot begins."
    chinese = "尚未开放签到，活动开始前两小时起可签到。"


class GatheringFull(RuleBroken):
    """As many guests are in as the venue and the cartridge allow."""

    code = "gathering-full"
    hint = "Nobody more can be let in."
    chinese = "活动人数已满。"


class RatedAlready(Conflict):
    """The ticket has rated the gathering."""

    code = "rated-already"
    hint = "Every guest rates once."
    chinese = "这张票已评价过该活动。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """One guest who came, by which community and invitation, and her stars once given."""

    id: str
    gathering_id: str
    community_id: str | None
    invitation_id: str
    brought_by: str
    checked_in_at: datetime
    stars: int | None = None
    rated_at: datetime | None = None
    revision: Revision = Revision()


class Admission(NamedTuple):
    """One more guest: what the gathering says of it, and her ticket."""

    gathering: Decision[Gathering]
    ticket: Decision[Ticket]


def invite(
    gathering: Gathering, *, by: str, community_id: str | None, count: int, ids: Ids
) -> tuple[Invitation, ...]:
    """Make places for so many guests, in the name of the host or co-host who asks."""
    gathering.must_be_run_by(by)
    gathering.must_be_open()
    return tuple(
        Invitation(
            id=ids("inv"),
            gathering_id=gathering.id,
            community_id=community_id,
            organization_id=by,
        )
        for _ in range(count)
    )


def ticket_of(invitation: Invitation) -> str:
    """The one ticket that an invitation can become."""
    return derived_id("tkt", invitation.id)


def admit(gathering: Gathering, invitation: Invitation, *, now: datetime) -> Admission:
    """Let the guest of an invitation in."""
    gathering.must_be_open()
    opens_at = gathering.slot.starts_at - DOORS_OPEN_BEFORE
    if now < opens_at:
        raise DoorsClosed(f"open from {opens_at.isoformat()}")
    if gathering.checked_in >= gathering.capacity:
        raise GatheringFull(f"{gathering.capacity} are in", capacity=gathering.capacity)
    ticket = Ticket(
        id=ticket_of(invitation),
        gathering_id=gathering.id,
        community_id=invitation.community_id,
        invitation_id=invitation.id,
        brought_by=invitation.organization_id,
        checked_in_at=now,
    )
    came = GuestCheckedIn(
        gathering_id=gathering.id,
        ticket_id=ticket.id,
        community_id=ticket.community_id,
        invitation_id=ticket.invitation_id,
        checked_in=gathering.checked_in + 1,
        occurred_at=now,
    )
    fuller = replace(gathering, checked_in=came.checked_in)
    return Admission(Decision(fuller, (came,)), Decision(ticket))


def rate(gathering: Gathering, ticket: Ticket, stars: int, *, now: datetime) -> Admission:
    """Take in what a guest thought; a gathering that was called off is not rated."""
    if gathering.status is Status.CANCELLED:
        raise GatheringNotOpen(f"the gathering is {gathering.status}", state="cancelled")
    if ticket.stars is not None:
        raise RatedAlready(f"{ticket.stars} stars were given", stars=ticket.stars)
    rated = GatheringRated(
        gathering_id=gathering.id,
        cartridge_id=gathering.cartridge.id,
        ticket_id=ticket.id,
        stars=stars,
        occurred_at=now,
    )
    said = replace(ticket, stars=stars, rated_at=now)
    return Admission(Decision(gathering, (rated,)), Decision(said))
