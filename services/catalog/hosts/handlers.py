"""What to do about facts that tell of hosts: parse, call one use case."""

from __future__ import annotations

from collections.abc import Sequence

from chassis.envelope import Event
from chassis.inbox import Handler
from services.catalog.hosts.domain import HostRecord
from services.catalog.hosts.schemas import ClaimSettledSchema
from services.catalog.hosts.use_cases import Hosts, note_settled


def handlers(hosts: Hosts) -> dict[str, Handler]:
    """A settled claim gives its host a record."""
    settled = ClaimSettledSchema()

    def on_settled(events: Sequence[Event]) -> None:
        """Remember who held a gathering that was paid out."""
        records = [
            HostRecord(host_id=settled.load(event.data)["host_id"], since=event.time)
            for event in events
        ]
        note_settled(records, hosts=hosts)

    return {
        "matching.claim.settled.v1": on_settled,
        "matching.claim.kit-settled.v1": on_settled,
    }
