"""What to do about commands and facts about packs: parse, call one use case."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chassis.envelope import Event
from chassis.inbox import Handler, saga_of
from chassis.kernel.time import Clock
from chassis.web.schemas import EventSchema
from services.catalog.hosts.use_cases import Hosts
from services.catalog.offers.use_cases import Offers
from services.catalog.stock.schemas import (
    ClaimFactSchema,
    ReleasePacksSchema,
    ReservePacksSchema,
    ReturnPacksSchema,
)
from services.catalog.stock.use_cases import (
    ClaimConfirmed,
    ClaimEnded,
    ReleasePacks,
    ReservePacks,
    ReturnPacks,
    Stock,
    release_ended,
    release_packs,
    reserve_packs,
    return_packs,
    ship_confirmed,
)

_reserve, _release, _return = ReservePacksSchema(), ReleasePacksSchema(), ReturnPacksSchema()
_fact = ClaimFactSchema()


def command_handlers(
    stock: Stock, offers: Offers, hosts: Hosts, clock: Clock
) -> dict[str, Handler]:
    """Commands that matching's sagas send; each is answered."""

    def on_reserve(events: Sequence[Event]) -> None:
        """Set packs aside for claims."""
        commands = [ReservePacks(**_command(_reserve, event)) for event in events]
        reserve_packs(commands, stock=stock, offers=offers, hosts=hosts, now=clock())

    def on_release(events: Sequence[Event]) -> None:
        """Free what claims hold."""
        commands = [ReleasePacks(**_command(_release, event)) for event in events]
        release_packs(commands, stock=stock, now=clock())

    def on_return(events: Sequence[Event]) -> None:
        """Book packs that came back."""
        commands = [ReturnPacks(**_command(_return, event)) for event in events]
        return_packs(commands, stock=stock, now=clock())

    return {
        "catalog.command.reserve-packs.v1": on_reserve,
        "catalog.command.release-packs.v1": on_release,
        "catalog.command.return-packs.v1": on_return,
    }


def claim_handlers(stock: Stock, clock: Clock) -> dict[str, Handler]:
    """Facts about claims; they end what a reservation began."""

    def on_confirmed(events: Sequence[Event]) -> None:
        """Ship what confirmed claims reserved."""
        facts = [ClaimConfirmed(**_loaded(_fact, event)) for event in events]
        ship_confirmed(facts, stock=stock, now=clock())

    def on_ended(events: Sequence[Event]) -> None:
        """Free what these claims held, should no command have done so."""
        facts = [
            ClaimEnded(**_loaded(_fact, event), reason=f"claim-{event.type.split('.')[2]}")
            for event in events
        ]
        release_ended(facts, stock=stock, now=clock())

    return {
        "matching.claim.confirmed.v1": on_confirmed,
        "matching.claim.rejected.v1": on_ended,
        "matching.claim.cancelled.v1": on_ended,
    }


def _command(schema: EventSchema, event: Event) -> dict[str, Any]:
    return _loaded(schema, event) | {"id": event.id, "correlation_id": saga_of(event)}


def _loaded(schema: EventSchema, event: Event) -> dict[str, Any]:
    found: dict[str, Any] = schema.load(event.data)
    return found
