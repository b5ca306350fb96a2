"""The log's storage as a process meets it: replies get lost, and processes die at the call."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from services.payments.ledger.domain import LedgerUnavailable
from services.payments.ledger.engine.segments import Segment
from tests.simulator.documents import Documents, Mark
from tests.unit.payments.ledger.books import MemoryLog


class Backup(NamedTuple):
    """What payments held at one moment: its log, its documents, what it had taken in."""

    segments: int
    answered: int
    marks: Sequence[Mark]
    done: frozenset[str]

    @classmethod
    def of(cls, log: MemoryLog, documents: Documents, answered: int) -> Backup:
        """A backup of now; ``answered`` is how many answers were given by then."""
        marks, done = documents.marks(), frozenset(documents.done)
        return cls(len(log.segments), answered, marks, done)

    def restore(self, log: MemoryLog, documents: Documents) -> None:
        """Bring it back, once; nobody may be at work."""
        del log.segments[self.segments :]
        for mark in self.marks:
            mark.restore()
        documents.done.intersection_update(self.done)


class Crash(BaseException):
    """The process is gone, with all that it remembered. No code under test may catch it."""


class Fault(StrEnum):
    """What becomes of the next append of a process."""

    NEVER_ARRIVES = "never-arrives"
    REPLY_LOST = "reply-lost"
    DIES_BEFORE = "dies-before"
    DIES_AFTER = "dies-after"


class Connection:
    """One process's way to the shared log: the ``Log`` port, with a fault to come."""

    def __init__(self, shared: MemoryLog) -> None:
        self._shared = shared
        self.fault: Fault | None = None

    def append(self, segment: Segment) -> None:
        """See ``Log.append``; the fault strikes once."""
        fault, self.fault = self.fault, None
        if fault is Fault.NEVER_ARRIVES:
            raise LedgerUnavailable("it never arrived")
        if fault is Fault.DIES_BEFORE:
            raise Crash
        self._shared.append(segment)
        if fault is Fault.REPLY_LOST:
            raise LedgerUnavailable("no reply")
        if fault is Fault.DIES_AFTER:
            raise Crash

    def read(self, sequence: int) -> Segment:
        """See ``Log.read``."""
        return self._shared.read(sequence)

    def since(self, sequence: int) -> Iterator[Segment]:
        """See ``Log.since``."""
        return self._shared.since(sequence)

    def has(self, sequence: int) -> bool:
        """See ``Log.has``."""
        return self._shared.has(sequence)
