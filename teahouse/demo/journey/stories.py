"""The gatherings that really happened, with exactly their figures, and the terms they ran on."""

from __future__ import annotations

from dataclasses import dataclass

TERMS = {"brand": 6000, "host": 2000, "venue": 800, "co_host": 500, "platform": 500, "author": 200}
"""Basis points by role, in the order that breaks ties; the same for every offer of the demo."""

NAMING_PRICE_MINOR = 10_000_000
NAMING_GATHERINGS = 100
NAMING_TERMS = {"host": 9000, "platform": 1000}
NAMING_EACH_MINOR = NAMING_PRICE_MINOR // NAMING_GATHERINGS

HAIR_SHARES = {
    "brand": 300_000,
    "host": 100_000 + 80_000 + 90_000,
    "venue": 40_000,
    "co_host": 25_000,
    "author": 10_000,
    "platform": 25_000 + 10_000,
}
"""What everybody gets for the sixteen people and 5,000.00 yuan: worked by hand, to the fen."""


@dataclass(frozen=True, slots=True)
class Basket:
    """What one guest buys: so many pieces for so many fen."""

    units: int
    fen: int


@dataclass(frozen=True, slots=True)
class Story:
    """One gathering as it is told: whose goods, and what each guest bought."""

    key: str
    what: str
    brand: str
    city: str
    title: str
    category: str
    tags: tuple[str, ...]
    price_fen: int
    baskets: tuple[Basket, ...]
    subsidy_fen: int
    min_checked_in: int

    @property
    def people(self) -> int:
        return len(self.baskets)

    @property
    def units(self) -> int:
        return sum(basket.units for basket in self.baskets)

    @property
    def takings_fen(self) -> int:
        return sum(basket.fen for basket in self.baskets)


def _alike(people: int, *, units: int, fen: int) -> tuple[Basket, ...]:
    return (Basket(units, fen),) * people


HAIR = Story(
    key="hair",
    what="Hair ornaments 发饰",
    brand="Hairpin House 簪花发饰",
    city="Beijing",
    title="Hair clip, silver leaf 银叶发夹",
    category="hair-ornaments",
    tags=("hair-ornaments", "fashion", "gifts"),
    price_fen=31_250,
    baskets=_alike(16, units=1, fen=31_250),
    subsidy_fen=80_000,
    min_checked_in=12,
)
CLOISONNE = Story(
    key="cloisonne",
    what="Cloisonné 景泰蓝",
    brand="Jing Blue Cloisonné 京蓝景泰蓝",
    city="Beijing",
    title="Cloisonné vase 景泰蓝花瓶",
    category="cloisonne",
    tags=("cloisonne", "craft", "tea"),
    price_fen=610_000,
    baskets=(Basket(1, 10_190_000), *_alike(21, units=1, fen=610_000)),
    subsidy_fen=200_000,
    min_checked_in=15,
)
SHOES = Story(
    key="shoes",
    what="Cloth shoes, three pairs a head 布鞋每人三双",
    brand="Thousand Layers Cloth Shoes 千层布鞋",
    city="Beijing",
    title="Cloth shoes, black 黑布鞋",
    category="shoes",
    tags=("cloth-shoes", "craft", "fashion"),
    price_fen=16_800,
    baskets=_alike(20, units=3, fen=3 * 16_800),
    subsidy_fen=60_000,
    min_checked_in=10,
)
BRUSHES = Story(
    key="brushes",
    what="Writing brushes, three a head 毛笔每人三支",
    brand="Weasel Hair Brushes 狼毫笔庄",
    city="Beijing",
    title="Writing brush, weasel hair 狼毫毛笔",
    category="brushes",
    tags=("brushes", "craft", "tea"),
    price_fen=4_800,
    baskets=_alike(18, units=3, fen=3 * 4_800),
    subsidy_fen=40_000,
    min_checked_in=10,
)
STORIES = (HAIR, CLOISONNE, SHOES, BRUSHES)
