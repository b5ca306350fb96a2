"""The named terms of a score, one lot and one host at a time: the definition of the score."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum

from services.matching.offers.engine import points
from services.matching.offers.engine.facts import HostFacts, LotFacts
from services.matching.offers.engine.points import DEFAULT, Weights


class Term(StrEnum):
    """What a score is made of, in the order it is told."""

    AFFINITY = "affinity"
    SUBSIDY = "subsidy"
    PRICE = "price"
    URGENCY = "urgency"
    LOCAL = "local"
    POPULARITY = "popularity"
    FRESHNESS = "freshness"
    DEMAND = "demand"


_IN_ORDER = tuple(Term)


def day(moment: datetime) -> int:
    """The number of the UTC day, by which urgency and freshness count."""
    return moment.astimezone(UTC).toordinal()


def days_left(lot: LotFacts, today: int) -> int | None:
    """Whole days to the best-before date, never negative; None where there is none."""
    return None if lot.best_before is None else max(day(lot.best_before) - today, 0)


def days_old(lot: LotFacts, today: int) -> int:
    """Whole days since the lot was published, never negative."""
    return max(today - day(lot.published_at), 0)


def base_terms(
    lot: LotFacts, subsidy: int, today: int, weights: Weights = DEFAULT
) -> dict[Term, int]:
    """The terms that are the same for every host who may have the lot."""
    left = days_left(lot, today)
    return {
        Term.SUBSIDY: points.subsidy_points(subsidy, weights),
        Term.URGENCY: 0 if left is None else points.urgency_points(left, weights),
        # A lot bound to places is only ever offered to hosts who have people there.
        Term.LOCAL: weights.local if lot.places else 0,
        Term.POPULARITY: points.popularity_points(lot.claims, weights),
        Term.FRESHNESS: points.freshness_points(days_old(lot, today), weights),
        # No weight: it is in points already, and the only term below zero.
        Term.DEMAND: -lot.demanded_on(today),
    }


def host_terms(lot: LotFacts, host: HostFacts, weights: Weights = DEFAULT) -> dict[Term, int]:
    """The terms that depend on who asks, whose affinity was made with these weights."""
    return {
        Term.AFFINITY: min(weights.affinity, sum(shared_tags(lot, host).values())),
        Term.PRICE: points.price_points(lot.pack_price, host.reach_of(lot.places), weights),
    }


def shared_tags(lot: LotFacts, host: HostFacts) -> Mapping[str, int]:
    """The tags of the lot that the host's people care about, with their points."""
    return {tag: host.affinity[tag] for tag in lot.tags if tag in host.affinity}


def score_terms(
    lot: LotFacts, subsidy: int, host: HostFacts, today: int, weights: Weights = DEFAULT
) -> dict[Term, int]:
    """Every term; their sum is the score, exactly.

    ``subsidy`` is what the brand gives a gathering now, in minor units; the host's affinity
    was made with the same weights.
    """
    terms = base_terms(lot, subsidy, today, weights) | host_terms(lot, host, weights)
    return {name: terms[name] for name in _IN_ORDER}
