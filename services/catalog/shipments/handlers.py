"""What to do about facts about claims: they end what a reservation began."""

from __future__ import annotations

from collections.abc import Sequence

from chassis.envelope import Event
from chassis.inbox import Handler
from chassis.kernel.time import Clock
from services.catalog.shipments.use_cases import Shipments, commit_claims, end_claims
from services.catalog.stock.schemas import ClaimFactSchema
from services.catalog.stock.use_cases import ClaimConfirmed, ClaimEnded, Stock

_fact = ClaimFactSchema()


def claim_handlers(stock: Stock, shipments: Shipments, clock: Clock) -> dict[str, Handler]:
    """What is done about a claim that is confirmed, rejected or cancelled."""

    def on_confirmed(events: Sequence[Event]) -> None:
        """Ship what confirmed claims reserved."""
        facts = [ClaimConfirmed(**_fact.load(event.data)) for event in events]
        commit_claims(facts, stock=stock, shipments=shipments, now=clock())

    def on_ended(events: Sequence[Event]) -> None:
        """Free what these claims held, should no command have done so."""
        facts = [
            ClaimEnded(**_fact.load(event.data), reason=f"claim-{event.type.split('.')[2]}")
            for event in events
        ]
        end_claims(facts, stock=stock, shipments=shipments, now=clock())

    return {
        "matching.claim.confirmed.v1": on_confirmed,
        "matching.claim.rejected.v1": on_ended,
        "matching.claim.cancelled.v1": on_ended,
    }
