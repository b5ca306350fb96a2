"""Whether values and prices of clearings have proven right enough to keep lots off lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from services.matching.clearings.engine.takeup import TakeUp, take_up
from services.matching.holds.domain import EndedHold

HOSTS_NEEDED, PRICES_NEEDED = 50, 30
PRICE_DAYS = 5
"""How old a price is that tells how far prices move in a period."""
MOST_PRICES_OFF = 0.2
RESERVES = ((0.10, 2_000), (0.25, 3_333))
"""How far values may be off at most, and the reserve that is right then, in basis points.

By ``benchmarks/matching_reserve.py``, which makes up markets whose values are wrong in many
ways: where values and prices are off by no more, a reserve costs hardly anything in any.
"""


class Doubt(StrEnum):
    """What speaks against a reserve."""

    TOO_FEW_HOLDS = "too-few-holds"
    NOTHING_CLAIMED = "nothing-claimed"
    VALUES_OFF = "values-off"
    TOO_FEW_PRICES = "too-few-prices"
    PRICES_OFF = "prices-off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """How right earlier clearings were by the model of this one, and of its valuation.

    ``prices`` lots had a demand that lists have counted for ``PRICE_DAYS`` or more, and are in
    this market; ``prices_off`` is how far that is from what was found now: the sum of the
    differences, as a share of what was counted, None without any.
    """

    model: str
    take_up: TakeUp
    prices: int
    prices_off: float | None

    @property
    def most_off(self) -> float:
        """How far values may be off at most: less than if they said nothing."""
        return min(RESERVES[-1][0], self.take_up.blind or 0.0)

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        """Why there may be no reserve; nothing when there may."""
        has_holds = self.take_up.hosts >= HOSTS_NEEDED
        has_prices = self.prices >= PRICES_NEEDED
        off, prices_off = self.take_up.bound, self.prices_off
        doubted = {
            Doubt.TOO_FEW_HOLDS: not has_holds,
            Doubt.NOTHING_CLAIMED: has_holds and off is None,
            Doubt.VALUES_OFF: has_holds and off is not None and off > self.most_off,
            Doubt.TOO_FEW_PRICES: not has_prices,
            Doubt.PRICES_OFF: has_prices and (prices_off or 0.0) > MOST_PRICES_OFF,
        }
        return tuple(doubt for doubt, holds in doubted.items() if holds)

    @property
    def reserve(self) -> int | None:
        """By how many basis points of its value a lot may be too dear and still be listed.

        None where something speaks against a reserve. The surer the values, the fewer.
        """
        off = self.take_up.bound
        if self.doubts or off is None:
            return None
        return next(reserve for most, reserve in RESERVES if off <= most)


def evidence_of(
    model: str,
    ended: Sequence[EndedHold],
    *,
    counted: Mapping[str, int],
    found: Mapping[str, int],
) -> Evidence:
    """Look at holds that ended, and at prices by lot, as lists counted them and as found now."""
    hosts = dict.fromkeys(each.host_id for each in ended)
    numbers = {host_id: number for number, host_id in enumerate(hosts)}
    known = {lot_id: points for lot_id, points in counted.items() if points and lot_id in found}
    differences = sum(abs(found[lot_id] - points) for lot_id, points in known.items())
    return Evidence(
        model=model,
        take_up=take_up(
            np.array([numbers[each.host_id] for each in ended], np.int64),
            np.array([each.value for each in ended], np.int64),
            np.array([each.is_claimed for each in ended], np.int64),
        ),
        prices=len(known),
        prices_off=differences / sum(known.values()) if known else None,
    )
