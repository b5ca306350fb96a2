"""Which brands and categories are claimed by the same hosts, and what that is worth to one.

A likeness is in millionths. A host's kindred brands are those that are like brands she claimed
from, as item-based collaborative filtering has it (Sarwar, Karypis, Konstan and Riedl,
"Item-based collaborative filtering recommendation algorithms", WWW 2001); so are categories.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from services.matching.offers.engine.points import Weights, kindred_points

Likenesses: TypeAlias = Mapping[str, Mapping[str, int]]
"""How like each thing is to others, both ways round; those that are not in it are not alike."""


class Kindred(NamedTuple):
    """The points that brands and categories have for one host; those without any are left out."""

    brands: Mapping[str, int]
    categories: Mapping[str, int]

    def of(self, brand_id: str, category: str) -> tuple[int, int]:
        """The points of a lot's brand and of its category."""
        return self.brands.get(brand_id, 0), self.categories.get(category, 0)


NONE_KINDRED = Kindred({}, {})


@dataclass(frozen=True, slots=True)
class Kinships:
    """How like brands are to each other, and categories, by the hosts who claimed both."""

    brands: Likenesses = field(default_factory=dict, hash=False)
    categories: Likenesses = field(default_factory=dict, hash=False)

    def __len__(self) -> int:
        """How many pairs of brands, or of categories, are alike at all."""
        both_ways = (*self.brands.values(), *self.categories.values())
        return sum(map(len, both_ways)) // 2

    def kindred(
        self, brands: Collection[str], categories: Collection[str], weights: Weights
    ) -> Kindred:
        """What is kindred to a host who claimed from these brands and of these categories."""
        if not weights.kindred:
            return NONE_KINDRED
        of_brands = _worth(self.brands, brands, weights)
        of_categories = _worth(self.categories, categories, weights)
        if not of_brands and not of_categories:
            return NONE_KINDRED
        return Kindred(of_brands, of_categories)


NO_KINSHIPS = Kinships()


def _worth(likenesses: Likenesses, claimed: Collection[str], weights: Weights) -> dict[str, int]:
    alike: Counter[str] = Counter()
    for one in claimed:
        alike.update(likenesses.get(one, {}))
    worth = {other: kindred_points(likeness, weights) for other, likeness in alike.items()}
    return {other: each for other, each in worth.items() if each}
