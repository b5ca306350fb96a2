"""What to do about commands about packs: parse, call one use case."""

from __future__ import annotations

from collections.abc import Sequence

from chassis.envelope import Event
from chassis.inbox import Handler, command_of
from chassis.kernel.time import Clock
from services.catalog.hosts.use_cases import Hosts
from services.catalog.offers.use_cases import Offers
from services.catalog.stock.schemas import (
    ReleasePacksSchema,
    ReservePacksSchema,
)
from services.catalog.stock.use_cases import (
    ReleasePacks,
    ReservePacks,
    Stock,
    release_packs,
    reserve_packs,
)

_reserve, _release = ReservePacksSchema(), ReleasePacksSchema()


def command_handlers(
    stock: Stock, offers: Offers, hosts: Hosts, clock: Clock
) -> dict[str, Handler]:
    """Commands that matching's sagas send; each is answered."""

    def on_reserve(events: Sequence[Event]) -> None:
        """Set packs aside for claims."""
        commands = [ReservePacks(**command_of(event, _reserve.load)) for event in events]
        reserve_packs(commands, stock=stock, offers=offers, hosts=hosts, now=clock())

    def on_release(events: Sequence[Event]) -> None:
        """Free what claims hold."""
        commands = [ReleasePacks(**command_of(event, _release.load)) for event in events]
        release_packs(commands, stock=stock, now=clock())

    return {
        "catalog.command.reserve-packs.v1": on_reserve,
        "catalog.command.release-packs.v1": on_release,
    }
