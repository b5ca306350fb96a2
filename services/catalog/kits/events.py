"""Facts about a kit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from chassis.kernel.decisions import DomainEvent
from chassis.kernel.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class KitEvent(DomainEvent):
    """Something happened to one kit."""

    kit_id: str

    @property
    def subject(self) -> str:
        """The kit, so that one kit's events stay in order."""
        return self.kit_id


@dataclass(frozen=True, slots=True, kw_only=True)
class KitPublished(KitEvent):
    """Every brand has signed: hosts may have the whole for one price.

    ``packs`` are by lot; ``terms_digest`` is of what was signed.
    """

    type: ClassVar[str] = "catalog.kit.published.v1"
    brand_ids: tuple[str, ...]
    packs: Mapping[str, int]
    capacity: int
    equipment: tuple[str, ...]
    cartridge_digest: str
    price: Money
    terms_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KitClosed(KitEvent):
    """No new claims on this kit: ``withdrawn``."""

    type: ClassVar[str] = "catalog.kit.closed.v1"
    reason: str
