"""Registrations over HTTP: parse, call one use case or query, dump."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chassis.auth import principal
from chassis.kernel.time import Clock
from chassis.permissions import Permission
from chassis.web import Blueprint, keyless, needs, page, position_of, public
from chassis.web.schemas import PageQuery
from services.matching.doors.use_cases import DoorKeys
from services.matching.gatherings.domain import Actor, Gathering
from services.matching.gatherings.use_cases import Gatherings, of_party
from services.matching.registrations.domain import Registration
from services.matching.registrations.queries import GuestLists
from services.matching.registrations.schemas import (
    FormSchema,
    GuestPage,
    RegisterSchema,
    RegistrationSchema,
    TakeBackSchema,
)
from services.matching.registrations.use_cases import (
    RegisterGuest,
    Registrations,
    form_of,
    register_guest,
    take_answers_back,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """What these routes work with."""

    gatherings: Gatherings
    registrations: Registrations
    guests: GuestLists
    door_keys: DoorKeys
    clock: Clock


def registrations_blueprint(register: Register) -> Blueprint:
    """Routes under ``/v1/gatherings/{id}`` for what guests are asked and answer.

    Guests have no account: a door code is the proof. No answer is kept beside the request.
    """
    blueprint = Blueprint(
        "registrations",
        __name__,
        url_prefix="/v1/gatherings/<gathering_id>",
        description="What guests of a gathering are asked, and answer",
    )

    @blueprint.get("/form")
    @public
    @blueprint.response(200, FormSchema)
    def read_form_view(gathering_id: str) -> Gathering:
        """What the cartridge asks of guests, in its languages, while the gathering is open."""
        return form_of(gathering_id, gatherings=register.gatherings)

    @blueprint.post("/registrations")
    @public
    @keyless
    @blueprint.arguments(RegisterSchema)
    @blueprint.response(201, RegistrationSchema)
    def register_guest_view(body: dict[str, Any], gathering_id: str) -> Registration:
        """A guest's answers, by her code; until the gathering is held she may correct them."""
        return register_guest(
            RegisterGuest(gathering_id=gathering_id, **body),
            gatherings=register.gatherings,
            registrations=register.registrations,
            door_keys=register.door_keys,
            now=register.clock(),
        )

    @blueprint.post("/registrations/withdrawals")
    @public
    @keyless
    @blueprint.arguments(TakeBackSchema)
    @blueprint.response(200, RegistrationSchema)
    def take_answers_back_view(body: dict[str, str], gathering_id: str) -> Registration:
        """Have a guest's answers forgotten, by her code, at any time."""
        return take_answers_back(
            gathering_id,
            body["code"],
            registrations=register.registrations,
            door_keys=register.door_keys,
        )

    @blueprint.get("/guests")
    @needs(Permission.MATCHING_GATHERING_RUN)
    @blueprint.arguments(PageQuery, location="query")
    @blueprint.response(200, GuestPage)
    def list_guests_view(query: dict[str, Any], gathering_id: str) -> dict[str, Any]:
        """Those invited, what they answered and who came; for the host alone."""
        host_id = principal().organization_id
        found = of_party(gathering_id, Actor(host_id), gatherings=register.gatherings)
        found.must_be_hosted_by(host_id)
        limit = query["limit"]
        rows = register.guests.of_gathering(
            gathering_id, after=position_of(query["cursor"]), limit=limit + 1
        )
        return page(rows, limit=limit, position=lambda guest: str(guest["invitation_id"]))

    return blueprint
