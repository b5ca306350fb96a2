"""Clearings over HTTP: parse, call one use case or query, dump."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response

from chassis.auth import principal
from chassis.kernel.ids import Ids
from chassis.kernel.time import Clock
from chassis.permissions import Permission
from chassis.web import Blueprint, internal, keyless, needs, page, position_of
from chassis.web.schemas import PageQuery
from services.matching.clearings.adapters.page import report
from services.matching.clearings.domain import Assignment, Clearing
from services.matching.clearings.queries import ClearingLists
from services.matching.clearings.schemas import (
    AssignmentPage,
    ClearingPage,
    ClearingSchema,
    RequestClearingForSchema,
    RequestClearingSchema,
    WatchedClearingSchema,
    assignment_reply,
    clearing_reply,
    order_of,
)
from services.matching.clearings.use_cases import Clearings, request_clearing, week_of

HTML = "text/html"
SHOWN = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearingDesk:
    """What these routes work with."""

    clearings: Clearings
    lists: ClearingLists
    clock: Clock
    ids: Ids

    def ask(self, body: dict[str, Any], *, clearing_id: str, by: str) -> dict[str, Any]:
        """Ask for a clearing as a body describes it."""
        now = self.clock()
        order = order_of(body, week_of(now))
        asked = request_clearing(
            clearing_id, order, asked_by=by, clearings=self.clearings, now=now
        )
        return clearing_reply(asked, tells_all=True)

    def watch(self, clearing_id: str) -> dict[str, Any]:
        """A clearing, and which one has its period."""
        clearing = self.clearings.get(clearing_id)
        taken = self.clearings.of_period(clearing.order.period)
        told = clearing_reply(clearing, tells_all=True)
        return told | {"period_taken_by": taken and taken.id}

    def assigned(
        self, clearing_id: str, whose: str | None, query: dict[str, Any]
    ) -> dict[str, Any]:
        """A page of what was assigned to somebody or of somebody; of all for None."""
        limit = query["limit"]
        rows = self.lists.assignments(
            self.clearings.get(clearing_id),
            whose,
            after=position_of(query["cursor"]),
            limit=limit + 1,
        )
        found = page(rows, limit=limit, position=_place)
        return found | {"items": [assignment_reply(each) for each in found["items"]]}


def clearings_blueprint(desk: ClearingDesk) -> Blueprint:
    """Routes under ``/v1/clearings``, and those of the operator's command."""
    blueprint = Blueprint(
        "clearings",
        __name__,
        url_prefix="",
        description="All hosts and all lots matched together, with a proof and reasons",
    )
    _asking(blueprint, desk)
    _reading(blueprint, desk)
    _operating(blueprint, desk)
    return blueprint


def _asking(blueprint: Blueprint, desk: ClearingDesk) -> None:
    """Add the route that asks for a clearing."""

    @blueprint.post("/v1/clearings")
    @needs(Permission.MATCHING_CLEARING_RUN)
    @blueprint.arguments(RequestClearingSchema)
    @blueprint.response(202, ClearingSchema)
    def request_clearing_view(body: dict[str, Any]) -> dict[str, Any]:
        """Have the market cleared; read the clearing for how far it has come."""
        return desk.ask(body, clearing_id=desk.ids("clr"), by=principal().subject)


def _reading(blueprint: Blueprint, desk: ClearingDesk) -> None:
    """Add the routes that show clearings, and to each what concerns it."""

    @blueprint.get("/v1/clearings")
    @needs(Permission.MATCHING_CLAIM_READ)
    @blueprint.arguments(PageQuery, location="query")
    @blueprint.response(200, ClearingPage)
    def list_clearings_view(query: dict[str, Any]) -> dict[str, Any]:
        """All clearings, the latest first, with what proves each and who was left out."""
        limit = query["limit"]
        rows = desk.lists.latest(before=position_of(query["cursor"]), limit=limit + 1)
        found = page(rows, limit=limit, position=lambda clearing: clearing.id)
        return found | {"items": [_told(each) for each in found["items"]]}

    @blueprint.get("/v1/clearings/<clearing_id>")
    @needs(Permission.MATCHING_CLAIM_READ)
    @blueprint.response(200, ClearingSchema)
    def read_clearing_view(clearing_id: str) -> dict[str, Any]:
        """How far a clearing has come, its certificate and its figures."""
        return _told(desk.clearings.get(clearing_id))

    @blueprint.get("/v1/clearings/<clearing_id>/assignments")
    @needs(Permission.MATCHING_CLAIM_READ)
    @blueprint.arguments(PageQuery, location="query")
    @blueprint.response(200, AssignmentPage)
    def list_assignments_view(query: dict[str, Any], clearing_id: str) -> dict[str, Any]:
        """What was assigned to the caller, or of its lots, each with its reason."""
        return desk.assigned(clearing_id, _whose(), query)

    @blueprint.get("/v1/clearings/<clearing_id>/report")
    @needs(Permission.MATCHING_CLAIM_READ)
    @blueprint.response(200, content_type=HTML)
    def report_clearing_view(clearing_id: str) -> Response:
        """A clearing as a page in both languages, with what concerns the caller."""
        clearing = desk.clearings.get(clearing_id)
        rows = desk.lists.assignments(clearing, _whose(), after=None, limit=SHOWN + 1)
        tells_all = principal().is_platform
        return report(clearing, rows[:SHOWN], more=len(rows) > SHOWN, tells_all=tells_all)


def _operating(blueprint: Blueprint, desk: ClearingDesk) -> None:
    """Add what ``teahouse match clear`` asks in an operator's name."""

    @blueprint.post("/internal/clearings")
    @internal
    @keyless
    @blueprint.arguments(RequestClearingForSchema)
    @blueprint.response(202, ClearingSchema)
    def operate_clearing_view(body: dict[str, Any]) -> dict[str, Any]:
        """Have the market cleared under an id of the caller's; asking twice is asking once."""
        return desk.ask(body, clearing_id=body["id"], by=body["by"])

    @blueprint.get("/internal/clearings/<clearing_id>")
    @internal
    @blueprint.response(200, WatchedClearingSchema)
    def watch_clearing_view(clearing_id: str) -> dict[str, Any]:
        """How far a clearing has come, and whether its period is cleared already."""
        return desk.watch(clearing_id)

    @blueprint.get("/internal/clearings/<clearing_id>/assignments")
    @internal
    @blueprint.arguments(PageQuery, location="query")
    @blueprint.response(200, AssignmentPage)
    def watch_assignments_view(query: dict[str, Any], clearing_id: str) -> dict[str, Any]:
        """All that a clearing assigned."""
        return desk.assigned(clearing_id, None, query)


def _told(clearing: Clearing) -> dict[str, Any]:
    return clearing_reply(clearing, tells_all=principal().is_platform)


def _whose() -> str | None:
    caller = principal()
    return None if caller.is_platform else caller.organization_id


def _place(assignment: Assignment) -> str:
    return assignment.id
