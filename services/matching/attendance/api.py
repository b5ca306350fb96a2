"""The door of a gathering over HTTP: parse, call one use case or query, dump."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response

from chassis.auth import principal
from chassis.kernel.ids import Ids
from chassis.kernel.time import Clock
from chassis.permissions import Permission
from chassis.web import Blueprint, keyless, needs, public
from services.matching.attendance.adapters import draw
from services.matching.attendance.domain import Ticket
from services.matching.attendance.queries import Turnouts
from services.matching.attendance.schemas import (
    CheckInSchema,
    InvitationsSchema,
    InviteSchema,
    RateSchema,
    RatingSchema,
    TicketSchema,
    TurnoutSchema,
)
from services.matching.attendance.use_cases import (
    Invitations,
    InviteGuests,
    Tickets,
    check_in,
    code_of,
    invite_guests,
    rate_gathering,
)
from services.matching.behaviour.use_cases import Behaviour
from services.matching.communities.use_cases import Communities
from services.matching.doors.use_cases import DoorKeys
from services.matching.gatherings.domain import Actor
from services.matching.gatherings.use_cases import Gatherings, of_party

SVG = "image/svg+xml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """What these routes work with."""

    gatherings: Gatherings
    tickets: Tickets
    invitations: Invitations
    turnouts: Turnouts
    communities: Communities
    door_keys: DoorKeys
    behaviour: Behaviour
    clock: Clock
    ids: Ids


def attendance_blueprint(door: Door) -> Blueprint:
    """Routes under ``/v1/gatherings/{id}`` for guests: invited, checked in, asked."""
    blueprint = Blueprint(
        "attendance",
        __name__,
        url_prefix="/v1/gatherings/<gathering_id>",
        description="Guests of a gathering",
    )

    @blueprint.post("/invitations")
    @needs(Permission.MATCHING_GATHERING_RUN)
    @blueprint.arguments(InviteSchema)
    @blueprint.response(201, InvitationsSchema)
    def invite_guests_view(body: dict[str, Any], gathering_id: str) -> dict[str, Any]:
        """Give out signed codes, each for one guest of a community of the caller's."""
        command = InviteGuests(
            gathering_id=gathering_id, organization_id=principal().organization_id, **body
        )
        made = invite_guests(
            command,
            gatherings=door.gatherings,
            communities=door.communities,
            invitations=door.invitations,
            door_keys=door.door_keys,
            ids=door.ids,
        )
        return {"items": made}

    @blueprint.get("/invitations/<invitation_id>/qr.svg")
    @needs(Permission.MATCHING_GATHERING_RUN)
    @blueprint.response(200, {"type": "string"}, content_type=SVG)
    def draw_invitation_view(gathering_id: str, invitation_id: str) -> Response:
        """An invitation's code as a picture to print or send."""
        code = code_of(
            gathering_id,
            invitation_id,
            by=principal().organization_id,
            gatherings=door.gatherings,
            invitations=door.invitations,
            door_keys=door.door_keys,
        )
        return Response(draw(code), content_type=SVG)

    @blueprint.post("/check-ins")
    @needs(Permission.MATCHING_GATHERING_RUN)
    @keyless
    @blueprint.arguments(CheckInSchema)
    @blueprint.response(200, TicketSchema)
    def check_in_view(body: dict[str, str], gathering_id: str) -> Ticket:
        """Let a guest in by her code; the same code again gives the same ticket."""
        return check_in(
            gathering_id,
            body["code"],
            by=principal().organization_id,
            gatherings=door.gatherings,
            tickets=door.tickets,
            door_keys=door.door_keys,
            behaviour=door.behaviour,
            now=door.clock(),
        )

    @blueprint.get("/attendance")
    @needs(Permission.MATCHING_GATHERING_READ)
    @blueprint.response(200, TurnoutSchema)
    def read_attendance_view(gathering_id: str) -> dict[str, Any]:
        """How many came, brought by whom, and what they thought; no guest is named."""
        caller = principal()
        actor = Actor(caller.organization_id, caller.is_platform)
        of_party(gathering_id, actor, gatherings=door.gatherings)
        return door.turnouts.of_gathering(gathering_id)

    @blueprint.post("/ratings")
    @public
    @keyless
    @blueprint.arguments(RateSchema)
    @blueprint.response(201, RatingSchema)
    def rate_gathering_view(body: dict[str, Any], gathering_id: str) -> Ticket:
        """One to five stars from somebody who was there, once; her ticket is the proof."""
        return rate_gathering(
            gathering_id,
            body["ticket_id"],
            body["stars"],
            gatherings=door.gatherings,
            tickets=door.tickets,
            behaviour=door.behaviour,
            now=door.clock(),
        )

    return blueprint
