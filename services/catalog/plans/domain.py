"""A venue's weekly plan, its exceptions, and the slots that follow from both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise

from chassis.kernel.decisions import Decision, Revision
from chassis.kernel.errors import RuleBroken
from chassis.kernel.ids import derived_id
from services.catalog.slots.domain import LONGEST, Slot
from services.catalog.slots.engine.wall import Span, span_of
from services.catalog.venues.domain import SHARE_OF_TERMS, Ask, Venue

LONGEST_WINDOW_MINUTES = 18 * 60  # so that it stays a slot when the clocks go back
DAY_MINUTES = 24 * 60
WEEK_MINUTES = 7 * DAY_MINUTES


class WindowTooLong(RuleBroken):
    """A window of the plan lasts longer than 18 hours."""

    code = "window-too-long"
    hint = "Divide the hours into several windows."
    chinese = "每个开放时段最长 18 小时，请拆分。"


class WindowsOverlap(RuleBroken):
    """Two windows of the plan have hours in common."""

    code = "windows-overlap"
    hint = "Let windows touch at most; one that ends no later than it starts ends the next day."
    chinese = "计划中的开放时段相互重叠；结束不晚于开始的时段视为次日结束。"


class Weekday(StrEnum):
    """The days, Monday first as in ISO 8601."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"

    @property
    def number(self) -> int:
        """0 for Monday, as Python counts."""
        return list(Weekday).index(self)


@dataclass(frozen=True, slots=True)
class Hours:
    """Hours of a day by the clock on the wall, over midnight when they end first."""

    starts: time
    ends: time
    ask: Ask = SHARE_OF_TERMS

    @property
    def first_minute(self) -> int:
        """When they start, in minutes from midnight."""
        return self.starts.hour * 60 + self.starts.minute

    @property
    def minutes(self) -> int:
        """How long they last on a day without a change of the clocks."""
        ends = self.ends.hour * 60 + self.ends.minute
        return (ends - self.first_minute - 1) % DAY_MINUTES + 1


@dataclass(frozen=True, slots=True)
class Window:
    """Hours of the same day of every week."""

    weekday: Weekday
    hours: Hours


@dataclass(frozen=True, slots=True)
class DayException:
    """A date with other hours than its weekday has; with none, the venue is closed."""

    day: date
    hours: tuple[Hours, ...] = ()


def plan_id(venue_id: str) -> str:
    """The id of a venue's plan."""
    return derived_id("pln", venue_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklyPlan:
    """What a venue lends week by week. Slots were made of it up to ``planned_until``."""

    venue_id: str
    organization_id: str = ""  # whose it is, once it was planned
    windows: tuple[Window, ...] = ()
    exceptions: tuple[DayException, ...] = ()
    planned_until: date | None = None
    revision: Revision = Revision()

    @property
    def id(self) -> str:
        """A venue has one plan, so its id follows from the venue's."""
        return plan_id(self.venue_id)

    def change(
        self,
        windows: Sequence[Window],
        exceptions: Sequence[DayException],
        *,
        organization_id: str,
    ) -> WeeklyPlan:
        """Plan anew, or raise the rule that forbids it."""
        _check_week(windows)
        for exception in exceptions:
            _check_day(exception)
        return replace(
            self,
            organization_id=organization_id,
            windows=tuple(windows),
            exceptions=tuple(exceptions),
        )

    def reach(self, until: date) -> Decision[WeeklyPlan]:
        """Slots are made up to this day."""
        return Decision(replace(self, planned_until=until))

    def hours_on(self, day: date) -> tuple[Hours, ...]:
        """What is lent on a date."""
        for exception in self.exceptions:
            if exception.day == day:
                return exception.hours
        weekday = day.weekday()
        return tuple(one.hours for one in self.windows if one.weekday.number == weekday)

    def slots(self, venue: Venue, first: date, last: date) -> Iterator[Slot]:
        """The slots of these days and those between; the same id for the same hours of a date.

        Hours that the clocks skip altogether make none.
        """
        for number in range((last - first).days + 1):
            day = first + timedelta(days=number)
            for hours in self.hours_on(day):
                span = span_of(day, hours.starts, hours.ends, venue.zone)
                if span is not None and span.ends_at - span.starts_at <= LONGEST:
                    yield _slot(venue.id, day, hours, span)

    def covers(self, moment: datetime, venue: Venue) -> bool:
        """Whether the plan lends this moment, whatever slots there are."""
        day = moment.astimezone(venue.zone).date()
        around = self.slots(venue, day - timedelta(days=1), day)
        return any(slot.starts_at <= moment < slot.ends_at for slot in around)


def _slot(venue_id: str, day: date, hours: Hours, span: Span) -> Slot:
    window = (hours.starts.isoformat("minutes"), hours.ends.isoformat("minutes"))
    slot_id = derived_id("slt", venue_id, day.isoformat(), *window)
    return Slot(slot_id, venue_id, span.starts_at, span.ends_at, hours.ask, is_planned=True)


def _check_week(windows: Sequence[Window]) -> None:
    """The week is a ring: Sunday night may not run into Monday morning."""
    starts = [
        (one.weekday.number * DAY_MINUTES + one.hours.first_minute, one.hours) for one in windows
    ]
    starts.sort(key=lambda start: start[0])
    _check_lengths(hours for _, hours in starts)
    ring = [*starts, *((minute + WEEK_MINUTES, hours) for minute, hours in starts[:1])]
    _check_gaps(ring)


def _check_day(exception: DayException) -> None:
    starts = sorted(((one.first_minute, one) for one in exception.hours), key=lambda one: one[0])
    _check_lengths(exception.hours)
    _check_gaps(starts)


def _check_lengths(many: Iterable[Hours]) -> None:
    for hours in many:
        if hours.minutes > LONGEST_WINDOW_MINUTES:
            raise WindowTooLong(f"{hours.starts:%H:%M} to {hours.ends:%H:%M}")


def _check_gaps(starts: Sequence[tuple[int, Hours]]) -> None:
    for (minute, hours), (next_minute, next_hours) in pairwise(starts):
        if minute + hours.minutes > next_minute:
            raise WindowsOverlap(f"{hours.starts:%H:%M} and {next_hours.starts:%H:%M}")
