"""Pictures and assortments for tests: valid by default, a test names only what it is about."""

from __future__ import annotations

from typing import Any

from services.matching.fits.domain import Assortment
from services.matching.pictures.domain import People, Picture
from tests.unit.matching.offers.builders import BRAND, HOST, an_offer, an_offered_lot


def some_people(number: int = 1, **fields: Any) -> People:
    usual: dict[str, Any] = {
        "community_id": f"com_{number}",
        "city": "suzhou",
        "size": 60,
        "tags": {"tea": 80},
    }
    return People(**usual | fields)


def a_picture(**fields: Any) -> Picture:
    usual: dict[str, Any] = {"host_id": HOST, "people": (some_people(),)}
    return Picture(**usual | fields)


def an_assortment(**fields: Any) -> Assortment:
    usual: dict[str, Any] = {
        "brand_id": BRAND,
        "lots": (an_offered_lot(),),
        "offers": (an_offer(),),
    }
    return Assortment(**usual | fields)
