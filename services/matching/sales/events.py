"""What becomes known about a gathering's sales, and what is asked of others for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chassis.kernel.decisions import DomainEvent, Message
from chassis.kernel.money import Money
from services.matching.claims.events import CATALOG_COMMANDS, PAYMENTS_COMMANDS
from services.matching.gatherings.events import OfGathering


@dataclass(frozen=True, slots=True, kw_only=True)
class GatheringSold(OfGathering, DomainEvent):
    """Units were sold for an amount, to a guest with a ticket or to anyone."""

    type: ClassVar[str] = "matching.gathering.sold.v1"
    gathering_id: str
    sale_id: str
    ticket_id: str | None
    units: int
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRequested(OfGathering, DomainEvent):
    """Money of a sale is to go back, and perhaps packs to the brand."""

    type: ClassVar[str] = "matching.gathering.refund-requested.v1"
    gathering_id: str
    sale_id: str
    refund_id: str
    amount: Money
    packs_returned: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GatheringRefunded(OfGathering, DomainEvent):
    """Money of a sale went back, and ``packs_returned`` are on their way to the brand."""

    type: ClassVar[str] = "matching.gathering.refunded.v1"
    gathering_id: str
    sale_id: str
    refund_id: str
    amount: Money
    packs_returned: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundSale(Message):
    """Asks payments to give a buyer money back and to take it from every share."""

    type: ClassVar[str] = "payments.command.refund-sale.v1"
    topic: ClassVar[str] = PAYMENTS_COMMANDS
    gathering_id: str
    claim_id: str
    offer_id: str
    sale_id: str
    refund_id: str
    amount: Money

    @property
    def key(self) -> str:
        """The offer, so that it follows the settlement."""
        return self.offer_id or self.claim_id


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnPacks(Message):
    """Tells catalog that packs came back to the brand."""

    type: ClassVar[str] = "catalog.command.return-packs.v1"
    topic: ClassVar[str] = CATALOG_COMMANDS
    claim_id: str
    lot_id: str
    refund_id: str
    packs: int

    @property
    def key(self) -> str:
        """The lot, so that it follows the reservation."""
        return self.lot_id
