"""What to do about commands about the packs of kits: parse, call one use case."""

from __future__ import annotations

from collections.abc import Sequence

from chassis.envelope import Event
from chassis.inbox import Handler, command_of
from chassis.kernel.time import Clock
from services.catalog.cartridges.use_cases import Cartridges
from services.catalog.hosts.use_cases import Hosts
from services.catalog.kits.schemas import ReleaseKitRead, ReserveKitRead
from services.catalog.kits.use_cases import (
    Kits,
    ReleaseKit,
    ReserveKit,
    release_kits,
    reserve_kits,
)
from services.catalog.offers.use_cases import Offers
from services.catalog.stock.use_cases import Stock

_reserve, _release = ReserveKitRead(), ReleaseKitRead()


def command_handlers(
    kits: Kits,
    cartridges: Cartridges,
    stock: Stock,
    offers: Offers,
    hosts: Hosts,
    clock: Clock,
) -> dict[str, Handler]:
    """Commands that matching's sagas send about kits; each is answered."""

    def on_reserve(events: Sequence[Event]) -> None:
        """Set the packs of every line aside."""
        commands = [ReserveKit(**command_of(event, _reserve.load)) for event in events]
        reserve_kits(
            commands,
            kits=kits,
            cartridges=cartridges,
            stock=stock,
            offers=offers,
            hosts=hosts,
            now=clock(),
        )

    def on_release(events: Sequence[Event]) -> None:
        """Free what claims hold of kits."""
        commands = [ReleaseKit(**command_of(event, _release.load)) for event in events]
        release_kits(commands, kits=kits, stock=stock, now=clock())

    return {
        "catalog.command.reserve-kit.v1": on_reserve,
        "catalog.command.release-kit.v1": on_release,
    }
