"""A wish for the same hours again and again, and what stands in its way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from chassis.kernel.decisions import Decision, DomainEvent
from chassis.kernel.errors import RuleBroken
from chassis.kernel.ids import Ids
from chassis.kernel.time import to_rfc3339
from services.catalog.plans.domain import WeeklyPlan
from services.catalog.recurring.engine.rules import Recurrence, times_of
from services.catalog.slots.domain import Calendar, HoldWish, Slot
from services.catalog.slots.engine.wall import moment_of


class OccurrencesNotFree(RuleBroken):
    """Not every occurrence can be had."""

    code = "occurrences-not-free"
    hint = "Look at the occurrences named, then change the rule or ask for the free ones alone."
    chinese = "并非每次都能预占，请查看所列冲突，修改规则或只预占空闲的时段。"


class OccurrenceState(StrEnum):
    """Whether the hours of one occurrence can be had."""

    TAKEN = "taken"
    HELD = "held"
    PAST = "past"
    NO_SLOT = "no-slot"
    OUTSIDE_PLAN = "outside-plan"
    FREE = "free"


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """One of the times: on the wall, as a moment, and whether it can be had."""

    wall: datetime
    starts_at: datetime
    state: OccurrenceState
    slot_id: str | None = None
    hold_id: str | None = None

    @property
    def is_free(self) -> bool:
        """Whether the host may have it."""
        return self.state is OccurrenceState.FREE


@dataclass(frozen=True, slots=True, kw_only=True)
class RecurringHours:
    """What a host asks for: these hours by the clock on the wall, as often as the rule says."""

    rule: Recurrence
    first: datetime

    def times(self) -> tuple[datetime, ...]:
        """When it recurs on the wall; raise ``RuleUnreadable`` for a rule without an end."""
        return times_of(self.rule, self.first)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """For whom and until when to hold; ``skip_conflicts`` holds what is free and no more."""

    host_id: str
    people: int
    expires_at: datetime
    skip_conflicts: bool = False


def check(
    walls: Sequence[datetime], calendar: Calendar, plan: WeeklyPlan, *, at: datetime
) -> tuple[Occurrence, ...]:
    """What there is at each of these times, conflicts first, each part in order of time.

    An occurrence is a slot that begins exactly then. The calendar must know every slot
    of that time.
    """
    by_start = {slot.starts_at: slot for slot in calendar.slots.values()}
    found = []
    for wall in walls:
        starts_at = moment_of(wall, calendar.venue.zone)
        slot = by_start.get(starts_at)
        state = _state(slot, starts_at, calendar, plan, at)
        slot_id = slot.id if slot else None
        found.append(Occurrence(wall=wall, starts_at=starts_at, state=state, slot_id=slot_id))
    return tuple(sorted(found, key=lambda one: (one.is_free, one.starts_at)))


@dataclass(frozen=True, slots=True)
class Holding:
    """The calendar with the holds made, and the occurrences with theirs."""

    calendar: Calendar
    occurrences: tuple[Occurrence, ...]


def hold_all(
    occurrences: Sequence[Occurrence],
    conditions: Conditions,
    calendar: Calendar,
    *,
    ids: Ids,
    at: datetime,
) -> Decision[Holding]:
    """Hold all that is free, or none: raise ``OccurrencesNotFree`` with what is not.

    No hold outlasts the beginning of its slot.
    """
    conflicts = [one for one in occurrences if not one.is_free]
    if conflicts and (not conditions.skip_conflicts or len(conflicts) == len(occurrences)):
        raise OccurrencesNotFree(
            f"{len(conflicts)} of {len(occurrences)} cannot be had",
            occurrences=[_told(one) for one in conflicts],
        )
    events: list[DomainEvent] = []
    held = []
    for one in occurrences:
        if one.slot_id is None or not one.is_free:
            held.append(one)
            continue
        wish = HoldWish(
            hold_id=ids("hld"),
            slot_id=one.slot_id,
            host_id=conditions.host_id,
            people=conditions.people,
            expires_at=min(conditions.expires_at, one.starts_at),
        )
        calendar, facts, _ = calendar.hold(wish, at=at)
        events += facts
        held.append(replace(one, hold_id=wish.hold_id))
    return Decision(Holding(calendar, tuple(held)), tuple(events))


def _state(
    slot: Slot | None, starts_at: datetime, calendar: Calendar, plan: WeeklyPlan, at: datetime
) -> OccurrenceState:
    if starts_at <= at:
        return OccurrenceState.PAST
    if slot is None:
        planned = plan.covers(starts_at, calendar.venue)
        return OccurrenceState.NO_SLOT if planned else OccurrenceState.OUTSIDE_PLAN
    if slot.gathering_id:
        return OccurrenceState.TAKEN
    hold = calendar.holds.get(slot.hold_id)
    is_held = hold is not None and hold.expires_at > at
    return OccurrenceState.HELD if is_held else OccurrenceState.FREE


def _told(occurrence: Occurrence) -> dict[str, str]:
    return {"starts_at": to_rfc3339(occurrence.starts_at), "state": occurrence.state.value}
