"""Segments on their way into the log: stored in order while the next ones are decided."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from queue import SimpleQueue
from typing import NamedTuple

from chassis import metrics
from services.payments.ledger.engine.segments import Segment
from services.payments.ledger.use_cases import Log, Superseded

DEPTH = 2  # segments; a third would only wait longer


class _Parcel(NamedTuple):
    """A segment, or none, for a place of the log; and the promise about it."""

    segment: Segment | None
    sequence: int
    stored: Future[None]


class Pipe:
    """Stores what it is given, one after the other, on a thread of its own.

    After the first that fails nothing more is stored, for it was decided on what is not
    in the log: the books that ran ahead are to be thrown away with their pipe. The thread
    starts with the first segment. Not safe for several threads.
    """

    def __init__(self, log: Log, *, depth: int = DEPTH) -> None:
        self._log = log
        self._room = threading.Semaphore(depth)
        self._waiting: SimpleQueue[_Parcel | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._trouble: Exception | None = None
        self._last: Future[None] | None = None

    def put(self, segment: Segment | None, sequence: int) -> Future[None]:
        """Store a segment at its place; wait first while there are too many on their way.

        The answer is kept, or raises as ``Log.append`` does, when it and all before it are
        stored. Without a segment it is kept when the log still ends before ``sequence``.
        """
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="appender", daemon=True)
            self._thread.start()
        self._room.acquire()
        self._last = Future()
        self._waiting.put(_Parcel(segment, sequence, self._last))
        return self._last

    @property
    def failed(self) -> bool:
        """Whether something was not stored, as far as is known by now."""
        return self._trouble is not None

    def settle(self) -> bool:
        """Wait for all that is on its way; answer whether all of it was stored."""
        if self._last is not None:
            self._last.exception()
        return not self.failed

    def close(self) -> None:
        """Wait for all that is on its way, and end the thread."""
        self._waiting.put(None)
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while parcel := self._waiting.get():
            try:
                self._append(parcel.segment, parcel.sequence)
            except Exception as trouble:  # noqa: BLE001 - it is handed to whoever waits
                self._trouble = trouble
                parcel.stored.set_exception(trouble)
            else:
                parcel.stored.set_result(None)
            self._room.release()

    def _append(self, segment: Segment | None, sequence: int) -> None:
        if self._trouble is not None:
            raise self._trouble
        if segment is not None:
            with metrics.LEDGER_APPEND.time():
                self._log.append(segment)
            metrics.LEDGER_SEGMENTS.inc()
        elif self._log.has(sequence):
            raise Superseded(f"segment {sequence} is another writer's")
