"""Brands and categories by number: what they are worth to a host, looked up by a lot's two."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from services.matching.offers.engine.kinships import Kindred
from services.matching.offers.engine.postings import Points


class Worth(NamedTuple):
    """The points of each brand and of each category for a host, by number.

    No lot has more than ``most`` by both together; where that is zero, there may be no points.
    """

    brands: Points
    categories: Points
    most: int


NO_WORTH = Worth(np.zeros(0, np.int64), np.zeros(0, np.int64), 0)


class Kinds:
    """A small number for each brand and for each category that lots have had."""

    def __init__(self) -> None:
        self._brands: dict[str, int] = {}
        self._categories: dict[str, int] = {}

    def codes(self, brand_id: str, category: str) -> tuple[int, int]:
        """The numbers of a brand and of a category; new ones get the next."""
        return (
            self._brands.setdefault(brand_id, len(self._brands)),
            self._categories.setdefault(category, len(self._categories)),
        )

    def worth(self, kindred: Kindred, cap: int) -> Worth:
        """The points that a host has for all of them, no lot more than the cap."""
        if not cap or not (kindred.brands or kindred.categories):
            return NO_WORTH
        brands = _by_code(kindred.brands, self._brands)
        categories = _by_code(kindred.categories, self._categories)
        most = int(brands.max(initial=0)) + int(categories.max(initial=0))
        return Worth(brands, categories, min(cap, most))


def _by_code(points_of: Mapping[str, int], codes: Mapping[str, int]) -> Points:
    found = np.zeros(len(codes), np.int64)
    for each, points in points_of.items():
        code = codes.get(each)
        if code is not None:
            found[code] = points
    return found
