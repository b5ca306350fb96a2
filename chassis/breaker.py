"""Stop calling a peer that fails, and find out gently when it is back."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")

WINDOW_SECONDS = 10.0
FEWEST_CALLS = 20
OPEN_SECONDS = 5.0
PROBES = 3


class CircuitOpen(ConnectionError):
    """The peer failed too often lately; the call was not made."""


class Breaker:
    """Opens when half of at least 20 calls in 10 s failed; probes after 5 s.

    The lock guards the counting and is never held during a call, so that calls run side
    by side.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._calls: deque[tuple[float, bool]] = deque()
        self._opened_at: float | None = None
        self._probes = 0

    def call(self, work: Callable[[], Result]) -> Result:
        """Do ``work``, or raise ``CircuitOpen``; ``OSError`` counts as a failure."""
        self._admit()
        try:
            result = work()
        except OSError:
            self._record(failed=True)
            raise
        self._record(failed=False)
        return result

    def _admit(self) -> None:
        with self._lock:
            if self._opened_at is None:
                return
            if self._clock() - self._opened_at < OPEN_SECONDS or self._probes >= PROBES:
                raise CircuitOpen("the peer failed too often lately")
            self._probes += 1

    def _record(self, *, failed: bool) -> None:
        with self._lock:
            now = self._clock()
            if self._opened_at is not None:
                self._settle(now, failed=failed)
                return
            self._calls.append((now, failed))
            while self._calls and self._calls[0][0] < now - WINDOW_SECONDS:
                self._calls.popleft()
            failures = sum(bad for _, bad in self._calls)
            if len(self._calls) >= FEWEST_CALLS and failures * 2 >= len(self._calls):
                self._opened_at = now
                self._probes = 0

    def _settle(self, now: float, *, failed: bool) -> None:
        """One probe tells: back to work, or closed for another while."""
        self._probes = 0
        self._calls.clear()
        self._opened_at = now if failed else None
