"""From people to brands and venues, and only then to lots, kits and cartridges; and back."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from cartridges.conditions import ConditionRefused
from services.matching.communities.use_cases import Communities
from services.matching.fits.domain import (
    Assortment,
    DryRun,
    Fit,
    IdleRoom,
    ThresholdInvalid,
    Thresholds,
    dry_run,
    fit,
)
from services.matching.offers.domain import OfferedLot, facts_of
from services.matching.offers.use_cases import Ranking, RankingModel
from services.matching.pictures.domain import Picture
from services.matching.pictures.use_cases import Past, picture_host
from services.matching.supply.domain import CartridgeVersion, Kit
from sharing.eligibility import check_clauses

MOST_LOTS = 200
"""As many of the lots that suit a host best name the brands that are weighed for her."""
MOST_BRANDS = 20
LOTS_TOLD = 3
STRONGEST_TAGS = 20
MOST_WEIGHED = 1_000
"""As many hosts who share a tag, those with the largest communities, are weighed for a brand."""
MOST_TRIED = 5_000


class Supply(Protocol):
    """What can be had, as the catalog told of it."""

    def assortments(self, brand_ids: Iterable[str]) -> dict[str, Assortment]:
        """What each of these brands has on offer, the latest fifty lots of it."""
        ...

    def kits_of(self, brand_ids: Collection[str]) -> list[Kit]:
        """Open kits with goods of these brands, the latest first."""
        ...

    def rooms_in(self, cities: Collection[str], now: datetime) -> list[IdleRoom]:
        """Venues of these tidy cities with slots ahead that nobody has, the earliest first."""
        ...

    def themes_about(self, tags: Collection[str]) -> list[CartridgeVersion]:
        """Published cartridges, each in its latest version, that have one of these tags."""
        ...


class Gallery(Protocol):
    """The pictures of all hosts, as they were last drawn."""

    def sharing(self, tags: Collection[str], *, limit: int) -> list[Picture]:
        """Hosts whose people care about one of these tags, the largest communities first."""
        ...

    def these(self, host_ids: Collection[str]) -> dict[str, Picture]:
        """The pictures of these hosts that were drawn, by id."""
        ...

    def all(self, *, limit: int) -> Iterable[Picture]:
        """Every host with people, in the order of their ids."""
        ...


Lineup = Sequence[tuple[int, str]]
"""Scores and ids of the hosts that fit a brand, best first, as they were weighed."""


class Lineups(Protocol):
    """The lineups that were weighed lately; any of them may be forgotten at any time."""

    def get(self, brand_id: str, *, now: datetime) -> Lineup | None:
        """That of a brand, if it is still known."""
        ...

    def keep(self, brand_id: str, lineup: Lineup, *, now: datetime) -> None:
        """Know this one for a while, in the place of the one before."""
        ...


class FittingBrand(NamedTuple):
    """A brand that fits a host: why, the best of its lots for her, and its kits."""

    fit: Fit
    lots: tuple[OfferedLot, ...]
    kits: tuple[Kit, ...]


class Journey(NamedTuple):
    """All that a host's people lead to."""

    picture: Picture
    brands: list[FittingBrand]
    rooms: list[IdleRoom]
    themes: list[CartridgeVersion]


class FittingHost(NamedTuple):
    """A host that fits a brand: why, the picture that says so, and lots for her, best first.

    ``place`` is hers in the lineup; what is told of her may be of later, and score otherwise.
    """

    place: tuple[int, str]
    fit: Fit
    picture: Picture
    lot_ids: tuple[str, ...]


def find_brands(
    host_id: str,
    *,
    communities: Communities,
    past: Past,
    ranking: Ranking,
    supply: Supply,
    now: datetime,
) -> Journey:
    """The brands and venues that fit a host's people, best first, then what each has for her."""
    picture = picture_host(host_id, communities=communities, past=past)
    model = ranking.model()
    host = facts_of(picture, model.weights, model.kinships)
    # Who fits whom is no matter of what others want more this week.
    best = ranking.best(host, model=model, limit=MOST_LOTS, listed=False, now=now)
    brand_ids = list(dict.fromkeys(ranked.lot.brand_id for ranked in best))[:MOST_BRANDS]
    assortments = supply.assortments(brand_ids)
    weighed = (fit(picture, each, now, weights=model.weights) for each in assortments.values())
    fits = [each for each in weighed if each]
    kits = supply.kits_of([each.brand_id for each in fits]) if fits else []
    strongest = sorted(picture.interests.values(), key=lambda each: (-each.weight, each.tag))
    tags = [each.tag for each in strongest[:STRONGEST_TAGS]]
    return Journey(
        picture,
        [
            _fitting_brand(
                each, assortments[each.brand_id], kits, each.lot_ids(host, now, model.weights)
            )
            for each in sorted(fits, key=lambda each: each.order)
        ],
        supply.rooms_in(picture.reach, now) if picture.reach else [],
        supply.themes_about(tags) if tags else [],
    )


def _fitting_brand(
    found: Fit, assortment: Assortment, kits: Sequence[Kit], lot_ids: Sequence[str]
) -> FittingBrand:
    lots = {lot.id: lot for lot in assortment.lots}
    return FittingBrand(
        found,
        tuple(lots[lot_id] for lot_id in lot_ids[:LOTS_TOLD]),
        tuple(kit for kit in kits if found.brand_id in kit.brand_ids),
    )


class _Weighing(NamedTuple):
    """What all hosts are weighed for a brand with."""

    assortment: Assortment
    gallery: Gallery
    model: RankingModel
    now: datetime

    def lineup(self) -> Lineup:
        """All hosts that share a tag with the brand, weighed."""
        tags = {tag for lot in self.assortment.facts for tag in lot.tags}
        found = (
            (weighed.score, weighed.host_id)
            for picture in (self.gallery.sharing(tags, limit=MOST_WEIGHED) if tags else ())
            if (weighed := self._fit(picture))
        )
        return tuple(sorted(found, key=_order))

    def told(self, lineup: Lineup, *, limit: int) -> list[FittingHost]:
        """The first of these that still fit, in their order, as they are now."""
        found: list[FittingHost] = []
        for first in range(0, len(lineup), limit):
            if len(found) >= limit:
                break
            found += self._fitting(lineup[first : first + limit])
        return found[:limit]

    def _fitting(self, places: Lineup) -> Iterator[FittingHost]:
        pictures = self.gallery.these([host_id for _, host_id in places])
        for place in places:
            picture = pictures.get(place[1])
            weighed = self._fit(picture) if picture else None
            if picture and weighed:
                host = facts_of(picture, self.model.weights, self.model.kinships)
                lot_ids = weighed.lot_ids(host, self.now, self.model.weights)
                yield FittingHost(place, weighed, picture, tuple(lot_ids))

    def _fit(self, picture: Picture) -> Fit | None:
        return fit(picture, self.assortment, self.now, weights=self.model.weights)


def find_hosts(
    brand_id: str,
    *,
    ranking: Ranking,
    gallery: Gallery,
    supply: Supply,
    lineups: Lineups,
    after: tuple[int, str] | None,
    limit: int,
    now: datetime,
) -> list[FittingHost]:
    """The hosts whose communities fit a brand's lots, best first, after a score and host id.

    From the beginning all are weighed; what comes after goes on in that order while it is
    known, so that nobody is passed over or told twice for what changed in between. What is
    told of each is of now, and who fits no more is left out.
    """
    assortment = supply.assortments([brand_id])[brand_id]
    weighing = _Weighing(assortment, gallery, ranking.model(), now)
    lineup = lineups.get(brand_id, now=now) if after else None
    if lineup is None:
        lineup = weighing.lineup()
        lineups.keep(brand_id, lineup, now=now)
    start = bisect_right(lineup, _order(after), key=_order) if after else 0
    return weighing.told(lineup[start:], limit=limit)


def _order(place: tuple[int, str]) -> tuple[int, str]:
    score, host_id = place
    return (-score, host_id)


def try_thresholds(thresholds: Thresholds, *, gallery: Gallery) -> DryRun:
    """Who would pass; nothing is kept. Raise ``ThresholdInvalid`` for a clause of no use."""
    for clause in thresholds.clauses:
        try:
            check_clauses((clause,))
        except ConditionRefused as refusal:
            raise ThresholdInvalid(f"{clause.name}: {refusal}", clause=clause.name) from None
    return dry_run(thresholds, gallery.all(limit=MOST_TRIED))
