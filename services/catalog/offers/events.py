"""Facts about a subsidy offer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from chassis.kernel.decisions import DomainEvent
from chassis.kernel.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferEvent(DomainEvent):
    """Something happened to one offer."""

    offer_id: str
    brand_id: str

    @property
    def subject(self) -> str:
        """The offer, so that one offer's events stay in order."""
        return self.offer_id


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferOpened(OfferEvent):
    """A brand subsidises gatherings; ``terms`` are basis points by role."""

    type: ClassVar[str] = "catalog.offer.opened.v1"
    subsidy: Money
    min_checked_in: int
    total_cap: Money
    terms: Mapping[str, int]
    opens_at: datetime
    closes_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferClosed(OfferEvent):
    """No new claims on this offer: ``closing-time`` or ``withdrawn``."""

    type: ClassVar[str] = "catalog.offer.closed.v1"
    reason: str
