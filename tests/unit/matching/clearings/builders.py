"""Clearings and markets to start a test from; a test names only what it is about."""

from __future__ import annotations

from typing import Any

from services.matching.clearings.domain import (
    Asker,
    Candidate,
    Certificate,
    Clearing,
    Figures,
    Gathered,
    Order,
    Outcome,
    Result,
)
from services.matching.clearings.engine.clear import Rule
from tests.builders.matching import NOW, PLATFORM_ORG, an_id


def an_order(**changes: Any) -> Order:
    """The most value in the ninth week, to be held."""
    given: dict[str, Any] = {
        "dry_run": False,
        "rule": Rule.VALUE,
        "first_host_bonus": 0,
        "first_brand_bonus": 0,
        "horizon_days": 28,
        "period": "2026-w09",
    }
    return Order(**given | changes)


def an_outcome(**changes: Any) -> Outcome:
    """Two lots given, worth 1.5 points."""
    given: dict[str, Any] = {
        "value": 1_500,
        "assignments": 2,
        "hosts_with_nothing": 0,
        "brands_with_nothing": 0,
        "gini": 0.25,
        "blocking_pairs": 0,
    }
    return Outcome(**given | changes)


def a_result(**changes: Any) -> Result:
    """What the first attempt led to: a proven best."""
    certificate = Certificate(
        value=1_500,
        objective=1_500,
        bound=1_500.0,
        gap=0.0,
        solver="minimum-cost flow",
        seconds=0.001,
        market_digest="sha256:" + "5b" * 32,
    )
    figures = Figures(
        hosts=2,
        lots=2,
        brands=1,
        candidates=3,
        cleared=an_outcome(),
        first_come=an_outcome(value=1_200),
    )
    return Result(**{"certificate": certificate, "figures": figures, "attempt": 1} | changes)


def a_clearing(**changes: Any) -> Clearing:
    """A clearing that waits."""
    order = changes.pop("order", None) or an_order()
    given = {"id": an_id("clr"), "order": order, "asked_by": PLATFORM_ORG, "asked_at": NOW}
    return Clearing(**given | changes)


def a_candidate(host: str, lot: str, value: int, **changes: Any) -> Candidate:
    """A lot of the brand ``b`` for a host, with 5.00 yuan."""
    given: dict[str, Any] = {
        "host_id": host,
        "lot_id": lot,
        "shelf": changes.pop("shelf", lot),
        "brand_id": "b",
        "offer_id": "o",
        "title": "Tea cups",
        "value": value,
        "subsidy": 500,
        "currency": "CNY",
        "host_wants": value,
    }
    return Candidate(**given | changes)


def gathered(*candidates: Candidate, capacity: int = 1, packs: int = 1, money: int = 10**6):
    """A market of these candidates in which everybody has the same limits."""
    return Gathered(
        askers={each.host_id: Asker(capacity, has_record=True) for each in candidates},
        packs={each.shelf: packs for each in candidates},
        money={each.brand_id: money for each in candidates},
        candidates=candidates,
        model="built-in",
    )
