"""What becomes known about payouts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chassis.kernel.decisions import DomainEvent
from chassis.kernel.money import Money


class OfPayout:
    """Orders events by the payout."""

    __slots__ = ()
    payout_id: str

    @property
    def subject(self) -> str:
        """The payout."""
        return self.payout_id


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutInstructed(OfPayout, DomainEvent):
    """An organisation's money is set aside and on its way to the provider."""

    type: ClassVar[str] = "payments.payout.instructed.v1"
    payout_id: str
    organization_id: str
    amount: Money
    day: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutPaid(OfPayout, DomainEvent):
    """The provider paid, and the books say so; a bank may still send it back."""

    type: ClassVar[str] = "payments.payout.paid.v1"
    payout_id: str
    organization_id: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutFailed(OfPayout, DomainEvent):
    """Nothing was paid; the organisation has its money as before."""

    type: ClassVar[str] = "payments.payout.failed.v1"
    payout_id: str
    organization_id: str
    amount: Money
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutReturned(OfPayout, DomainEvent):
    """What was paid came back; the organisation has its money as before."""

    type: ClassVar[str] = "payments.payout.returned.v1"
    payout_id: str
    organization_id: str
    amount: Money
    code: str
