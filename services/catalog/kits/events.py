"""Facts about a kit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from chassis.kernel.decisions import DomainEvent, Message
from chassis.kernel.money import Money
from services.catalog.stock.events import REPLIES


@dataclass(frozen=True, slots=True, kw_only=True)
class KitEvent(DomainEvent):
    """Something happened to one kit."""

    kit_id: str

    @property
    def subject(self) -> str:
        """The kit, so that one kit's events stay in order."""
        return self.kit_id


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedLine:
    """Packs of one brand's lot, and the brand's share of the takings in basis points."""

    lot_id: str
    brand_id: str
    packs: int
    share: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KitPublished(KitEvent):
    """Every brand has signed: hosts may have the whole for one price.

    ``packs`` are by lot; ``terms_digest`` is of what was signed. ``terms`` are the basis
    points of the other roles, 10,000 with the lines'; ``royalties`` divide the author's.
    """

    type: ClassVar[str] = "catalog.kit.published.v1"
    brand_ids: tuple[str, ...]
    packs: Mapping[str, int]
    capacity: int
    equipment: tuple[str, ...]
    cartridge_digest: str
    price: Money
    terms_digest: str
    title: str = ""
    lines: tuple[SignedLine, ...] = ()
    terms: Mapping[str, int] | None = None
    royalties: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KitClosed(KitEvent):
    """No new claims on this kit: ``withdrawn``."""

    type: ClassVar[str] = "catalog.kit.closed.v1"
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KitAnswer(Message):
    """The answer to a command about a kit's packs, ordered by the saga that asked."""

    topic: ClassVar[str] = REPLIES
    claim_id: str
    kit_id: str

    @property
    def key(self) -> str:
        """The saga."""
        return self.correlation_id


@dataclass(frozen=True, slots=True, kw_only=True)
class KitReserved(KitAnswer):
    """The packs of every line are set aside for the claim."""

    type: ClassVar[str] = "catalog.reply.kit-reserved.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class KitRefused(KitAnswer):
    """Nothing of the kit is set aside, and why."""

    type: ClassVar[str] = "catalog.reply.kit-refused.v1"
    code: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KitReleased(KitAnswer):
    """Nothing of the kit is set aside for this claim any more."""

    type: ClassVar[str] = "catalog.reply.kit-released.v1"
