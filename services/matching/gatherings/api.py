"""Gatherings over HTTP: parse, call one use case or query, dump."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chassis.auth import principal
from chassis.kernel.ids import Ids
from chassis.kernel.time import Clock
from chassis.permissions import Permission
from chassis.web import Blueprint, needs, page, position_of, tagged
from services.matching.behaviour.use_cases import Behaviour
from services.matching.claims.use_cases import Claims, Sagas
from services.matching.gatherings.domain import Actor, Gathering
from services.matching.gatherings.queries import GatheringLists
from services.matching.gatherings.schemas import (
    AddEvidenceSchema,
    GatheringPage,
    GatheringSchema,
    GatheringsQuery,
    PlanGatheringSchema,
    WhySchema,
)
from services.matching.gatherings.use_cases import (
    AddEvidence,
    Gatherings,
    PlanGathering,
    Planning,
    add_evidence,
    approve_gathering,
    cancel_gathering,
    dispute_gathering,
    hold_gathering,
    of_party,
    plan_gathering,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What these routes work with."""

    gatherings: Gatherings
    lists: GatheringLists
    claims: Claims
    planning: Planning
    behaviour: Behaviour
    sagas: Sagas
    clock: Clock
    ids: Ids


def gatherings_blueprint(desk: Desk) -> Blueprint:
    """Routes under ``/v1/gatherings``: a plan, and what its host does with it."""
    blueprint = Blueprint(
        "gatherings",
        __name__,
        url_prefix="/v1/gatherings",
        description="What people attend, from the plan to the settlement",
    )

    @blueprint.post("")
    @needs(Permission.MATCHING_GATHERING_RUN)
    @blueprint.arguments(PlanGatheringSchema)
    @blueprint.response(201, GatheringSchema)
    def plan_gathering_view(body: dict[str, Any]) -> Gathering:
        """Put a confirmed claim, a cartridge and a slot together; the venue then answers.

        The cartridge's conditions and needs are asked with the facts of this plan.
        """
        body["co_host_ids"] = tuple(body["co_host_ids"])
        command = PlanGathering(host_id=principal().organization_id, **body)
        return tagged(
            plan_gathering(command, planning=desk.planning, ids=desk.ids, now=desk.clock())
        )

    @blueprint.get("")
    @needs(Permission.MATCHING_GATHERING_READ)
    @blueprint.arguments(GatheringsQuery, location="query")
    @blueprint.response(200, GatheringPage)
    def list_gatherings_view(query: dict[str, Any]) -> dict[str, Any]:
        """Gatherings the caller has any part in, latest first."""
        actor, limit = _actor(), query["limit"]
        rows = desk.lists.of_party(
            None if actor.is_platform else actor.organization_id,
            status=query["status"],
            before=position_of(query["cursor"]),
            limit=limit + 1,
        )
        return page(rows, limit=limit, position=lambda gathering: str(gathering.id))

    @blueprint.get("/<gathering_id>")
    @needs(Permission.MATCHING_GATHERING_READ)
    @blueprint.response(200, GatheringSchema)
    def read_gathering_view(gathering_id: str) -> Gathering:
        """A gathering the caller has any part in."""
        return tagged(of_party(gathering_id, _actor(), gatherings=desk.gatherings))

    @blueprint.post("/<gathering_id>/evidence")
    @needs(Permission.MATCHING_GATHERING_RUN)
    @blueprint.arguments(AddEvidenceSchema)
    @blueprint.response(201, GatheringSchema)
    def add_evidence_view(body: dict[str, Any], gathering_id: str) -> Gathering:
        """Show something of it: words, or the digest of a file kept elsewhere.

        ``answers`` names the step, the point or the evidence wanted that it shows.
        """
        command = AddEvidence(
            gathering_id=gathering_id, organization_id=principal().organization_id, **body
        )
        return tagged(
            add_evidence(command, gatherings=desk.gatherings, ids=desk.ids, now=desk.clock())
        )

    _decisions(blueprint, desk)
    return blueprint


def _decisions(blueprint: Blueprint, desk: Desk) -> None:
    """Add the routes by which a gathering comes to its end."""

    @blueprint.post("/<gathering_id>/holdings")
    @needs(Permission.MATCHING_GATHERING_RUN)
    @blueprint.response(200, GatheringSchema)
    def hold_gathering_view(gathering_id: str) -> Gathering:
        """Say that it took place; the brand has 72 hours to object, then it is approved."""
        return tagged(
            hold_gathering(
                gathering_id,
                by=_actor(),
                gatherings=desk.gatherings,
                behaviour=desk.behaviour,
                now=desk.clock(),
            )
        )

    @blueprint.post("/<gathering_id>/approvals")
    @needs(Permission.MATCHING_GATHERING_APPROVE)
    @blueprint.response(200, GatheringSchema)
    def approve_gathering_view(gathering_id: str) -> Gathering:
        """Each of its brands approves what was held; the platform, what is disputed."""
        return tagged(
            approve_gathering(
                gathering_id,
                by=_actor(),
                gatherings=desk.gatherings,
                behaviour=desk.behaviour,
                sagas=desk.sagas,
                now=desk.clock(),
            )
        )

    @blueprint.post("/<gathering_id>/disputes")
    @needs(Permission.MATCHING_GATHERING_APPROVE)
    @blueprint.arguments(WhySchema)
    @blueprint.response(200, GatheringSchema)
    def dispute_gathering_view(body: dict[str, str], gathering_id: str) -> Gathering:
        """The brand objects, within 72 hours; nothing is paid until the platform has ruled."""
        return tagged(
            dispute_gathering(
                gathering_id,
                body["why"],
                by=_actor(),
                gatherings=desk.gatherings,
                behaviour=desk.behaviour,
                now=desk.clock(),
            )
        )

    @blueprint.post("/<gathering_id>/cancellations")
    @blueprint.arguments(WhySchema)
    @blueprint.response(200, GatheringSchema)
    def cancel_gathering_view(body: dict[str, str], gathering_id: str) -> Gathering:
        """The host, or the platform, calls it off before it is held: everything goes back."""
        return tagged(
            cancel_gathering(
                gathering_id,
                body["why"],
                by=_actor(),
                gatherings=desk.gatherings,
                claims=desk.claims,
                behaviour=desk.behaviour,
                sagas=desk.sagas,
                now=desk.clock(),
            )
        )


def _actor() -> Actor:
    caller = principal()
    return Actor(caller.organization_id, caller.is_platform)
