"""Facts about a lot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from chassis.kernel.decisions import DomainEvent
from chassis.kernel.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class LotEvent(DomainEvent):
    """Something happened to one lot."""

    lot_id: str
    brand_id: str

    @property
    def subject(self) -> str:
        """The lot, so that one lot's events stay in order."""
        return self.lot_id


@dataclass(frozen=True, slots=True, kw_only=True)
class LotPublished(LotEvent):
    """Hosts may claim packs of this lot. An empty city means the whole country.

    Its goods may go on to these regions through these channels; none named means all.
    Until ``newcomers_until`` hosts with a record leave ``packs_kept`` of the free ones.
    """

    type: ClassVar[str] = "catalog.lot.published.v1"
    title: str
    category: str
    tags: tuple[str, ...]
    city: str
    condition: str
    unit_price: Money
    units_per_pack: int
    packs_total: int
    packs_free: int
    max_packs_per_host: int
    min_community_size: int
    best_before: datetime | None
    closes_at: datetime
    regions: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    resale_allowed: bool = True
    lowest_resale_price: Money | None = None
    packs_kept: int = 0
    newcomers_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LotClosed(LotEvent):
    """No more claims: ``best-before``, ``closing-time`` or ``withdrawn``."""

    type: ClassVar[str] = "catalog.lot.closed.v1"
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PacksCounted(LotEvent):
    """The brand counted its goods; ``packs`` is the difference to what was booked."""

    type: ClassVar[str] = "catalog.lot.packs-counted.v1"
    packs: int
    packs_free: int
    reason: str
    packs_kept: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotosChanged(LotEvent):
    """A lot shows these photos from now on; an actual one is of the very goods."""

    type: ClassVar[str] = "catalog.lot.photos-changed.v1"
    photo_ids: tuple[str, ...]
    has_actual_photo: bool
