"""Threads that compute, one behind the other.

A thread that gives up the interpreter again and again, as numpy does at every call on large
arrays, loses it to the others each time and waits for it: eight threads that compute at once
use half as much of the processor again as one after the other.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE_SECONDS = 0.1


class SingleFile:
    """Whoever computes waits for whoever computes already.

    It spares the processor and guards nothing: who has waited for ``patience`` seconds goes on
    beside the other, so that a thread that waits for a database stops nobody.
    """

    def __init__(self, patience: float = PATIENCE_SECONDS) -> None:
        self._one, self._patience = threading.Lock(), patience

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Compute in this block."""
        is_first = self._one.acquire(timeout=self._patience)
        try:
            yield
        finally:
            if is_first:
                self._one.release()
