"""Recurring wishes over HTTP: parse, call one use case, dump."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chassis.auth import principal
from chassis.kernel.ids import Ids
from chassis.kernel.time import Clock
from chassis.permissions import Permission
from chassis.web import Blueprint, needs
from services.catalog.plans.use_cases import Plans
from services.catalog.recurring.domain import Conditions, Occurrence, RecurringHours
from services.catalog.recurring.schemas import (
    HoldOccurrencesSchema,
    OccurrencesSchema,
    RecurringQuery,
)
from services.catalog.recurring.use_cases import hold_occurrences, list_occurrences
from services.catalog.slots.use_cases import Calendars
from services.catalog.venues.use_cases import Venues


def recurring_blueprint(
    venues: Venues, calendars: Calendars, plans: Plans, ids: Ids, clock: Clock
) -> Blueprint:
    """Routes under ``/v1/venues/{id}`` about the same hours again and again."""
    blueprint = Blueprint(
        "recurring",
        __name__,
        url_prefix="/v1/venues/<venue_id>",
        description="The same hours again and again",
    )
    kept: dict[str, Any] = {"venues": venues, "calendars": calendars, "plans": plans}

    @blueprint.get("/occurrences")
    @blueprint.arguments(RecurringQuery, location="query")
    @blueprint.response(200, OccurrencesSchema)
    def list_occurrences_view(query: dict[str, RecurringHours], venue_id: str) -> dict[str, Any]:
        """A dry run: every occurrence of a rule, conflicts first; nothing is held."""
        return _reply(list_occurrences(venue_id, query["hours"], **kept, now=clock()))

    @blueprint.post("/recurring-holds")
    @needs(Permission.CATALOG_SLOT_HOLD)
    @blueprint.arguments(HoldOccurrencesSchema)
    @blueprint.response(201, OccurrencesSchema)
    def hold_occurrences_view(body: dict[str, Any], venue_id: str) -> dict[str, Any]:
        """Hold all occurrences together, or with ``skip_conflicts`` those that are free."""
        hours = body.pop("hours")
        conditions = Conditions(host_id=principal().organization_id, **body)
        return _reply(hold_occurrences(venue_id, hours, conditions, **kept, ids=ids, now=clock()))

    return blueprint


def _reply(occurrences: Sequence[Occurrence]) -> dict[str, Any]:
    free = sum(one.is_free for one in occurrences)
    return {"free": free, "conflicts": len(occurrences) - free, "items": occurrences}
