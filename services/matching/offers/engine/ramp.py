"""How a subsidy rises as goods near their best-before date: exact, in minor units."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from chassis.kernel.money import WHOLE


class Step(NamedTuple):
    """From so many days before the best-before date, so much more, of the subsidy itself."""

    days_before: int
    extra_basis_points: int


class Ramp(NamedTuple):
    """Steps from far to near, and what the subsidy never goes over."""

    steps: tuple[Step, ...]
    most: int


class Worth(NamedTuple):
    """What a gathering gets, and how much more than usual the best-before date made of it."""

    amount: int
    extra_basis_points: int


def extra_at(ramp: Ramp, best_before: datetime, now: datetime) -> int:
    """The extra of the nearest step reached, in basis points; 0 before the first."""
    left = best_before - now
    reached = [step for step in ramp.steps if left <= timedelta(days=step.days_before)]
    return reached[-1].extra_basis_points if reached else 0


def worth(
    subsidy: int, ramp: Ramp | None, best_before: datetime | None, *, left: int, now: datetime
) -> Worth:
    """What a claim gets now: the subsidy and the extra, rounded down to the minor unit.

    It stays within the ramp's most and, as far as that leaves the subsidy itself whole,
    within what is ``left`` of the offer. Goods without a best-before date get no extra.
    """
    extra = extra_at(ramp, best_before, now) if ramp and best_before else 0
    if not ramp or not extra:
        return Worth(subsidy, 0)
    raised = min(subsidy * (WHOLE + extra) // WHOLE, ramp.most, left)
    return Worth(max(subsidy, raised), extra)
