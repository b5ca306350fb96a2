"""Asking for a clearing, by hand or by the clock."""

from __future__ import annotations

from datetime import datetime

from chassis.kernel.decisions import Decision
from chassis.kernel.ids import Ids
from chassis.kernel.time import CALENDAR
from services.matching.clearings.domain import Clearing, Order, PeriodCleared, Valuation
from services.matching.clearings.engine.clear import Rule
from services.matching.clearings.use_cases.ports import Clearings

HORIZON_DAYS = 28
FIRST_BONUS = {Valuation.RECIPROCAL: 100, Valuation.HOST: 200}
"""A third of what a good pair is worth: enough that nobody is forgotten for a trifle."""


def request_clearing(
    clearing_id: str, order: Order, *, asked_by: str, clearings: Clearings, now: datetime
) -> Clearing:
    """Ask for a clearing; the worker takes it up. Asking twice under one id is asking once.

    One that holds is the only one of its period: raises ``PeriodCleared`` when there is one
    that has not failed. Dry runs are as many as one likes.
    """
    if (asked := clearings.find(clearing_id)) is not None:
        return asked
    if not order.dry_run and (known := clearings.of_period(order.period)) is not None:
        raise PeriodCleared(f"{order.period} has {known.id}", clearing_id=known.id)
    wanted = Clearing(id=clearing_id, order=order, asked_by=asked_by, asked_at=now)
    return clearings.save(Decision(wanted))


def clear_this_week(
    *, reserve: bool, clearings: Clearings, ids: Ids, now: datetime
) -> Clearing | None:
    """Ask for the clearing of the present week, unless there is one; the schedule's wish."""
    order = Order(
        dry_run=False,
        rule=Rule.VALUE,
        valuation=Valuation.RECIPROCAL,
        first_host_bonus=FIRST_BONUS[Valuation.RECIPROCAL],
        first_brand_bonus=FIRST_BONUS[Valuation.RECIPROCAL],
        horizon_days=HORIZON_DAYS,
        period=week_of(now),
        reserve=reserve,
    )
    try:
        return request_clearing(
            ids("clr"), order, asked_by="service:matching", clearings=clearings, now=now
        )
    except PeriodCleared:
        return None


def week_of(now: datetime) -> str:
    """The name of a week as ISO 8601 writes it, in China's calendar: ``2026-w09``."""
    year, week, _ = now.astimezone(CALENDAR).isocalendar()
    return f"{year}-w{week:02d}"
