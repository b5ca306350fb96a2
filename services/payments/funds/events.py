"""Facts that funds publish."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chassis.kernel.decisions import DomainEvent
from chassis.kernel.ids import derived_id
from chassis.kernel.money import Money


def watch_id(offer_id: str) -> str:
    """What the watch of an offer's fund is named."""
    return derived_id("fnw", offer_id)


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
        """The watch of the offer's fund, which has no other events."""
        return watch_id(self.offer_id)
