"""Stops a consumer that sets too much aside: a bad deploy must not empty the topic."""

from __future__ import annotations

import threading
from collections import deque

IN_A_ROW = 20
WINDOW = 1000
SHARE = 0.05


class Halted(RuntimeError):
    """The dead-letter limit is reached; a person has to look."""


class DeadLetterLimit:
    """At most 20 dead letters in a row, and 5 % of the last 1,000 events."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._in_a_row = 0
        self._lately: deque[bool] = deque(maxlen=WINDOW)
        self._dead = 0

    def check(self) -> None:
        """Raise ``Halted`` when one more would be too many."""
        if self._in_a_row >= IN_A_ROW or self._dead >= SHARE * WINDOW:
            raise Halted(f"{self._in_a_row} in a row, {self._dead} of {len(self._lately)}")

    def note(self, count: int, *, dead: bool) -> None:
        """Count events that were applied, or set aside."""
        with self._lock:
            self._in_a_row = self._in_a_row + count if dead else 0
            for _ in range(min(count, WINDOW)):
                if len(self._lately) == WINDOW:
                    self._dead -= self._lately[0]
                self._lately.append(dead)
                self._dead += dead
