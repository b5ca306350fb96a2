"""Brands and categories by number: what a lot's two are worth to a host, looked up."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from services.matching.offers.engine.kinships import Kindred
from services.matching.offers.engine.postings import Points


class Worth(NamedTuple):
    """The points of each brand and of each category for a host, by number.

    No lot has more than ``most`` by both together; where that is zero, there may be no points.
    """

    points: Points
    most: int


NO_WORTH = Worth(np.zeros(0, np.int64), 0)


class Kinds:
    """A small number for each brand and for each category that lots have had."""

    def __init__(self) -> None:
        self._brands: dict[str, int] = {}
        self._categories: dict[str, int] = {}

    def codes(self, brand_id: str, category: str) -> tuple[int, int]:
        """The numbers of a brand and of a category; new ones get the next."""
        brand = self._brands.get(brand_id)
        if brand is None:
            brand = self._brands[brand_id] = self._next()
        kind = self._categories.get(category)
        if kind is None:
            kind = self._categories[category] = self._next()
        return brand, kind

    def worth(self, kindred: Kindred, cap: int) -> Worth:
        """The points that a host has for all of them, no lot more than the cap."""
        if not cap or not (kindred.brands or kindred.categories):
            return NO_WORTH
        found, most = np.zeros(self._next(), np.int64), 0
        for worth, codes in zip(kindred, (self._brands, self._categories), strict=True):
            known = {codes[each]: points for each, points in worth.items() if each in codes}
            found[list(known)] = list(known.values())
            most += max(known.values(), default=0)
        return Worth(found, min(cap, most))

    def _next(self) -> int:
        return len(self._brands) + len(self._categories)
