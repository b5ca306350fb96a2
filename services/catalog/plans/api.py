"""Weekly plans over HTTP: parse, call one use case or query, dump."""

from __future__ import annotations

from typing import Any

from chassis.auth import principal
from chassis.kernel.time import Clock
from chassis.permissions import Permission
from chassis.web import Blueprint, needs
from services.catalog.plans.domain import WeeklyPlan
from services.catalog.plans.schemas import PlanWeekSchema, WeeklyPlanSchema
from services.catalog.plans.use_cases import Plans, PlanWeek, plan_week
from services.catalog.slots.use_cases import Calendars
from services.catalog.venues.use_cases import Venues


def plans_blueprint(
    plans: Plans, calendars: Calendars, venues: Venues, clock: Clock, *, weeks: int
) -> Blueprint:
    """Routes under ``/v1/venues/{id}/plan``."""
    blueprint = Blueprint(
        "plans",
        __name__,
        url_prefix="/v1/venues/<venue_id>/plan",
        description="The same hours every week, but for exceptions",
    )

    @blueprint.put("")
    @needs(Permission.CATALOG_VENUE_OPEN)
    @blueprint.arguments(PlanWeekSchema)
    @blueprint.response(200, WeeklyPlanSchema)
    def plan_week_view(body: dict[str, Any], venue_id: str) -> WeeklyPlan:
        """Plan the caller's venue anew; slots follow at once, what is taken stays."""
        command = PlanWeek(venue_id=venue_id, organization_id=principal().organization_id, **body)
        return plan_week(command, plans=plans, calendars=calendars, weeks=weeks, now=clock())

    @blueprint.get("")
    @blueprint.response(200, WeeklyPlanSchema)
    def read_plan_view(venue_id: str) -> WeeklyPlan:
        """A venue's plan, whoever owns it."""
        return plans.of(venues.get(venue_id).id)

    return blueprint
