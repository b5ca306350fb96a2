"""What becomes known about payout destinations; never an account or a name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chassis.kernel.decisions import DomainEvent


class OfDestination:
    """Orders events by the destination."""

    __slots__ = ()
    destination_id: str

    @property
    def subject(self) -> str:
        """The destination."""
        return self.destination_id


@dataclass(frozen=True, slots=True, kw_only=True)
class DestinationActivated(OfDestination, DomainEvent):
    """The provider knows the account: payouts go there from now on, and nowhere else."""

    type: ClassVar[str] = "payments.destination.activated.v1"
    destination_id: str
    organization_id: str
    provider: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DestinationRefused(OfDestination, DomainEvent):
    """The account cannot be paid to; the organisation must name another."""

    type: ClassVar[str] = "payments.destination.refused.v1"
    destination_id: str
    organization_id: str
    provider: str
    code: str
