"""Surplus lots out of supermarket purchases: what sold lately, at its median price."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]

WEEKS_OF_STOCK = 8
PACK_SIZES = (12, 10, 8, 6, 5, 4, 3, 2)
FEWEST_PACKS = 4

NO_GOODS = frozenset(
    {"FUEL", "COUPON", "CHARITABLE CONT", "POSTAL CENTER", "PHOTO & VIDEO", "CNTRL/STORE SUP"}
)
# Sold within days: these lots carry a best-before date and stay in the city that buys them most.
FRESH = frozenset(
    {"PRODUCE", "MEAT", "MEAT-PCKGD", "SEAFOOD", "SEAFOOD-PCKGD", "DELI", "PASTRY", "SALAD BAR"}
)


@dataclass(frozen=True, slots=True)
class Purchases:
    """One row a purchase, as columns of equal length; ``value`` is in whole currency units."""

    household: Numbers
    product: Numbers
    store: Numbers
    basket: Numbers
    week: Numbers
    quantity: Numbers
    value: NDArray[np.float64]

    def where(self, rows: NDArray[np.bool_]) -> Purchases:
        """Only these rows."""
        return Purchases(
            household=self.household[rows],
            product=self.product[rows],
            store=self.store[rows],
            basket=self.basket[rows],
            week=self.week[rows],
            quantity=self.quantity[rows],
            value=self.value[rows],
        )

    def paid_for(self) -> Purchases:
        """Only the rows in which something was bought and paid for."""
        return self.where((self.quantity > 0) & (self.value > 0))


@dataclass(frozen=True, slots=True)
class Product:
    """What the data tells of a product; names are in capitals there, and may be missing."""

    id: int
    maker: int
    department: str
    category: str
    kind: str
    size: str


@dataclass(frozen=True, slots=True)
class SurplusLot:
    """A product turned into a lot; ``store`` is where it sold most when it is fresh, else None."""

    product: Product
    price_fen: int
    units: int
    store: int | None

    @property
    def units_per_pack(self) -> int:
        """The largest small pack that leaves nothing over and at least four packs."""
        fits = (
            size
            for size in PACK_SIZES
            if self.units % size == 0 and self.units // size >= FEWEST_PACKS
        )
        return next(fits, 1)

    @property
    def packs(self) -> int:
        return self.units // self.units_per_pack


def median_prices(purchases: Purchases) -> dict[int, int]:
    """The median price of one unit of each product, its cents read as fen."""
    each = purchases.value / purchases.quantity
    order = np.lexsort((each, purchases.product))
    products, first, count = np.unique(
        purchases.product[order], return_index=True, return_counts=True
    )
    ordered = each[order]
    middle = (ordered[first + (count - 1) // 2] + ordered[first + count // 2]) / 2
    fen = np.rint(middle * 100).astype(np.int64)
    return dict(zip(products.tolist(), fen.tolist(), strict=True))


def units_sold(purchases: Purchases) -> dict[int, int]:
    """Units of each product sold in the last weeks of the year."""
    late = purchases.where(purchases.week > purchases.week.max() - WEEKS_OF_STOCK)
    products, row = np.unique(late.product, return_inverse=True)
    units = np.zeros(len(products), dtype=np.int64)
    np.add.at(units, row, late.quantity)
    return dict(zip(products.tolist(), units.tolist(), strict=True))


def best_stores(purchases: Purchases, among: Iterable[int]) -> dict[int, int]:
    """Where each of these products sold most often; of equals the lowest number."""
    rows = purchases.where(np.isin(purchases.product, np.fromiter(among, dtype=np.int64)))
    # One number a pair sorts ten times faster than rows of two.
    base = int(rows.store.max(initial=0)) + 1
    pairs, counts = np.unique(rows.product * base + rows.store, return_counts=True)
    best: dict[int, tuple[int, int]] = {}
    for pair, count in zip(pairs.tolist(), counts.tolist(), strict=True):
        product, store = divmod(pair, base)
        best[product] = max(best.get(product, (0, 0)), (count, -store))
    return {product: -store for product, (_, store) in best.items()}


def surplus(purchases: Purchases, products: Sequence[Product]) -> list[SurplusLot]:
    """One lot for each product that sold lately, has a maker and costs at least one fen."""
    prices = median_prices(purchases)
    units = units_sold(purchases)
    sold = [
        product
        for product in products
        if units.get(product.id)
        and product.maker
        and product.department not in NO_GOODS
        and prices[product.id] > 0
    ]
    stores = best_stores(purchases, (item.id for item in sold if item.department in FRESH))
    return [
        SurplusLot(item, prices[item.id], units[item.id], stores.get(item.id)) for item in sold
    ]


def largest_makers(
    lots: Sequence[SurplusLot], *, makers: int, fewest_lots: int, passed_over: int = 0
) -> list[int]:
    """The makers with most lots: this many, or as many as it takes to reach ``fewest_lots``."""
    counts = Counter(lot.product.maker for lot in lots)
    chosen: list[int] = []
    reached = 0
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    for maker, count in ranked[passed_over:]:
        if len(chosen) >= makers and reached >= fewest_lots:
            break
        chosen.append(maker)
        reached += count
    return chosen


def products_from(columns: dict[str, list[Any]]) -> list[Product]:
    """Products out of the columns of the data, None read as an empty name."""
    return [
        Product(number, maker or 0, department or "", category or "", kind or "", size or "")
        for number, maker, department, category, kind, size in zip(
            columns["product_id"],
            columns["manufacturer_id"],
            columns["department"],
            columns["product_category"],
            columns["product_type"],
            columns["package_size"],
            strict=True,
        )
    ]
