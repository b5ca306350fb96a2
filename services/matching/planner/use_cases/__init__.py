"""What can be asked of the planner, and where it looks."""

from __future__ import annotations

from services.matching.planner.use_cases.ports import (
    Deal,
    Goods,
    KitDeal,
    Kits,
    OwnClaim,
    Parts,
    Planner,
    Rooms,
    SearchPlans,
    Shelf,
)
from services.matching.planner.use_cases.searching import MOST_CHECKS, search_plans

__all__ = [
    "MOST_CHECKS",
    "Deal",
    "Goods",
    "KitDeal",
    "Kits",
    "OwnClaim",
    "Parts",
    "Planner",
    "Rooms",
    "SearchPlans",
    "Shelf",
    "search_plans",
]
