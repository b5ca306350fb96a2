"""The ports of the books: how entries are submitted, and where the log is kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from services.payments.ledger.domain import EntryRequest, Outcome
from services.payments.ledger.engine.segments import Segment


class Superseded(Exception):
    """Another writer's segment holds this place of the log."""


class Ledger(Protocol):
    """The books, wherever their one writer runs."""

    def submit(self, requests: Sequence[EntryRequest]) -> list[Outcome]:
        """Book entries in the order given and answer one outcome for each.

        Each stands or falls alone; put into one entry what must stand together. Returns
        when all that stands is durable. Raises ``LedgerUnavailable`` when that cannot be
        told in time: submit the same again, the ids make it safe. It may go over the
        network, so call it outside a transaction.
        """
        ...


class Log(Protocol):
    """The stored segments of one market, numbered from zero without gaps."""

    def append(self, segment: Segment) -> None:
        """Store the segment durably at its place.

        Appending the same segment again does nothing. Raises ``Superseded`` when another
        holds the place, ``LedgerUnavailable`` when it cannot be told whether it is
        stored.
        """
        ...

    def read(self, sequence: int) -> Segment:
        """One segment; raise ``LookupError`` when there is none."""
        ...

    def since(self, sequence: int) -> Iterator[Segment]:
        """The durable segments from this one on, in order."""
        ...

    def has(self, sequence: int) -> bool:
        """Whether there is such a segment, as of now and not of a moment ago."""
        ...
