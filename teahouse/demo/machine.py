"""The suite as the demo sees it: addresses, time, quiet, memory."""

from __future__ import annotations

import os
import time
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

from teahouse.demo.load import Load, watched
from teahouse.demo.readings import Reading, await_quiet, read
from teahouse.memory import pss_bytes
from teahouse.suite import Suite

QUIET_WITHIN_SECONDS = 240.0
MOVES_WITHIN_SECONDS = 60.0
# A process reads its clock anew at most this long after it was moved.
FOLLOWS_WITHIN_SECONDS = 1.0
MIB = 1 << 20


class SuiteMachine:
    """A running ``Suite`` as the ``Machine`` that the journey asks for."""

    def __init__(self, suite: Suite) -> None:
        self._suite = suite
        self.load = Load()
        self._ahead = timedelta(seconds=suite.advance_clock(0))

    @property
    def bases(self) -> dict[str, str]:
        """Where each service answers the public."""
        return {name: self._suite.public_url(name) for name in self._suite.services}

    def now(self) -> datetime:
        """What time it is for the services."""
        return datetime.now(UTC) + self._ahead

    def advance(self, to: datetime) -> None:
        """Let time pass for the services until then; return when they know."""
        deadline = time.monotonic() + MOVES_WITHIN_SECONDS
        while True:
            try:
                if self._moved(to):
                    break
            except OSError:
                # A service that is being started again will be told when it is there.
                if time.monotonic() > deadline:
                    raise
                time.sleep(FOLLOWS_WITHIN_SECONDS)
        time.sleep(FOLLOWS_WITHIN_SECONDS)

    def _moved(self, to: datetime) -> bool:
        """Move all to the furthest of them and that one on; whether it was far enough before."""
        self._ahead = timedelta(seconds=self._suite.advance_clock(0))
        missing = (to - self.now()).total_seconds()
        if missing > 0:
            self._suite.advance_clock(missing)
        return missing <= 0

    def await_quiet(self) -> Reading:
        """Return the readings once no event, command or reply is under way."""
        return await_quiet(self.read, within_seconds=QUIET_WITHIN_SECONDS)

    def read(self) -> Reading:
        """The metrics of every process, added up."""
        return read(
            [
                address(name)
                for name in self._suite.services
                for address in (self._suite.internal_url, self._suite.worker_url)
            ]
        )

    def watched(self) -> AbstractContextManager[None]:
        """Note in ``load`` what used the processors while the block runs."""
        return watched(self.load)

    def memory_mib(self) -> float:
        """Memory of all processes together, the demo's own included."""
        return pss_bytes([os.getpid()]) / MIB

    @property
    def restarts(self) -> int:
        """How often a process had to be started again."""
        return sum(row.restarts for row in self._suite.processes())
