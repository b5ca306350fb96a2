"""The named terms of a score, one lot and one host at a time: the definition of the score."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import NamedTuple

from services.matching.offers.engine import points
from services.matching.offers.engine.facts import HostFacts, LotFacts
from services.matching.offers.engine.kinships import NONE_KINDRED
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
    KINDRED = "kindred"
    DEMAND = "demand"


_IN_ORDER = tuple(Term)


class Common(NamedTuple):
    """All that the terms depend on which are the same for every host.

    ``subsidy`` is what the brand gives a gathering now, in minor units; ``left`` are the days to
    the best-before date, if there is one, ``old`` those since the lot was published; a lot that
    ``is_bound`` is for certain places only. ``demand`` is what others would give for a pack, in
    micro-points, as far as that counts today.
    """

    subsidy: int
    left: int | None
    is_bound: bool
    claims: int
    old: int
    demand: int


def common_of(lot: LotFacts, subsidy: int, today: int) -> Common:
    """What counts of a lot for every host who may have it."""
    return Common(
        subsidy=subsidy,
        left=days_left(lot, today),
        is_bound=bool(lot.places),
        claims=lot.claims,
        old=days_old(lot, today),
        demand=lot.demanded_on(today),
    )


def day(moment: datetime) -> int:
    """The number of the UTC day, by which urgency and freshness count."""
    return (moment if moment.tzinfo is UTC else moment.astimezone(UTC)).toordinal()


def end_of_day(number: int) -> datetime:
    """The moment at which the UTC day of a number is over."""
    return datetime.combine(date.fromordinal(number + 1), time(), UTC)


def days_left(lot: LotFacts, today: int) -> int | None:
    """Whole days to the best-before date, never negative; None where there is none."""
    return None if lot.best_before is None else max(day(lot.best_before) - today, 0)


def days_old(lot: LotFacts, today: int) -> int:
    """Whole days since the lot was published, never negative."""
    return max(today - day(lot.published_at), 0)


def base_terms(common: Common, weights: Weights = DEFAULT) -> dict[Term, int]:
    """The terms that are the same for every host who may have the lot."""
    left = common.left
    return {
        Term.SUBSIDY: points.subsidy_points(common.subsidy, weights),
        Term.URGENCY: 0 if left is None else points.urgency_points(left, weights),
        # A lot bound to places is only ever offered to hosts who have people there.
        Term.LOCAL: weights.local if common.is_bound else 0,
        Term.POPULARITY: points.popularity_points(common.claims, weights),
        Term.FRESHNESS: points.freshness_points(common.old, weights),
        # No weight: it is in points already, and the only term below zero.
        Term.DEMAND: -common.demand,
    }


def host_terms(lot: LotFacts, host: HostFacts, weights: Weights = DEFAULT) -> dict[Term, int]:
    """The terms that depend on who asks, whose points were made with these weights."""
    return {
        Term.AFFINITY: min(weights.affinity, sum(shared_tags(lot, host).values())),
        Term.PRICE: points.price_points(lot.pack_price, host.reach_of(lot.places), weights),
        Term.KINDRED: _kindred(lot, host, weights),
    }


def _kindred(lot: LotFacts, host: HostFacts, weights: Weights) -> int:
    # Most hosts have none: they are not to pay for it.
    if host.kindred is NONE_KINDRED:
        return 0
    return min(weights.kindred, sum(host.kindred.of(lot.brand_id, lot.category)))


def shared_tags(lot: LotFacts, host: HostFacts) -> Mapping[str, int]:
    """The tags of the lot that the host's people care about, with their points."""
    return {tag: host.affinity[tag] for tag in lot.tags if tag in host.affinity}


def score_terms(
    lot: LotFacts, subsidy: int, host: HostFacts, today: int, weights: Weights = DEFAULT
) -> dict[Term, int]:
    """Every term; their sum is the score, exactly.

    ``subsidy`` is what the brand gives a gathering now, in minor units; the host's own points
    were made with the same weights.
    """
    common = common_of(lot, subsidy, today)
    terms = base_terms(common, weights) | host_terms(lot, host, weights)
    return {name: terms[name] for name in _IN_ORDER}
