"""Weekly plans kept in MongoDB."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, time
from typing import Any

from chassis import outbox
from chassis.kernel.decisions import Decision
from chassis.mongo import Row
from services.catalog.plans.documents import VenuePlanDocument
from services.catalog.plans.domain import (
    DayException,
    Hours,
    Weekday,
    WeeklyPlan,
    Window,
    plan_id,
)
from services.catalog.slots.repositories import ask_of, ask_row


class MongoPlans:
    """The ``Plans`` port over ``venue_plans``."""

    def of(self, venue_id: str) -> WeeklyPlan:
        document = VenuePlanDocument.objects(pk=plan_id(venue_id)).first()
        return _to_domain(document) if document else WeeklyPlan(venue_id=venue_id)

    def due(self, before: date, *, limit: int) -> list[WeeklyPlan]:
        found = VenuePlanDocument.objects(planned_until__lt=before.isoformat())
        return [_to_domain(one) for one in found.order_by("planned_until", "id").limit(limit)]

    def save(self, decision: Decision[WeeklyPlan]) -> WeeklyPlan:
        plan = decision.state
        return replace(plan, revision=outbox.save(_to_document(plan), plan.revision))


def _to_domain(document: VenuePlanDocument) -> WeeklyPlan:
    return WeeklyPlan(
        venue_id=document.venue_id,
        organization_id=document.organization_id,
        windows=tuple(Window(Weekday(row["weekday"]), _hours_of(row)) for row in document.windows),
        exceptions=tuple(
            DayException(date.fromisoformat(row["day"]), tuple(map(_hours_of, row["hours"])))
            for row in document.exceptions
        ),
        planned_until=date.fromisoformat(document.planned_until),
        revision=document.revision(),
    )


def _to_document(plan: WeeklyPlan) -> VenuePlanDocument:
    return VenuePlanDocument(
        id=plan.id,
        venue_id=plan.venue_id,
        organization_id=plan.organization_id,
        windows=[{"weekday": one.weekday.value, **_hours_row(one.hours)} for one in plan.windows],
        exceptions=[
            {"day": one.day.isoformat(), "hours": [_hours_row(hours) for hours in one.hours]}
            for one in plan.exceptions
        ],
        planned_until=plan.planned_until and plan.planned_until.isoformat(),
    )


def _hours_row(hours: Hours) -> Row:
    return {
        "starts": hours.starts.isoformat("minutes"),
        "ends": hours.ends.isoformat("minutes"),
        "ask": ask_row(hours.ask),
    }


def _hours_of(row: Mapping[str, Any]) -> Hours:
    starts, ends = (time.fromisoformat(row[name]) for name in ("starts", "ends"))
    return Hours(starts, ends, ask_of(row["ask"]))
