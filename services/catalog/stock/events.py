"""Facts about packs that move, commands' answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chassis.kernel.decisions import Message
from services.catalog.lots.events import LotEvent

REPLIES = "teahouse.matching.saga-replies"


@dataclass(frozen=True, slots=True, kw_only=True)
class PacksEvent(LotEvent):
    """Packs of a lot moved on account of a claim; ``packs_kept`` are newcomers' still."""

    claim_id: str
    host_id: str
    packs: int
    packs_free: int
    packs_kept: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PacksReserved(PacksEvent):
    """Packs are set aside until the claim is confirmed or the reservation expires."""

    type: ClassVar[str] = "catalog.lot.packs-reserved.v1"
    reservation_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PacksReleased(PacksEvent):
    """Packs set aside are free again; the reason is ``expired`` when nobody asked."""

    type: ClassVar[str] = "catalog.lot.packs-released.v1"
    reservation_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PacksShipped(PacksEvent):
    """A confirmed claim made its reservation final."""

    type: ClassVar[str] = "catalog.lot.packs-shipped.v1"
    reservation_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PacksReturned(PacksEvent):
    """Shipped packs came back and are free again."""

    type: ClassVar[str] = "catalog.lot.packs-returned.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class StockAnswer(Message):
    """The answer to a command about packs, ordered by the saga that asked."""

    topic: ClassVar[str] = REPLIES
    claim_id: str
    lot_id: str

    @property
    def key(self) -> str:
        """The saga."""
        return self.correlation_id


@dataclass(frozen=True, slots=True, kw_only=True)
class PacksReservedAnswer(StockAnswer):
    """The packs are set aside."""

    type: ClassVar[str] = "catalog.reply.packs-reserved.v1"
    reservation_id: str
    packs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PacksRefusedAnswer(StockAnswer):
    """The packs are not set aside, and why."""

    type: ClassVar[str] = "catalog.reply.packs-refused.v1"
    code: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PacksReleasedAnswer(StockAnswer):
    """Nothing is set aside for this claim any more."""

    type: ClassVar[str] = "catalog.reply.packs-released.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class PacksReturnedAnswer(StockAnswer):
    """The returned packs are booked."""

    type: ClassVar[str] = "catalog.reply.packs-returned.v1"
    refund_id: str
    packs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnRefusedAnswer(StockAnswer):
    """The returned packs are not booked, and why."""

    type: ClassVar[str] = "catalog.reply.return-refused.v1"
    refund_id: str
    code: str
    detail: str
