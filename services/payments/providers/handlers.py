"""The desk at work: one operation after the other, sent, asked about, recorded."""

from __future__ import annotations

from functools import partial

import structlog

from chassis import metrics
from chassis.kernel.errors import Conflict
from chassis.kernel.time import Clock
from chassis.logging import logger
from chassis.mongo import atomically
from chassis.turns import Turns
from services.payments.providers.domain import Result, unknown
from services.payments.providers.use_cases import Call, Desk

BATCH = 100


class Janitor:
    """Carries every due operation one step further; harmless when two run at once.

    An operation that fails here waits, and the others have their turn.
    """

    def __init__(self, desk: Desk, clock: Clock) -> None:
        self._desk = desk
        self._clock = clock
        self._turns = Turns("providers")

    def run(self) -> int:
        """Take what is due once; answer how many calls were made."""
        due = self._desk.operations.due(self._clock(), limit=BATCH + len(self._turns))
        return sum(self._turns.take(each, partial(self.step, each)) for each in due)

    def step(self, operation_id: str) -> bool:
        """Carry one operation a step further, if it is due; answer whether a call was made."""
        with structlog.contextvars.bound_contextvars(operation=operation_id):
            try:
                call = atomically(lambda: self._desk.take(operation_id, now=self._clock()))
            except Conflict:
                return False  # another took it
            if call is None:
                return False
            result = self._call(call)
            atomically(lambda: self._desk.note(operation_id, result, now=self._clock()))
        return True

    def _call(self, call: Call) -> Result:
        operation = call.operation
        try:
            result = self._desk.make(call)
        except Exception as bug:  # noqa: BLE001 - whatever it is, the provider may have acted
            logger("providers").error("bug", exc_info=bug)
            result = unknown(f"{type(bug).__name__}: {bug}")
        metrics.PROVIDER_CALLS.labels(
            operation.provider, operation.kind.value, call.verb.value, result.status.value
        ).inc()
        return result
