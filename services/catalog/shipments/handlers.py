"""What to do about facts about claims, which end what a reservation began, and about returns."""

from __future__ import annotations

from collections.abc import Sequence

from chassis.envelope import Event
from chassis.inbox import Handler, command_of
from chassis.kernel.time import Clock
from services.catalog.shipments.use_cases import (
    Shipments,
    commit_claims,
    end_claims,
    take_back,
)
from services.catalog.stock.schemas import (
    ClaimFactSchema,
    KitClaimFactSchema,
    ReturnPacksSchema,
)
from services.catalog.stock.use_cases import ClaimConfirmed, ClaimEnded, ReturnPacks, Stock

_fact, _kit_fact, _return = ClaimFactSchema(), KitClaimFactSchema(), ReturnPacksSchema()


def command_handlers(stock: Stock, shipments: Shipments, clock: Clock) -> dict[str, Handler]:
    """What is done about commands that the goods must hear of; group ``catalog.commands``."""

    def on_return(events: Sequence[Event]) -> None:
        """Book packs that came back, and send as many fewer where none have left."""
        commands = [ReturnPacks(**command_of(event, _return.load)) for event in events]
        take_back(commands, stock=stock, shipments=shipments, now=clock())

    return {"catalog.command.return-packs.v1": on_return}


def claim_handlers(stock: Stock, shipments: Shipments, clock: Clock) -> dict[str, Handler]:
    """What is done about a claim that is confirmed, rejected or cancelled."""

    def on_confirmed(events: Sequence[Event]) -> None:
        """Ship what confirmed claims reserved."""
        facts = [ClaimConfirmed(**each) for event in events for each in _lots_of(event)]
        commit_claims(facts, stock=stock, shipments=shipments, now=clock())

    def on_ended(events: Sequence[Event]) -> None:
        """Free what these claims held, should no command have done so."""
        facts = [
            ClaimEnded(**each, reason=f"claim-{event.type.split('.')[2].removeprefix('kit-')}")
            for event in events
            for each in _lots_of(event)
        ]
        end_claims(facts, stock=stock, shipments=shipments, now=clock())

    return {
        "matching.claim.confirmed.v1": on_confirmed,
        "matching.claim.rejected.v1": on_ended,
        "matching.claim.cancelled.v1": on_ended,
        "matching.claim.kit-confirmed.v1": on_confirmed,
        "matching.claim.kit-rejected.v1": on_ended,
        "matching.claim.kit-cancelled.v1": on_ended,
    }


def _lots_of(event: Event) -> list[dict[str, str]]:
    """The claim with its lot, or with each lot of its kit."""
    if not event.type.startswith("matching.claim.kit-"):
        return [_fact.load(event.data)]
    said = _kit_fact.load(event.data)
    return [{"claim_id": said["claim_id"], "lot_id": lot_id} for lot_id in said["packs"]]
