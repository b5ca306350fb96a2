"""What can be done with subsidy offers: open, close."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from chassis.kernel.decisions import Decision
from chassis.kernel.ids import Ids
from chassis.kernel.money import Money
from services.catalog.offers.domain import OfferEnd, OfferNotFound, PeriodLimit, SubsidyOffer
from services.catalog.offers.engine.ramp import Ramp
from sharing.eligibility import Clause


class Offers(Protocol):
    """The subsidy offers, wherever they are kept."""

    def get(self, offer_id: str) -> SubsidyOffer:
        """The offer; raise ``OfferNotFound`` rather than return None."""
        ...

    def find(self, offer_ids: Collection[str]) -> dict[str, SubsidyOffer]:
        """Those of these offers that exist, by id."""
        ...

    def due(self, at: datetime, *, limit: int) -> list[SubsidyOffer]:
        """Offers not closed whose closing time has come, the longest overdue first."""
        ...

    def save(self, decision: Decision[SubsidyOffer]) -> SubsidyOffer:
        """Store state and events together, or raise ``Conflict``."""
        ...

    def save_all(self, decisions: Sequence[Decision[SubsidyOffer]]) -> None:
        """``save`` for many different offers at once; all or, with ``Conflict``, none."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenOffer:
    """A brand's wish to subsidise gatherings; without ``opens_at`` from now on."""

    brand_id: str
    subsidy: Money
    min_checked_in: int
    total_cap: Money
    terms: Mapping[str, int]
    closes_at: datetime
    opens_at: datetime | None = None
    ramp: Ramp | None = None
    most_per_host: Money | None = None
    most_per_period: PeriodLimit | None = None
    eligibility: tuple[Clause, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseOffer:
    """A brand's wish to withdraw an offer."""

    offer_id: str
    brand_id: str


def open_offer(command: OpenOffer, *, offers: Offers, ids: Ids, now: datetime) -> SubsidyOffer:
    """Open a subsidy offer."""
    offer = SubsidyOffer(
        id=ids("off"),
        brand_id=command.brand_id,
        subsidy=command.subsidy,
        min_checked_in=command.min_checked_in,
        total_cap=command.total_cap,
        terms=command.terms,
        opens_at=command.opens_at or now,
        closes_at=command.closes_at,
        ramp=command.ramp,
        most_per_host=command.most_per_host,
        most_per_period=command.most_per_period,
        eligibility=command.eligibility,
    )
    return offers.save(offer.open(at=now))


def close_offer(command: CloseOffer, *, offers: Offers, now: datetime) -> SubsidyOffer:
    """Withdraw an offer; another brand's is as unknown as one that never was."""
    offer = offers.get(command.offer_id)
    if offer.brand_id != command.brand_id:
        raise OfferNotFound(f"no offer {command.offer_id}")
    return offers.save(offer.close(OfferEnd.WITHDRAWN, at=now))


def close_due_offers(*, offers: Offers, now: datetime, limit: int = 200) -> int:
    """Close offers whose closing time has come; answer how many."""
    due = offers.due(now, limit=limit)
    offers.save_all([offer.close(OfferEnd.CLOSING_TIME, at=now) for offer in due])
    return len(due)
