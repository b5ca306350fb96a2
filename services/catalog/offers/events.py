"""Facts about a subsidy offer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from chassis.kernel.decisions import DomainEvent
from chassis.kernel.money import Money
from services.catalog.offers.engine.ramp import RampStep
from sharing.eligibility import Clause


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
    """A brand subsidises gatherings; ``terms`` are basis points by role.

    The steps of a ramp run from far to near; no claim gets more than ``most_subsidy``,
    no host more than ``most_per_host``, and all of them together no more than
    ``most_per_period`` in each ``period_days`` from the day of ``opens_at`` on.
    """

    type: ClassVar[str] = "catalog.offer.opened.v1"
    subsidy: Money
    min_checked_in: int
    total_cap: Money
    terms: Mapping[str, int]
    opens_at: datetime
    closes_at: datetime
    ramp_steps: tuple[RampStep, ...] = ()
    most_subsidy: Money | None = None
    most_per_host: Money | None = None
    most_per_period: Money | None = None
    period_days: int | None = None
    eligibility: tuple[Clause, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferClosed(OfferEvent):
    """No new claims on this offer: ``closing-time`` or ``withdrawn``."""

    type: ClassVar[str] = "catalog.offer.closed.v1"
    reason: str
