"""What a host asks for, in which order, and from where on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.catalog.lots.domain import Condition, Place


class Order(StrEnum):
    """Which of the lots found comes first; of equals the lower id."""

    CLOSING = "closing"
    NEWEST = "newest"
    CHEAPEST = "cheapest"
    NEAREST = "nearest"
    NAME = "name"  # Chinese by pinyin
    RELEVANCE = "relevance"  # more words in the title, then more of them in the tags


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Everywhere within so many metres of a place, along the surface of a round earth."""

    place: Place
    metres: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LotSearch:
    """Which lots are asked for; what is None is all the same. Amounts are in minor units.

    ``terms`` must all match (``listings/engine/words.py``). ``city`` is tidy and takes in
    lots for everywhere, but not those whose goods may not go there; ``condition`` is the
    worst that will do. Goods without a best-before date are good on any day. Lots that name
    no place lie within no surroundings. ``subsidy_from`` asks for an open offer of the lot's
    brand that pays at least so much, before any ramp.
    """

    terms: tuple[str, ...] = ()
    category: str | None = None
    city: str | None = None
    condition: Condition | None = None
    surroundings: Surroundings | None = None
    best_before_from: datetime | None = None
    closes_after: datetime | None = None
    pack_price_from: int | None = None
    pack_price_to: int | None = None
    subsidy_from: int | None = None
    order: Order = Order.CLOSING


@dataclass(frozen=True, slots=True)
class Position:
    """Where in its order a lot stands: times are in milliseconds since 1970, names as keys."""

    value: int | str
    lot_id: str
