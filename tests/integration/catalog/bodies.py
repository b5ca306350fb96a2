"""Valid request bodies; a test names only what it is about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from chassis.kernel.time import to_rfc3339
from tests.unit.catalog.fakes import some_terms


def soon(**span) -> str:
    """A moment so far from now, as clients write it."""
    return to_rfc3339(datetime.now(UTC) + timedelta(**(span or {"days": 30})))


def yuan(minor: int, currency: str = "CNY") -> dict:
    return {"minor": minor, "currency": currency}


def a_line_body(**changes) -> dict:
    given = {
        "sku": "HC-204",
        "name": "Hair clip",
        "units": 100,
        "unit_price": yuan(1250),
        "condition": "new",
    }
    return given | changes


def a_lot_body(**changes) -> dict:
    given = {
        "title": "Hair clips",
        "category": "Accessories",
        "tags": ["Hair", "spring"],
        "city": "上海",
        "manifest": [a_line_body()],
        "units_per_pack": 10,
        "max_packs_per_host": 5,
        "min_community_size": 20,
        "closes_at": soon(),
    }
    return given | changes


def an_offer_body(**changes) -> dict:
    given = {
        "subsidy": yuan(50_000),
        "min_checked_in": 10,
        "total_cap": yuan(5_000_000),
        "terms": some_terms(),
        "closes_at": soon(),
    }
    return given | changes


def a_ramp(*steps: tuple[int, int], most: int = 70_000) -> dict:
    """Steps of days before and basis points, from far to near."""
    told = [{"days_before": days, "extra_basis_points": extra} for days, extra in steps]
    return {"steps": told, "most": yuan(most)}


def a_venue_body(**changes) -> dict:
    given = {"name": "The back room", "city": "上海", "capacity": 40, "equipment": ["projector"]}
    return given | changes


def tuesdays(*, starts="19:00", ends="22:00", **changes) -> dict:
    """A weekly plan of one window."""
    return {"windows": [{"weekday": "tuesday", "starts": starts, "ends": ends, **changes}]}
