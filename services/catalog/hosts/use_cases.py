"""What is noted of hosts, and what is asked of the notes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from services.catalog.hosts.domain import HostRecord


class Hosts(Protocol):
    """The hosts that have a record, as far as catalog has heard."""

    def with_record(self, host_ids: Collection[str]) -> frozenset[str]:
        """Those of these hosts that have one, in one read."""
        ...

    def note(self, records: Sequence[HostRecord]) -> None:
        """Remember records; of several of one host the earliest counts, in any order."""
        ...


def note_settled(records: Sequence[HostRecord], *, hosts: Hosts) -> None:
    """Remember that hosts are newcomers no more."""
    hosts.note(records)
