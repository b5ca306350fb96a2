"""What is due by the clock about registrations."""

from __future__ import annotations

from functools import partial

from chassis.kernel.time import Clock
from chassis.mongo import atomically
from services.matching.registrations.use_cases import Registrations, forget_answers


def forget_all_due(registrations: Registrations, clock: Clock) -> int:
    """Forget answers to gatherings that ended long ago; answer of how many registrations."""
    return atomically(partial(forget_answers, registrations=registrations, now=clock()))
