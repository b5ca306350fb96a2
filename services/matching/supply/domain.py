"""Slots of venues and versions of cartridges, as the catalog told of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Venue:
    """A room, whose it is and how many people it holds."""

    id: str
    venue_org_id: str
    city: str
    capacity: int
    equipment: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedSlot:
    """A time at which a venue can be had, as it was opened."""

    id: str
    venue_id: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """Which gathering has a slot from now on; None when it can be had again."""

    slot_id: str
    gathering_id: str | None


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


@dataclass(frozen=True, slots=True, kw_only=True)
class CartridgeVersion:
    """A published version of a theme; its digest names it for ever.

    A yanked one is for the gatherings that were planned before, and for no others.
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
