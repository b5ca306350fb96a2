"""What can be done with weekly plans: plan anew, and make slots for the weeks to come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol

from chassis.kernel.decisions import Decision
from services.catalog.plans.domain import DayException, WeeklyPlan, Window
from services.catalog.slots.engine.wall import moment_of
from services.catalog.slots.use_cases import Calendars
from services.catalog.venues.domain import VenueNotFound


class Plans(Protocol):
    """The weekly plans, wherever they are kept."""

    def of(self, venue_id: str) -> WeeklyPlan:
        """The venue's plan; an empty one for a venue that never planned."""
        ...

    def due(self, before: date, *, limit: int) -> list[WeeklyPlan]:
        """Plans whose slots do not reach this day, the shortest first."""
        ...

    def save(self, decision: Decision[WeeklyPlan]) -> WeeklyPlan:
        """Store the plan, or raise ``Conflict``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanWeek:
    """An owner's wish to lend the same hours every week, but for exceptions."""

    venue_id: str
    organization_id: str
    windows: Sequence[Window]
    exceptions: Sequence[DayException]


def plan_week(
    command: PlanWeek, *, plans: Plans, calendars: Calendars, weeks: int, now: datetime
) -> WeeklyPlan:
    """Plan anew and make the slots of so many weeks; what is held or booked stays.

    Another organisation's venue is as unknown as one that never was.
    """
    venue = calendars.between(command.venue_id, now, now).venue
    if venue.organization_id != command.organization_id:
        raise VenueNotFound(f"no venue {command.venue_id}")
    plan = plans.of(venue.id).change(
        command.windows, command.exceptions, organization_id=venue.organization_id
    )
    return _make_slots(plan, plans=plans, calendars=calendars, weeks=weeks, now=now)


def extend_plans(
    *, plans: Plans, calendars: Calendars, weeks: int, now: datetime, limit: int = 5
) -> int:
    """Make the slots of the days that came within reach; answer how many plans were due."""
    # A day less: where it is still yesterday, plans reach a day less far.
    reach = now.astimezone(UTC).date() + timedelta(weeks=weeks, days=-1)
    due = plans.due(reach, limit=limit)
    for plan in due:
        _make_slots(plan, plans=plans, calendars=calendars, weeks=weeks, now=now)
    return len(due)


def _make_slots(
    plan: WeeklyPlan, *, plans: Plans, calendars: Calendars, weeks: int, now: datetime
) -> WeeklyPlan:
    venue = calendars.between(plan.venue_id, now, now).venue
    today = now.astimezone(venue.zone).date()
    last = today + timedelta(weeks=weeks)
    # Two days on: the last windows may run over midnight and touch what lies beyond.
    end = moment_of(datetime.combine(last + timedelta(days=2), time()), venue.zone)
    calendar = calendars.between(plan.venue_id, now, end)
    decision = calendar.follow_plan(plan.slots(venue, today, last), at=now)
    calendars.save_all([decision] if decision.events else [])
    return plans.save(plan.reach(last))
