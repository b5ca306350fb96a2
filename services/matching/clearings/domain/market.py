"""The market of a clearing, put together from what hosts may claim now."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from services.matching.clearings.engine.market import Market, Whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A lot that a host may claim at this moment, and what that is worth in milli-points.

    ``value`` is what is cleared by: how much the host wants it, or that times how likely the
    brand accepts her, where ``brand_accepts`` says so in thousandths.
    ``shelf`` is the part of the lot that she would take from: what the market calls a lot.
    ``subsidy`` is what a claim would get, in minor units of ``currency``; ``host_left`` is
    what the offer's cap leaves for her, None without one.
    """

    host_id: str
    lot_id: str
    shelf: str
    brand_id: str
    offer_id: str
    title: str
    value: int
    subsidy: int
    currency: str
    host_wants: int
    brand_accepts: int | None = None
    host_left: int | None = None


class Asker(NamedTuple):
    """A host in the market: how many claims she may take on, and whether she has a record."""

    capacity: int
    has_record: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """All that a market is made of: hosts, packs free by shelf, money left by brand.

    ``candidates`` lie in the order of the market's edges, valued by the ``model`` of that
    version. ``hosts_full`` counts the hosts left out, for they can take on no more claims.
    ``counted`` is the demand of lots that lists have counted for some days until now, in
    micro-points.
    """

    askers: Mapping[str, Asker]
    packs: Mapping[str, int]
    money: Mapping[str, int]
    candidates: Sequence[Candidate]
    model: str
    hosts_full: int = 0
    counted: Mapping[str, int] = field(default_factory=dict)

    @property
    def lot_of(self) -> dict[str, str]:
        """The lot that each shelf is a part of."""
        return {each.shelf: each.lot_id for each in self.candidates}


def within_caps(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Those that a host can have all together by what each offer's cap leaves for her.

    Best first: the market knows no cap of one host at one brand, so what would go over it
    is not put up at all.
    """
    spent: Counter[tuple[str, str]] = Counter()
    kept = []
    for each in sorted(candidates, key=lambda one: (-one.value, one.lot_id)):
        key = (each.host_id, each.offer_id)
        if each.host_left is not None:
            if spent[key] + each.subsidy > each.host_left:
                continue
            spent[key] += each.subsidy
        kept.append(each)
    return kept


def market_of(gathered: Gathered) -> Market:
    """The market of these candidates, the same for the same; no budgets where none binds."""
    hosts = tuple(sorted(gathered.askers))
    lots = tuple(sorted(gathered.packs))
    brand_of = {each.shelf: each.brand_id for each in gathered.candidates}
    brands = tuple(sorted(set(brand_of.values())))
    place = {name: number for names in (hosts, lots, brands) for number, name in enumerate(names)}
    edges = gathered.candidates
    return Market(
        hosts=hosts,
        lots=lots,
        brands=brands,
        capacity=_whole(gathered.askers[host].capacity for host in hosts),
        units=_whole(gathered.packs[lot] for lot in lots),
        brand_of=_whole(place[brand_of[lot]] for lot in lots),
        edge_host=_whole(place[each.host_id] for each in edges),
        edge_lot=_whole(place[each.shelf] for each in edges),
        value=_whole(each.value for each in edges),
        cost=_whole(each.subsidy for each in edges),
        budget=_budgets(gathered, brands),
        **_sides(edges),
    )


def digest(market: Market) -> str:
    """SHA-256 over everything that is solved: equal for equal markets."""
    whole = hashlib.sha256()
    for names in (market.hosts, market.lots, market.brands):
        whole.update("\n".join(names).encode() + b"\0")
    arrays = ("capacity", "units", "brand_of", "edge_host", "edge_lot", "value", "cost", "budget")
    sides = ("host_value", "brand_value") if market.brand_value is not None else ()
    for name in (*arrays, *sides):
        numbers = getattr(market, name)
        whole.update(name.encode() + b"\0")
        whole.update(b"" if numbers is None else numbers.astype("<i8").tobytes())
    return f"sha256:{whole.hexdigest()}"


def _sides(edges: Sequence[Candidate]) -> dict[str, Whole]:
    """What each side alone makes of the edges, where both were asked."""
    accepted = [each.brand_accepts for each in edges if each.brand_accepts is not None]
    if not edges or len(accepted) < len(edges):
        return {}
    return {
        "host_value": _whole(each.host_wants for each in edges),
        "brand_value": _whole(accepted),
    }


def _budgets(gathered: Gathered, brands: Collection[str]) -> Whole | None:
    """Money left by brand; None where every brand could pay all that is asked of it."""
    asked: Counter[str] = Counter()
    for each in gathered.candidates:
        asked[each.brand_id] += each.subsidy
    if all(asked[brand] <= gathered.money[brand] for brand in brands):
        return None
    return _whole(gathered.money[brand] for brand in brands)


def _whole(numbers: Iterable[int]) -> Whole:
    return np.array(list(numbers), np.int64)
