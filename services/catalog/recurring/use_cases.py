"""What can be done with recurring wishes: look at every occurrence, hold them together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from chassis.kernel.decisions import Decision
from chassis.kernel.ids import Ids
from services.catalog.plans.use_cases import Plans
from services.catalog.recurring.domain import (
    Conditions,
    Occurrence,
    RecurringHours,
    check,
    hold_all,
)
from services.catalog.slots.domain import Calendar
from services.catalog.slots.engine.wall import moment_of
from services.catalog.slots.use_cases import Calendars
from services.catalog.venues.use_cases import Venues


def list_occurrences(
    venue_id: str,
    hours: RecurringHours,
    *,
    venues: Venues,
    calendars: Calendars,
    plans: Plans,
    now: datetime,
) -> tuple[Occurrence, ...]:
    """A dry run: what there is at each time, conflicts first. Raises ``VenueNotFound``."""
    walls = hours.times()
    calendar = _calendar(venue_id, walls, venues=venues, calendars=calendars)
    return check(walls, calendar, plans.of(venue_id), at=now)


def hold_occurrences(
    venue_id: str,
    hours: RecurringHours,
    conditions: Conditions,
    *,
    venues: Venues,
    calendars: Calendars,
    plans: Plans,
    ids: Ids,
    now: datetime,
) -> tuple[Occurrence, ...]:
    """Hold every occurrence, or those that are free, in one transaction.

    The occurrences are looked at again here: what was taken since the dry run refuses
    all, with the list, unless conflicts are to be skipped.
    """
    walls = hours.times()
    calendar = _calendar(venue_id, walls, venues=venues, calendars=calendars)
    found = check(walls, calendar, plans.of(venue_id), at=now)
    holding, events, _ = hold_all(found, conditions, calendar, ids=ids, at=now)
    calendars.save_all([Decision(holding.calendar, events)])
    return holding.occurrences


def _calendar(
    venue_id: str, walls: Sequence[datetime], *, venues: Venues, calendars: Calendars
) -> Calendar:
    zone = venues.get(venue_id).zone
    first, last = moment_of(min(walls), zone), moment_of(max(walls), zone)
    return calendars.between(venue_id, first, last + timedelta(minutes=1))
