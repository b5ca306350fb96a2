"""Hosts and their communities out of households: what they buy is what they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from teahouse.demo.goods import Product, Purchases
from teahouse.demo.words import slug

SMALLEST, LARGEST = 50, 5_000  # the reach of one host, from real gatherings
GUESTS_A_BASKET = 6
MOST_COMMUNITIES = 3
MOST_TAGS = 12
FEWEST_BASKETS = 20
FEWEST_PURCHASES = 40  # fewer than these in a year say nothing about a taste

CITIES = (
    "Beijing", "Shanghai", "Guangzhou", "Shenzhen", "Chengdu", "Hangzhou", "Chongqing", "Wuhan",
    "Suzhou", "Xian", "Nanjing", "Changsha", "Tianjin", "Zhengzhou", "Qingdao", "Xiamen",
)  # fmt: skip

CIRCLES: Mapping[str, frozenset[str]] = {
    "Table": frozenset({"GROCERY", "FROZEN GROCERY", "NUTRITION", "SPIRITS"}),
    "Fresh": frozenset(
        {"PRODUCE", "MEAT", "MEAT-PCKGD", "SEAFOOD", "SEAFOOD-PCKGD", "DELI", "PASTRY"}
    ),
    "Home": frozenset({"DRUG GM", "COSMETICS", "FLORAL", "GARDEN CENTER", "TOYS"}),
}


@dataclass(frozen=True, slots=True)
class Circle:
    """A community of a host: a city, a size and weighted tags."""

    name: str
    city: str
    size: int
    tags: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Household:
    """A household that plays a host, with one to three communities."""

    number: int
    circles: tuple[Circle, ...]


def city_of(store: int, stores: Sequence[int]) -> str:
    """The city a store stands in; ``stores`` are all of them, sorted."""
    return CITIES[int(np.searchsorted(stores, store)) % len(CITIES)]


def regulars(purchases: Purchases, count: int) -> list[int]:
    """Households that shop regularly, spread evenly from the busiest to the quietest of them."""
    _, first = np.unique(purchases.basket, return_index=True)  # a basket has one household
    households, baskets = np.unique(purchases.household[first], return_counts=True)
    regular = baskets >= FEWEST_BASKETS
    order = np.lexsort((households[regular], -baskets[regular]))
    ranked = households[regular][order]
    places = np.unique(np.linspace(0, len(ranked) - 1, min(count, len(ranked))).astype(np.int64))
    return [int(number) for number in ranked[places]]


def hosts(
    purchases: Purchases, products: Sequence[Product], stores: Sequence[int], *, count: int
) -> list[Household]:
    """Regular households as hosts; those that buy too little of everything are passed over."""
    by_id = {product.id: product for product in products}
    chosen = regulars(purchases, count + count // 4)
    kept = purchases.where(np.isin(purchases.household, chosen))
    found: list[Household] = []
    for number in chosen:
        circles = _circles(kept.where(kept.household == number), by_id, stores)
        if circles and len(found) < count:
            found.append(Household(number, circles))
    return found


def _circles(
    own: Purchases, products: Mapping[int, Product], stores: Sequence[int]
) -> tuple[Circle, ...]:
    numbers, times = np.unique(own.store, return_counts=True)
    city = city_of(int(numbers[times.argmax()]), stores)
    spent: dict[str, defaultdict[str, float]] = {name: defaultdict(float) for name in CIRCLES}
    baskets: dict[str, set[int]] = {name: set() for name in CIRCLES}
    bought = dict.fromkeys(CIRCLES, 0)
    for product_id, basket, value in zip(
        own.product.tolist(), own.basket.tolist(), own.value.tolist(), strict=True
    ):
        product = products.get(product_id)
        name = _circle_of(product)
        if product is None or name is None:
            continue
        spent[name][slug(product.category or product.department)] += value
        baskets[name].add(basket)
        bought[name] += 1
    names = sorted(
        (name for name in CIRCLES if bought[name] >= FEWEST_PURCHASES), key=bought.__getitem__
    )
    return tuple(
        Circle(name, city, _size(len(baskets[name])), _weights(spent[name]))
        for name in reversed(names[-MOST_COMMUNITIES:])
    )


def _circle_of(product: Product | None) -> str | None:
    department = product.department if product else ""
    return next((name for name, parts in CIRCLES.items() if department in parts), None)


def _size(baskets: int) -> int:
    return min(LARGEST, max(SMALLEST, baskets * GUESTS_A_BASKET))


def _weights(spent: Mapping[str, float]) -> dict[str, int]:
    """Weights 1 to 100, the largest spending being 100."""
    top = sorted(spent.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST_TAGS]
    most = top[0][1]
    return {tag: max(1, round(100 * value / most)) for tag, value in top}
