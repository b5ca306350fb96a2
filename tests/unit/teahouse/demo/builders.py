"""Purchases and products for tests: a test names only what it is about."""

from __future__ import annotations

import numpy as np

from teahouse.demo.goods import Product, Purchases, SurplusLot


def purchases(*rows: dict[str, float]) -> Purchases:
    usual = {
        "household": 1,
        "product": 7,
        "store": 3,
        "basket": 100,
        "week": 53,
        "quantity": 1,
        "value": 1.0,
    }
    full = [usual | row for row in rows]
    whole = {
        name: np.array([row[name] for row in full], dtype=np.int64)
        for name in usual
        if name != "value"
    }
    return Purchases(**whole, value=np.array([row["value"] for row in full], dtype=np.float64))


def a_product(
    number: int = 7, *, maker: int = 69, department: str = "GROCERY", category: str = "SOUP"
) -> Product:
    return Product(number, maker, department, category, "CONDENSED SOUP", "10.75 OZ")


def a_lot(
    number: int = 7,
    *,
    maker: int = 69,
    department: str = "GROCERY",
    price_fen: int = 125,
    units: int = 24,
    store: int | None = None,
) -> SurplusLot:
    product = a_product(number, maker=maker, department=department)
    return SurplusLot(product, price_fen, units, store)
