"""What a brand has on offer at a moment, and which of it one host may have."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.matching.offers.domain import OfferedLot, SubsidyOffer, are_met
from services.matching.offers.engine.breakdown import day, score_terms
from services.matching.offers.engine.facts import HostFacts, LotFacts
from services.matching.offers.engine.points import Weights
from services.matching.offers.engine.rules import BrandSubsidy, brand_subsidy, reasons_against
from services.matching.pictures.domain import People, Picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Assortment:
    """A brand's open lots, the latest of them, and its subsidy offers that are not closed.

    ``facts`` are of the lots, as rules and points look at them.
    """

    brand_id: str
    lots: tuple[OfferedLot, ...] = ()
    offers: tuple[SubsidyOffer, ...] = ()
    facts: tuple[LotFacts, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Look at each lot once, however many hosts are weighed."""
        object.__setattr__(self, "facts", tuple(lot.facts() for lot in self.lots))

    def subsidy_for(self, people: Iterable[People], settled: int, now: datetime) -> BrandSubsidy:
        """The best subsidy whose conditions one of these communities meets, or why none."""
        portraits = [each.portrait for each in people]
        met = [
            offer.facts()
            for offer in self.offers
            if any(are_met(offer.eligibility, each, settled=settled) for each in portraits)
        ]
        return brand_subsidy(met, now)


def lots_for(
    picture: Picture,
    host: HostFacts,
    lots: Sequence[LotFacts],
    subsidy: BrandSubsidy,
    now: datetime,
) -> list[LotFacts]:
    """Those of these lots that nothing keeps from a host."""
    return [
        lot
        for lot in lots
        if any(lot.may_go_to(each.city, each.size) for each in picture.people)
        and not reasons_against(lot, subsidy, host, now)
    ]


def best_first(
    lots: Sequence[LotFacts],
    host: HostFacts,
    subsidy: BrandSubsidy,
    weights: Weights,
    now: datetime,
) -> list[str]:
    """The ids of lots she may have, by the score that her list of offers gives them."""
    today = day(now)

    def order(lot: LotFacts) -> tuple[int, str]:
        terms = score_terms(lot, subsidy.amount_for(lot, now), host, today, weights)
        return (-sum(terms.values()), lot.lot_id)

    return [lot.lot_id for lot in sorted(lots, key=order)]
