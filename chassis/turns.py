"""Rows of a task given their turn one by one: one that fails waits, and the others go on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pymongo.errors import ConnectionFailure

from chassis import metrics
from chassis.logging import logger

FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 1.0, 600.0
_AWAY = (OSError, ConnectionFailure)


@dataclass(frozen=True, slots=True)
class _Wait:
    """How long a row waits that has failed, and until when."""

    seconds: float
    until: float


class Turns:
    """Gives the rows of a task their turn; one at a time, from one thread.

    A row that fails is logged, counted as a failure of ``<task>:row`` and passed over for 1 s,
    each time twice as long up to 600 s, until it has gone well or the process ends. That a peer
    or the database is away is no fault of a row: ``OSError`` and ``ConnectionFailure`` pass
    through, and end the run of the task. ``now`` answers seconds that never go back.
    """

    def __init__(self, task: str, now: Callable[[], float] = time.monotonic) -> None:
        self._task = task
        self._now = now
        self._waits: dict[str, _Wait] = {}

    def __len__(self) -> int:
        """How many rows have failed and not gone well since: so many more to be read."""
        return len(self._waits)

    def __iter__(self) -> Iterator[str]:
        """Those rows, as they are at this moment."""
        return iter(tuple(self._waits))

    def __contains__(self, row: str) -> bool:
        """Whether a row has failed and not gone well since."""
        return row in self._waits

    def take(self, row: str, step: Callable[[], int]) -> int:
        """Do a row's step unless it waits; what the step answers, or 0."""
        wait = self._waits.get(row)
        if wait is not None and self._now() < wait.until:
            return 0
        try:
            done = step()
        except _AWAY:
            raise
        except Exception as bug:  # noqa: BLE001 - one broken row must not stop the others
            seconds = min(2 * wait.seconds, LONGEST_WAIT_SECONDS) if wait else FIRST_WAIT_SECONDS
            self._waits[row] = _Wait(seconds, self._now() + seconds)
            metrics.TASK_FAILURES.labels(f"{self._task}:row").inc()
            logger("turns").error(
                "row waits", task=self._task, row=row, seconds=seconds, exc_info=bug
            )
            return 0
        self._waits.pop(row, None)
        return done
