"""Subsidy offers kept in MongoDB."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from chassis import outbox
from chassis.kernel.decisions import Decision
from chassis.kernel.money import Money
from chassis.mongo import Row
from services.catalog.offers.documents import SubsidyOfferDocument
from services.catalog.offers.domain import OfferEnd, OfferNotFound, PeriodLimit, SubsidyOffer
from services.catalog.offers.engine.ramp import Ramp, RampStep
from sharing.eligibility import Clause


class MongoOffers:
    """The ``Offers`` port over ``subsidy_offers``."""

    def get(self, offer_id: str) -> SubsidyOffer:
        document = SubsidyOfferDocument.objects(pk=offer_id).first()
        if document is None:
            raise OfferNotFound(f"no offer {offer_id}")
        return _to_domain(document)

    def find(self, offer_ids: Collection[str]) -> dict[str, SubsidyOffer]:
        found = SubsidyOfferDocument.objects(pk__in=sorted(offer_ids))
        return {document.id: _to_domain(document) for document in found}

    def due(self, at: datetime, *, limit: int) -> list[SubsidyOffer]:
        found = SubsidyOfferDocument.objects(is_open=True, closes_at__lte=at)
        return [_to_domain(document) for document in found.order_by("closes_at").limit(limit)]

    def save(self, decision: Decision[SubsidyOffer]) -> SubsidyOffer:
        offer, events, messages = decision
        revision = outbox.save(_to_document(offer), offer.revision, events, messages)
        return replace(offer, revision=revision)

    def save_all(self, decisions: Sequence[Decision[SubsidyOffer]]) -> None:
        outbox.save_all(
            (_to_document(offer), offer.revision, events, messages)
            for offer, events, messages in decisions
        )


def ramp_of(row: Mapping[str, Any] | None, currency: str) -> Ramp | None:
    """The ramp that an offer's row holds, if it has one."""
    if not row:
        return None
    steps = (RampStep(step["days_before"], step["extra_basis_points"]) for step in row["steps"])
    return Ramp(tuple(steps), Money(int(row["most_minor"]), currency))


def host_limit_of(minor: int | None, currency: str) -> Money | None:
    """The most for one host that an offer's row holds, if it has one."""
    return None if minor is None else Money(int(minor), currency)


def period_limit_of(minor: int | None, days: int | None, currency: str) -> PeriodLimit | None:
    """The most for a period that an offer's row holds, if it has one."""
    if minor is None or days is None:
        return None
    return PeriodLimit(Money(int(minor), currency), days)


def _ramp_row(ramp: Ramp | None) -> Row | None:
    if ramp is None:
        return None
    return {"steps": [asdict(step) for step in ramp.steps], "most_minor": ramp.most.minor}


def _to_domain(document: SubsidyOfferDocument) -> SubsidyOffer:
    return SubsidyOffer(
        id=document.id,
        brand_id=document.brand_id,
        subsidy=Money(document.subsidy_minor, document.currency),
        min_checked_in=document.min_checked_in,
        total_cap=Money(document.total_cap_minor, document.currency),
        terms=dict(document.terms),
        opens_at=document.opens_at,
        closes_at=document.closes_at,
        ramp=ramp_of(document.ramp, document.currency),
        most_per_host=host_limit_of(document.most_per_host_minor, document.currency),
        most_per_period=period_limit_of(
            document.most_per_period_minor, document.period_days, document.currency
        ),
        eligibility=tuple(Clause(**clause) for clause in document.eligibility),
        closed=OfferEnd(document.closed) if document.closed else None,
        revision=document.revision(),
    )


def _to_document(offer: SubsidyOffer) -> SubsidyOfferDocument:
    return SubsidyOfferDocument(
        id=offer.id,
        brand_id=offer.brand_id,
        subsidy_minor=offer.subsidy.minor,
        total_cap_minor=offer.total_cap.minor,
        currency=offer.subsidy.currency,
        min_checked_in=offer.min_checked_in,
        terms=dict(offer.terms),
        ramp=_ramp_row(offer.ramp),
        most_per_host_minor=offer.most_per_host and offer.most_per_host.minor,
        most_per_period_minor=offer.most_per_period and offer.most_per_period.most.minor,
        period_days=offer.most_per_period and offer.most_per_period.days,
        eligibility=[asdict(clause) for clause in offer.eligibility],
        opens_at=offer.opens_at,
        closes_at=offer.closes_at,
        is_open=offer.closed is None,
        closed=offer.closed.value if offer.closed else None,
    )
