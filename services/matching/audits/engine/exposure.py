"""What being shown at a place is worth: less the further down, in whole millionths."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from math import log2

FIRST_PLACE = 1_000_000


@lru_cache(maxsize=1024)
def weight_of(place: int) -> int:
    """Millionths of the first place: ``1 / log2(1 + place)``, rounded; places count from 1.

    The discount by which cumulated gain is measured (Järvelin and Kekäläinen, 2002), taken
    as exposure as in Singh and Joachims, *Fairness of Exposure in Rankings* (2018).
    """
    return round(FIRST_PLACE / log2(1 + place))


def exposure_of(places: Mapping[int, int]) -> int:
    """The exposure of having been shown so often at each of these places."""
    return sum(weight_of(place) * times for place, times in places.items())
