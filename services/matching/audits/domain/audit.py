"""An audit: a row for each brand and host, and figures over groups of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from chassis.kernel.errors import NotFound
from services.matching.audits.domain.facts import (
    Blocking,
    Facts,
    Listing,
    Outcome,
    Window,
)
from services.matching.audits.engine.exposure import exposure_of
from services.matching.audits.engine.groups import thirds
from services.matching.audits.engine.inequality import gini, lorenz

SHARE_KEPT = 1_000
"""Basis points of every lot that catalog keeps for newcomers at least."""

FEWEST_SHOWN = 3
"""A group of fewer would tell of one of its members what is nobody else's business."""

WHOLE = 10_000


class AuditNotFound(NotFound):
    """There is no such audit."""

    code = "audit-not-found"
    hint = "List the audits and take the identifier from there."
    chinese = "没有这个编号的审计，请从审计列表中选取。"


class Side(StrEnum):
    """Who is looked at."""

    BRAND = "brand"
    HOST = "host"


class Group(StrEnum):
    """Brands by the packs they listed, in thirds; hosts by the age of their first community."""

    SMALL = "small"
    MIDDLE = "middle"
    LARGE = "large"
    UNLISTED = "unlisted"
    NEW = "up-to-30-days"
    YOUNG = "up-to-180-days"
    OLD = "older"
    UNKNOWN = "no-community"


THIRDS = (Group.SMALL, Group.MIDDLE, Group.LARGE)
GROUPS = {
    Side.BRAND: (*THIRDS, Group.UNLISTED),
    Side.HOST: (Group.NEW, Group.YOUNG, Group.OLD, Group.UNKNOWN),
}
NEW_FOR, YOUNG_FOR = timedelta(days=30), timedelta(days=180)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One brand or host. ``exposure`` is in millionths of a first place.

    ``lots`` and ``packs_listed`` are of brands; ``days``, ``pages`` and ``is_newcomer`` of
    hosts, and None or 0 otherwise.
    """

    side: Side
    party_id: str
    group: Group
    lots: int = 0
    packs_listed: int = 0
    days: int | None = None
    is_newcomer: bool | None = None
    pages: int = 0
    places: int = 0
    exposure: int = 0
    claims: int = 0
    packs: int = 0
    settled: int = 0
    subsidy: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Sums over some rows, and how many there are, were shown, and came to a claim."""

    parties: int
    shown: int
    with_nothing: int
    places: int
    exposure: int
    claims: int
    packs: int
    settled: int
    subsidy: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SideFigures:
    """One side of the market: all of it, its groups, and how evenly things are spread."""

    total: Figures
    groups: dict[str, Figures]
    gini: dict[str, float]
    lorenz: dict[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomers:
    """Hosts without a settled gathering before the window; shares in basis points.

    ``packs_kept`` of ``packs_listed`` were kept for them when it was made; ``share_kept`` is
    what catalog keeps of every lot at least.
    """

    hosts: int
    share_of_hosts: int
    share_of_places: int
    share_of_claims: int
    share_of_packs: int
    packs_kept: int
    packs_listed: int
    share_kept: int = SHARE_KEPT


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """All that was found of a window. It never changes after it was made.

    Subsidies are in ``currency``; those in others are in ``other_subsidies`` alone.
    """

    id: str
    window: Window
    made_at: datetime
    made_by: str
    brands: SideFigures
    hosts: SideFigures
    newcomers: Newcomers
    reachable: int
    reachable_shown: int
    blocking: Blocking | None
    currency: str | None
    other_subsidies: dict[str, int]
    rows: tuple[Row, ...]


def audit(audit_id: str, window: Window, facts: Facts, *, by: str, now: datetime) -> Audit:
    """Count everything of a window; the groups of a side add up to its total."""
    brands, hosts = tuple(_brands(facts)), tuple(_hosts(facts, window))
    reachable = [row for row in brands if row.lots]
    return Audit(
        id=audit_id,
        window=window,
        made_at=now,
        made_by=by,
        brands=_side(Side.BRAND, brands),
        hosts=_side(Side.HOST, hosts),
        newcomers=_newcomers(hosts, facts),
        reachable=len(reachable),
        reachable_shown=sum(row.places > 0 for row in reachable),
        blocking=facts.blocking,
        currency=facts.currency,
        other_subsidies=dict(facts.other_subsidies),
        rows=(*brands, *hosts),
    )


def _brands(facts: Facts) -> Iterable[Row]:
    """A row for every brand with a lot, a place or a claim, by id."""
    third = thirds({name: listing.packs for name, listing in facts.listed.items()})
    for name in sorted({*facts.listed, *facts.brand_places, *facts.brand_outcomes}):
        listing = facts.listed.get(name, Listing(0, 0))
        places = facts.brand_places.get(name, {})
        yield Row(
            side=Side.BRAND,
            party_id=name,
            group=THIRDS[third[name]] if name in third else Group.UNLISTED,
            lots=listing.lots,
            packs_listed=listing.packs,
            places=sum(places.values()),
            exposure=exposure_of(places),
            **_outcome(facts.brand_outcomes.get(name, Outcome())),
        )


def _hosts(facts: Facts, window: Window) -> Iterable[Row]:
    """A row for every host with a community, a page or a claim, by id."""
    for name in sorted({*facts.founded, *facts.host_pages, *facts.host_outcomes}):
        places, founded = facts.host_places.get(name, {}), facts.founded.get(name)
        age = window.until - founded if founded else None
        yield Row(
            side=Side.HOST,
            party_id=name,
            group=_age_group(age),
            days=age.days if age is not None else None,
            is_newcomer=name not in facts.records,
            pages=facts.host_pages.get(name, 0),
            places=sum(places.values()),
            exposure=exposure_of(places),
            **_outcome(facts.host_outcomes.get(name, Outcome())),
        )


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "claims": outcome.claims,
        "packs": outcome.packs,
        "settled": outcome.settled,
        "subsidy": outcome.subsidy,
    }


def _age_group(age: timedelta | None) -> Group:
    if age is None:
        return Group.UNKNOWN
    if age <= NEW_FOR:
        return Group.NEW
    return Group.YOUNG if age <= YOUNG_FOR else Group.OLD


def _side(side: Side, rows: Sequence[Row]) -> SideFigures:
    spread = {
        "exposure": [row.exposure for row in rows],
        "claims": [row.claims for row in rows],
        "subsidy": [row.subsidy for row in rows],
    }
    return SideFigures(
        total=_figures(rows),
        groups={
            group.value: _figures([row for row in rows if row.group is group])
            for group in GROUPS[side]
        },
        gini={name: round(gini(amounts), 6) for name, amounts in spread.items()},
        lorenz={name: lorenz(amounts) for name, amounts in spread.items()},
    )


def _figures(rows: Sequence[Row]) -> Figures:
    return Figures(
        parties=len(rows),
        shown=sum(row.places > 0 for row in rows),
        with_nothing=sum(not row.claims for row in rows),
        places=sum(row.places for row in rows),
        exposure=sum(row.exposure for row in rows),
        claims=sum(row.claims for row in rows),
        packs=sum(row.packs for row in rows),
        settled=sum(row.settled for row in rows),
        subsidy=sum(row.subsidy for row in rows),
    )


def _newcomers(hosts: Sequence[Row], facts: Facts) -> Newcomers:
    all_of, new = _figures(hosts), _figures([row for row in hosts if row.is_newcomer])
    return Newcomers(
        hosts=new.parties,
        share_of_hosts=share(new.parties, all_of.parties),
        share_of_places=share(new.places, all_of.places),
        share_of_claims=share(new.claims, all_of.claims),
        share_of_packs=share(new.packs, all_of.packs),
        packs_kept=facts.packs_kept,
        packs_listed=sum(listing.packs for listing in facts.listed.values()),
    )


def share(part: int, whole: int) -> int:
    """Basis points of the whole, rounded down; 0 of nothing."""
    return WHOLE * part // whole if whole else 0
