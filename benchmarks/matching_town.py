"""A made-up market of hosts and lots, period after period, the same for the same seed.

Its measures follow the market that clearing was designed on: hosts with 2 to 10 gatherings,
lots of a few units of which the most liked are on nearly everybody's list, about 8 % of all
lots open to a host, of which her best 50 count, 500 brands of very different size, and
values of 1,000 x p(host wants) x p(brand accepts). A claim costs a brand more for a larger
host, by the square root of her size; its budget is a share of all that its edges would cost.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.matching.clearings.engine.market import Market

OPEN = 0.08
USUAL_SIZE = 55
UNITS = np.array([1, 2, 3, 4, 5])
UNITS_SHARE = (0.25, 0.25, 0.2, 0.15, 0.15)
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """How large a market is, and how its lots are liked.

    ``skew`` is the spread of what everybody likes beside a spread of 1.0 of each host's own
    taste; ``brand_skew`` the power by which brands differ in size; ``tight`` the share of its
    edges' cost that a brand's budget pays, ``least`` its smallest budget in minor units.
    """

    hosts: int = 1_000
    lots: int = 10_000
    brands: int = 500
    near: int = 50
    seed: int = 1
    skew: float = 2.9
    brand_skew: float = 0.8
    liking: float = -4.3
    tight: float = 0.05
    least: int = 300

    def market(self, period: int = 0, noise: float = 0.0) -> Market:
        """The market of one period; values differ from the lasting ones by this share or so."""
        chance = np.random.default_rng(self.seed)
        capacity = chance.integers(2, 11, self.hosts)
        size = np.exp(chance.normal(np.log(USUAL_SIZE), 0.9, self.hosts)).clip(10, 1_000)
        units = chance.choice(UNITS, self.lots, p=UNITS_SHARE)
        weight = 1 / np.arange(1, self.brands + 1) ** self.brand_skew
        brand_of = chance.choice(self.brands, self.lots, p=weight / weight.sum())
        liked = self.liking + self.skew * chance.normal(size=self.lots)
        price = 88 * np.exp(chance.normal(0, 0.3, self.lots))
        found = [
            self._of_host(host, size[host], liked, period, noise) for host in range(self.hosts)
        ]
        lots, wants, accepts = zip(*found, strict=True)
        host = np.repeat(np.arange(self.hosts), [len(each) for each in lots])
        lot, wanted, accepted = (np.concatenate(each) for each in (lots, wants, accepts))
        cost = np.ceil(price[lot] * np.sqrt(size[host] / USUAL_SIZE)).astype(np.int64)
        asked = np.bincount(brand_of[lot], weights=cost, minlength=self.brands)
        return Market(
            hosts=tuple(f"host_{number}" for number in range(self.hosts)),
            lots=tuple(f"lot_{number}" for number in range(self.lots)),
            brands=tuple(f"brand_{number}" for number in range(self.brands)),
            capacity=capacity,
            units=units,
            brand_of=brand_of,
            edge_host=host,
            edge_lot=lot,
            value=_points(wanted * accepted),
            host_value=_points(wanted),
            brand_value=_points(accepted),
            cost=cost,
            budget=np.maximum(self.tight * asked, self.least).astype(np.int64),
        )

    def _of_host(
        self, host: int, size: float, liked: Floats, period: int, noise: float
    ) -> tuple[NDArray[np.int64], Floats, Floats]:
        """The lots on a host's list in ascending order, how likely she and their brands want them.

        What lasts is drawn from her own chance, what does not from the period's.
        """
        lasting = np.random.default_rng((self.seed, host))
        passing = np.random.default_rng((self.seed, host, period))
        lots = np.unique(lasting.integers(0, self.lots, round(OPEN * self.lots)))
        wants = liked[lots] + lasting.normal(size=len(lots))
        accepts = 0.5 + 0.3 * np.log(size / USUAL_SIZE) + lasting.normal(0, 0.7, len(lots))
        wants += noise * passing.normal(size=len(lots))
        best = np.sort(np.argpartition(-wants, self.near)[: self.near])
        return lots[best], _chance(wants[best]), _chance(accepts[best])


def _chance(logit: Floats) -> Floats:
    return 1 / (1 + np.exp(-logit))


def _points(chance: Floats) -> NDArray[np.int64]:
    return np.round(1_000 * chance).astype(np.int64)
