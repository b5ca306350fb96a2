"""Facts that funds publish."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chassis.kernel.decisions import DomainEvent
from chassis.kernel.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class FundLow(DomainEvent):
    """An offer's fund has less than its threshold; told once for each time it was filled."""

    type: ClassVar[str] = "payments.fund.low.v1"
    offer_id: str
    brand_id: str
    available: Money
    threshold: Money

    @property
    def subject(self) -> str:
        """The offer, whose fund it is."""
        return self.offer_id
