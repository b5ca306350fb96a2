"""How many points a fact is worth: whole micro-points, so that terms add up to the score.

Every function takes plain integers or numpy arrays of them and answers the same numbers
for both; that is what makes the explanation of a score the score itself. A perfect match
is worth a million.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Whole = TypeVar("Whole", int, NDArray[np.int64])

# People first, then product: what a host's people care about outweighs all money terms.
AFFINITY = 500_000
SUBSIDY = 200_000
PRICE = 100_000
URGENCY = 80_000
LOCAL = 60_000
POPULARITY = 40_000
FRESHNESS = 20_000

STRONGEST_TAGS = 3
"""A lot that meets a host's three strongest tags has all the points of affinity."""

# Where each curve reaches half of its points.
HALF_SUBSIDY = 50_000  # 500 yuan a gathering
HALF_PRICE_A_HEAD = 2_000  # a pack that costs each person 20 yuan
HALF_URGENCY_DAYS = 30
HALF_POPULARITY_CLAIMS = 5
HALF_FRESHNESS_DAYS = 7


def affinity_of_tags(communities: Iterable[tuple[int, Mapping[str, int]]]) -> dict[str, int]:
    """Points for each tag, from the size and weighted tags of every community of a host.

    A tag counts with the people of all communities that have it times their weights.
    Tags too weak for a single point are left out.
    """
    interested: dict[str, int] = {}
    for size, tags in communities:
        for tag, weight in tags.items():
            interested[tag] = interested.get(tag, 0) + size * weight
    whole = sum(sorted(interested.values())[-STRONGEST_TAGS:])
    points = {tag: AFFINITY * people // whole for tag, people in interested.items() if people}
    return {tag: worth for tag, worth in points.items() if worth}


def price_points(pack_price: Whole, reach: Whole) -> Whole:
    """More for a pack that is small beside the number of people it is for."""
    comfortable = HALF_PRICE_A_HEAD * reach
    return PRICE * comfortable // (comfortable + pack_price)


def subsidy_points(subsidy: Whole) -> Whole:
    """More for a higher subsidy, less and less for each further yuan."""
    return SUBSIDY * subsidy // (subsidy + HALF_SUBSIDY)


def urgency_points(days_left: Whole) -> Whole:
    """More for goods whose best-before date is near."""
    return URGENCY * HALF_URGENCY_DAYS // (HALF_URGENCY_DAYS + days_left)


def popularity_points(claims: Whole) -> Whole:
    """More for what other hosts have claimed."""
    return POPULARITY * claims // (claims + HALF_POPULARITY_CLAIMS)


def freshness_points(days_old: Whole) -> Whole:
    """More for what is newly listed, so that it gets its first look."""
    return FRESHNESS * HALF_FRESHNESS_DAYS // (HALF_FRESHNESS_DAYS + days_old)
