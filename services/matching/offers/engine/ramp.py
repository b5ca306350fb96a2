"""How a subsidy rises as goods near their best-before date: exact, in minor units."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from chassis.kernel.money import WHOLE

DAY = 86_400_000_000  # microseconds
Whole = NDArray[np.int64]


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


def worths(subsidy: int, ramp: Ramp, best_before: Whole, *, left: int, now: int) -> Whole:
    """``worth`` of many goods at once; moments are microseconds since 1970."""
    extra = np.zeros(len(best_before), np.int64)
    for step in ramp.steps:
        extra[best_before - now <= step.days_before * DAY] = step.extra_basis_points
    raised = np.minimum(subsidy * (WHOLE + extra) // WHOLE, min(ramp.most, left))
    return np.where(extra > 0, np.maximum(raised, subsidy), subsidy)


def next_step(ramp: Ramp, best_before: Whole, *, now: int) -> int | None:
    """The first moment after now at which any of these goods reaches a step; None if none will."""
    moments = [best_before - step.days_before * DAY for step in ramp.steps]
    later = [int(found.min()) for each in moments if len(found := each[each > now])]
    return min(later, default=None)
