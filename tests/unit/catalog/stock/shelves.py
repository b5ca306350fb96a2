"""Shelves and orders to start a test from."""

from __future__ import annotations

from datetime import timedelta

from services.catalog.stock.domain import Order, Shelf
from tests.unit.catalog.fakes import BRAND, HOST, NOW, a_lot, an_id, an_offer

OFFER = an_offer()


def an_order(**changes) -> Order:
    given = {
        "claim_id": an_id("clm"),
        "brand_id": BRAND,
        "host_id": HOST,
        "packs": 2,
        "expires_at": NOW + timedelta(minutes=30),
    }
    return Order(**given | changes)


def a_shelf(**lot) -> Shelf:
    return Shelf(a_lot(**lot), {}, {})


def reserved(shelf: Shelf, **order) -> tuple[Shelf, str]:
    """The shelf after a claim was reserved, and the claim."""
    wanted = an_order(**order)
    return shelf.reserve(wanted, OFFER, at=NOW).state, wanted.claim_id
