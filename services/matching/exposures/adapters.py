"""Exposures noted in the background, in batches."""

from __future__ import annotations

import threading
from collections import deque

from chassis import metrics
from chassis.logging import logger
from services.matching.exposures.domain import Exposure
from services.matching.exposures.repositories import MongoExposureNotes

PAUSE_SECONDS = 0.1
"""While a batch is encoded no answer goes out: a second's took 15 ms, the slowest hundredth."""
MOST_WAITING = 2_000
"""Pages that may wait in one process, each of some kilobytes."""


class ExposuresLater:
    """The ``Exposures`` port: they wait in memory and are written ten times a second.

    It starts with its first use, so that it may be made before a fork. What cannot be
    written, or is more than there is room for, is lost and counted.
    """

    def __init__(self, exposures: MongoExposureNotes) -> None:
        self._exposures = exposures
        self._waiting: deque[Exposure] = deque()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stopped = threading.Event()

    def note(self, exposure: Exposure) -> None:
        """Have it written within seconds."""
        if len(self._waiting) >= MOST_WAITING:
            metrics.EXPOSURES_LOST.inc()
            return
        self._waiting.append(exposure)
        if self._thread is None:
            self._start()

    def close(self) -> None:
        """Write what waits and stop; for tests and a clean end."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="exposures", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while not self._stopped.wait(PAUSE_SECONDS):
            self._write()
        self._write()

    def _write(self) -> None:
        batch = [self._waiting.popleft() for _ in range(len(self._waiting))]
        if not batch:
            return
        try:
            self._exposures.add(batch)
        except Exception as error:  # noqa: BLE001 - whatever it is, later pages are to be noted
            metrics.EXPOSURES_LOST.inc(len(batch))
            logger("exposures").warning("exposures lost", count=len(batch), exc_info=error)
