"""How the lots found divide: by category, condition, city, price and subsidy."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

MOST_COUNTED = 1_000
MOST_VALUES = 50
PRICE_BANDS = (0, 1_000, 3_000, 10_000, 30_000, 100_000)
SUBSIDY_BANDS = (0, 1, 10_000, 30_000, 100_000)


@dataclass(frozen=True, slots=True)
class ValueCount:
    """So many lots have this value."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class BandCount:
    """So many lots lie from here to there, both within; the last band has no end."""

    least: int
    most: int | None
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facets:
    """How the first lots found divide; ``more`` tells that there were others."""

    counted: int
    more: bool
    category: tuple[ValueCount, ...]
    condition: tuple[ValueCount, ...]
    city: tuple[ValueCount, ...]
    pack_price: tuple[BandCount, ...]
    subsidy: tuple[BandCount, ...]


def facets_of(rows: Sequence[Mapping[str, Any]], subsidies: Mapping[str, int]) -> Facets:
    """Count the first thousand of these listings; ``subsidies`` are the best by brand."""
    counted = rows[:MOST_COUNTED]
    return Facets(
        counted=len(counted),
        more=len(rows) > len(counted),
        category=_values(row["category"] for row in counted),
        condition=_values(row["condition"] for row in counted),
        city=_values(row["city"] for row in counted),
        pack_price=_bands((row["pack_price"] for row in counted), PRICE_BANDS),
        subsidy=_bands((subsidies.get(row["brand_id"], 0) for row in counted), SUBSIDY_BANDS),
    )


def _values(values: Iterable[str]) -> tuple[ValueCount, ...]:
    """The commonest first, of equals in the order of their characters."""
    ranked = sorted(Counter(values).items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(ValueCount(value, count) for value, count in ranked[:MOST_VALUES])


def _bands(amounts: Iterable[int], starts: Sequence[int]) -> tuple[BandCount, ...]:
    """The lowest first, empty ones left out."""
    counts = Counter(bisect_right(starts, amount) - 1 for amount in amounts)
    ends = [after - 1 for _, after in pairwise(starts)]
    bands = zip(starts, [*ends, None], range(len(starts)), strict=True)
    return tuple(
        BandCount(least, most, counts[place]) for least, most, place in bands if counts[place]
    )
