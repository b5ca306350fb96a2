"""Clear a market: who is matched with what, at which prices, why, and how near the best."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.matching.clearings.engine.market import Whole

Prices = NDArray[np.float64]


class Rule(StrEnum):
    """By which rule a market is cleared."""

    VALUE = "value"
    """The most value in all."""

    NO_ENVY = "no-envy"
    """Nobody is passed over for somebody whom the brand likes less (deferred acceptance)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The rule, and what it is worth that a host or a brand is matched at all.

    Both bonuses are in milli-points, count once a host and once a brand, and steer ``VALUE``
    only; the value of a clearing is told without them.
    """

    rule: Rule = Rule.VALUE
    first_host_bonus: int = 0
    first_brand_bonus: int = 0

    def __post_init__(self) -> None:
        if self.first_host_bonus < 0 or self.first_brand_bonus < 0:
            raise ValueError("a bonus is negative")


class Binding(StrEnum):
    """The limit that kept others from what somebody got: the one with the highest price."""

    HOST_CAPACITY = "host-capacity"
    LOT_UNITS = "lot-units"
    BRAND_BUDGET = "brand-budget"
    NOTHING = "nothing"


class Reason(NamedTuple):
    """Why a pair was matched: the limit that bound, and how many other hosts wanted the lot."""

    bound_by: Binding
    others: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Clearing:
    """Which pairs are matched, and what proves how good that is.

    ``chosen`` holds edge numbers in ascending order; ``value`` is their sum in milli-points
    and ``objective`` the same with the bonuses they earned. No choice within the limits has
    an objective above ``bound``, which the prices prove; ``gap`` is the share of the bound
    that is missing, 0.0 for a proven best. Prices are shadow prices in milli-points: of one
    more gathering of a host, one more unit of a lot, and one more minor unit of a budget.
    ``reasons`` come in the order of ``chosen``. ``seconds`` are of the processor.
    """

    chosen: Whole
    value: int
    objective: int
    bound: float
    gap: float
    host_price: Prices
    lot_price: Prices
    budget_price: Prices
    reasons: tuple[Reason, ...]
    solver: str
    seconds: float
