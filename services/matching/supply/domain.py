"""Slots of venues and versions of cartridges, as the catalog told of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chassis.kernel.money import Money

HOME_ZONE = "Asia/Shanghai"


@dataclass(frozen=True, slots=True, kw_only=True)
class Venue:
    """A room, whose it is, how many people it holds and in which zone its clocks are."""

    id: str
    venue_org_id: str
    city: str
    capacity: int
    equipment: tuple[str, ...]
    indoor: bool = True
    time_zone: str = HOME_ZONE
    accepts_at_once: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedSlot:
    """A time at which a venue can be had, as it was opened, and what it is lent for.

    That is rent, or a share, or a line of naming; the share is the least part of the takings
    that must be left to the venue, in basis points.
    """

    id: str
    venue_id: str
    starts_at: datetime
    ends_at: datetime
    rent: Money | None = None
    share_basis_points: int | None = None
    naming: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """Which gathering has a slot from now on; None when it can be had again."""

    slot_id: str
    gathering_id: str | None


@dataclass(frozen=True, slots=True)
class SlotHold:
    """That a host keeps a slot from others until a deadline, and whether its venue agreed."""

    host_id: str
    expires_at: datetime
    is_accepted: bool


@dataclass(frozen=True, slots=True)
class Holding:
    """Who holds a slot from now on; None when nobody does."""

    slot_id: str
    hold: SlotHold | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A slot with what its venue offers; ``gathering_id`` names who has it."""

    id: str
    venue_id: str
    venue_org_id: str
    city: str
    capacity: int
    equipment: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime
    gathering_id: str | None
    indoor: bool = True
    time_zone: str = HOME_ZONE
    accepts_at_once: bool = True
    rent: Money | None = None
    share_basis_points: int | None = None
    naming: str | None = None
    hold: SlotHold | None = None

    @property
    def is_priced(self) -> bool:
        """Whether it is known what it is lent for; of slots noted long ago it is not."""
        return any(each is not None for each in (self.rent, self.share_basis_points, self.naming))

    def is_open_to(self, host_id: str, now: datetime) -> bool:
        """Whether the catalog would give it to this host now, as far as matching has heard.

        A hold keeps others away until its time is over; where the venue wants to agree first,
        only a hold that it accepted is good enough.
        """
        if self.gathering_id is not None:
            return False
        hold = self.hold if self.hold and now < self.hold.expires_at else None
        if hold is None:
            return self.accepts_at_once
        return hold.host_id == host_id and hold.is_accepted


@dataclass(frozen=True, slots=True, kw_only=True)
class CartridgeVersion:
    """A published version of a theme; its digest names it for ever.

    A yanked one is for the gatherings that were planned before, and for no others. Of one
    published before manifests were told, ``manifest`` is None.
    """

    digest: str
    cartridge_id: str
    author_id: str
    name: str
    version: str
    min_people: int
    max_people: int
    royalties: Mapping[str, int]  # basis points of the author's share by organisation
    is_yanked: bool = False
    manifest: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Closing:
    """That a kit takes no more claims, and why."""

    kit_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class KitLine:
    """Packs of one brand's lot, and the brand's share of the takings in basis points."""

    lot_id: str
    brand_id: str
    packs: int
    share: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Kit:
    """Goods, a venue's need and a cartridge for one price, as all its brands signed it.

    ``terms`` are the basis points of the other roles, 10,000 with the lines' shares;
    ``royalties`` divide the author's. ``closed`` says why nobody may claim it any more.
    """

    id: str
    title: str
    lines: tuple[KitLine, ...]
    capacity: int
    equipment: tuple[str, ...]
    cartridge_digest: str
    price: Money
    terms: Mapping[str, int]
    royalties: Mapping[str, int]
    terms_digest: str
    closed: str | None = None

    @property
    def brand_shares(self) -> dict[str, int]:
        """Basis points of each brand, for all its lines."""
        shares: Counter[str] = Counter()
        for line in self.lines:
            shares[line.brand_id] += line.share
        return dict(shares)

    @property
    def brand_ids(self) -> tuple[str, ...]:
        """The brands whose goods are in it, each once."""
        return tuple(self.brand_shares)

    @property
    def terms_by_role(self) -> dict[str, int]:
        """Basis points of every role, the brands' together; nobody is a co-host of a kit."""
        return {"brand": sum(self.brand_shares.values()), **self.terms, "co_host": 0}
