"""Facts about shipments; those about money say all that paying it out would need."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from chassis.kernel.decisions import DomainEvent
from chassis.kernel.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentEvent(DomainEvent):
    """Something happened to one shipment."""

    shipment_id: str
    lot_id: str
    claim_id: str
    brand_id: str
    host_id: str

    @property
    def subject(self) -> str:
        """The shipment."""
        return self.shipment_id


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentOpened(ShipmentEvent):
    """Goods are owed to a host; they leave once ``waits_for`` gatherings are committed."""

    type: ClassVar[str] = "catalog.shipment.opened.v1"
    packs: int
    units: int
    waits_for: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentReleased(ShipmentEvent):
    """The brand may send the goods.

    ``by`` is ``gatherings`` when enough are committed; for a lot that closed before, it is
    ``brand``, who says so, or ``silence``.
    """

    type: ClassVar[str] = "catalog.shipment.released.v1"
    by: str = "gatherings"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentDecisionAsked(ShipmentEvent):
    """The lot closed before enough gatherings were committed: the brand decides.

    Without its word by ``decide_by`` the goods leave, unless they are past their date then.
    """

    type: ClassVar[str] = "catalog.shipment.decision-asked.v1"
    packs: int
    decide_by: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentReduced(ShipmentEvent):
    """Packs of the claim were given back before the goods had left: so many are still owed."""

    type: ClassVar[str] = "catalog.shipment.reduced.v1"
    packs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentCalledOff(ShipmentEvent):
    """The goods stay with the brand.

    ``reason`` is ``claim-ended``; or, of goods that waited in vain, ``kept-by-brand`` or
    ``past-best-before``: then the claim has no goods and ends.
    """

    type: ClassVar[str] = "catalog.shipment.called-off.v1"
    reason: str = "claim-ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentDispatched(ShipmentEvent):
    """The goods have left the brand."""

    type: ClassVar[str] = "catalog.shipment.dispatched.v1"
    carrier: str
    units: int
    goods_value: Money


@dataclass(frozen=True, slots=True)
class Variance:
    """A line of the packing list of which not all came as described.

    ``units`` came as described, ``unfit`` in a worse condition; ``credit`` is the price of
    those that were packed and did not come as described. More than was packed has none.
    """

    line: int
    packed: int
    units: int
    unfit: int
    credit: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentReceived(ShipmentEvent):
    """The goods are there, as the host counted them or, ``by`` silence, as they were packed.

    The brand owes the host ``credit`` for the ``variances``.
    """

    type: ClassVar[str] = "catalog.shipment.received.v1"
    by: str
    variances: tuple[Variance, ...]
    credit: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentReturned(ShipmentEvent):
    """The host gave packs back, no reason asked; ``goods_value`` is what came in them."""

    type: ClassVar[str] = "catalog.shipment.returned.v1"
    return_id: str
    packs: int
    goods_value: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentExchanged(ShipmentEvent):
    """The host gave packs back for others of the lot, which come in a shipment of their own."""

    type: ClassVar[str] = "catalog.shipment.exchanged.v1"
    replacement_id: str
    packs: int
