"""Exposures for tests."""

from __future__ import annotations

from services.matching.exposures.domain import Exposure, ShownLot
from tests.unit.matching.offers.builders import BRAND, HOST, LOT, NOW


def an_exposure(number: int = 1) -> Exposure:
    shown = ShownLot(
        lot_id=LOT,
        brand_id=BRAND,
        place=1,
        score=500_000,
        terms={"affinity": 500_000},
        propensity=1.0,
        explored=False,
    )
    return Exposure(
        id=f"exp_{number:026d}", host_id=HOST, at=NOW, model="some-1", seed=1, shown=(shown,)
    )
