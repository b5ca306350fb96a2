"""What a host asks, and what there is to put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple, Protocol

from services.matching.behaviour.use_cases import Deeds
from services.matching.claims.domain import Claim
from services.matching.claims.use_cases import Applicants
from services.matching.gatherings.use_cases import Programme
from services.matching.offers.domain import OfferedLot, SubsidyOffer
from services.matching.offers.use_cases import Taken
from services.matching.organizations.use_cases import Organizations
from services.matching.supply.domain import CartridgeVersion, Kit, Slot


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPlans:
    """A host's question what a gathering of these people on these days would cost her.

    Days are by the venue's clock, both included. ``contribution`` is what all co-hosts give
    towards the rent, in minor units of ``currency``. With ``cartridge_digest`` that theme
    alone is looked at. A claim, or a kit, with fewer ``packs`` in all does not serve.
    """

    host_id: str
    community_id: str
    first_day: date
    last_day: date
    people: int
    packs: int = 1
    currency: str = "CNY"
    cartridge_digest: str | None = None
    co_host_ids: tuple[str, ...] = ()
    contribution: int = 0
    limit: int = 10


class Deal(NamedTuple):
    """A lot with one subsidy offer of its brand."""

    lot: OfferedLot
    offer: SubsidyOffer


class OwnClaim(NamedTuple):
    """A confirmed claim of the host's on a lot's packs, or a kit; no gathering stands on it."""

    claim: Claim
    title: str


class KitDeal(NamedTuple):
    """A kit with the lots of its lines, each once, and the open offers of its brands."""

    kit: Kit
    lots: Sequence[OfferedLot]
    offers: Sequence[SubsidyOffer]


class KitClaim(NamedTuple):
    """What claiming a kit now would ask for."""

    claim: Claim
    title: str


class Kits(NamedTuple):
    """Kits that may be open, and whether they are all there are."""

    deals: Sequence[KitDeal]
    is_whole: bool = True


class Goods(NamedTuple):
    """Deals that may be open; ``left_out`` is the most that any other gives, None of none."""

    deals: Sequence[Deal]
    left_out: int | None = None


class Rooms(NamedTuple):
    """Slots that no gathering has, and whether they are all there are.

    ``all_priced`` is whether none was left out for want of what its venue lends it for.
    """

    slots: Sequence[Slot]
    is_whole: bool = True
    all_priced: bool = True


class Shelf(NamedTuple):
    """The newest version of each theme for so many people, and whether these are all."""

    versions: Sequence[CartridgeVersion]
    is_whole: bool = True


class Parts(Protocol):
    """What can be put together now, as far as matching has heard, and somewhat more."""

    def goods(self, now: datetime) -> Goods:
        """Lots that take claims, each with every open offer of its brand.

        Where they are too many, those of the brands that give most.
        """
        ...

    def own(self, host_id: str, community_id: str) -> Sequence[OwnClaim]:
        """Claims she has already for a community, the latest of them."""
        ...

    def kits(self, now: datetime) -> Kits:
        """Kits that are not closed and whose lots are all known, the latest of them."""
        ...

    def rooms(self, city: str, first_day: date, last_day: date, now: datetime) -> Rooms:
        """Slots to come in a city on these days, by the venue's clock; the soonest first.

        One of which neither rent nor share nor naming was ever told is left out: it is not
        free, what it costs is unknown.
        """
        ...

    def themes(self, people: int) -> Shelf:
        """Versions that are not yanked and are for so many people, by name."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Planner:
    """Everything that a search is looked up in."""

    parts: Parts
    programme: Programme
    applicants: Applicants
    organizations: Organizations
    taken: Taken
    deeds: Deeds
