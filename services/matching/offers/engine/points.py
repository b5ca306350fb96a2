"""How many points a fact is worth: whole micro-points, so that terms add up to the score.

Every function takes plain integers or numpy arrays of them and answers the same numbers
for both; that is what makes the explanation of a score the score itself. A perfect match
is worth a million.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

Whole = TypeVar("Whole", int, NDArray[np.int64])

MILLION = 1_000_000
"""The micro-points of a perfect match."""


class Weights(NamedTuple):
    """The most micro-points that each term can have; together a million.

    Each is named as its term is. A ranking model is such weights, with how they were found.
    """

    affinity: int
    subsidy: int
    price: int
    urgency: int
    local: int
    popularity: int
    freshness: int
    kindred: int = 0


# People first, then product: what a host's people care about outweighs all money terms.
DEFAULT = Weights(
    affinity=500_000,
    subsidy=200_000,
    price=100_000,
    urgency=80_000,
    local=60_000,
    popularity=40_000,
    freshness=20_000,
)
"""The weights before anything was learned: whose brands are kindred is not known then."""

STRONGEST_TAGS = 3
"""A lot that meets a host's three strongest tags has all the points of affinity."""

# Where each curve reaches half of its points.
HALF_SUBSIDY = 50_000  # 500 yuan a gathering
HALF_PRICE_A_HEAD = 2_000  # a pack that costs each person 20 yuan
HALF_URGENCY_DAYS = 30
HALF_POPULARITY_CLAIMS = 5
HALF_FRESHNESS_DAYS = 7
HALF_KINDRED = 250_000  # likenesses that add up to a quarter


def affinity_of_tags(
    communities: Iterable[tuple[int, Mapping[str, int]]], weights: Weights = DEFAULT
) -> dict[str, int]:
    """Points for each tag, from the size and weighted tags of every community of a host.

    A tag counts with the people of all communities that have it times their weights.
    Tags too weak for a single point are left out.
    """
    interested: dict[str, int] = {}
    for size, tags in communities:
        for tag, weight in tags.items():
            interested[tag] = interested.get(tag, 0) + size * weight
    whole = sum(sorted(interested.values())[-STRONGEST_TAGS:])
    points = {
        tag: weights.affinity * people // whole for tag, people in interested.items() if people
    }
    return {tag: worth for tag, worth in points.items() if worth}


def kindred_points(likeness: int, weights: Weights = DEFAULT) -> int:
    """More for what is more like all that a host has claimed, in millionths of a likeness."""
    return weights.kindred * likeness // (likeness + HALF_KINDRED)


def price_points(pack_price: Whole, reach: Whole, weights: Weights = DEFAULT) -> Whole:
    """More for a pack that is small beside the number of people it is for."""
    comfortable = HALF_PRICE_A_HEAD * reach
    return weights.price * comfortable // (comfortable + pack_price)


def subsidy_points(subsidy: Whole, weights: Weights = DEFAULT) -> Whole:
    """More for a higher subsidy, less and less for each further yuan."""
    return weights.subsidy * subsidy // (subsidy + HALF_SUBSIDY)


def urgency_points(days_left: Whole, weights: Weights = DEFAULT) -> Whole:
    """More for goods whose best-before date is near."""
    return weights.urgency * HALF_URGENCY_DAYS // (HALF_URGENCY_DAYS + days_left)


def popularity_points(claims: Whole, weights: Weights = DEFAULT) -> Whole:
    """More for what other hosts have claimed."""
    return weights.popularity * claims // (claims + HALF_POPULARITY_CLAIMS)


def freshness_points(days_old: Whole, weights: Weights = DEFAULT) -> Whole:
    """More for what is newly listed, so that it gets its first look."""
    return weights.freshness * HALF_FRESHNESS_DAYS // (HALF_FRESHNESS_DAYS + days_old)
