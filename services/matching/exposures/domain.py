"""A page of offers as a host saw it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

KEPT = timedelta(days=180)
"""For how long it is kept what was shown."""


class ShownLot(NamedTuple):
    """A lot at its place, counted from one through all pages of a list.

    ``terms`` add up to ``score``. ``propensity`` is the probability, over all seeds, that this
    lot was shown at this place, given the pages before; ``explored`` is one that was drawn.
    """

    lot_id: str
    brand_id: str
    place: int
    score: int
    terms: Mapping[str, int]
    propensity: float
    explored: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """What one answer showed a host: by this version of the model, drawn by this seed."""

    id: str
    host_id: str
    at: datetime
    model: str
    seed: int
    shown: tuple[ShownLot, ...]
