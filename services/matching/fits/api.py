"""Fits over HTTP: parse, call one use case, dump."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chassis.auth import principal
from chassis.kernel.time import Clock
from chassis.permissions import Permission
from chassis.web import Blueprint, Rank, keyless, needs, page, rank_of, untransacted
from services.matching.communities.use_cases import Communities
from services.matching.fits.domain import FitsOfAnotherBrand, Thresholds
from services.matching.fits.schemas import (
    DryRunSchema,
    FittingHostPage,
    FittingHostsQuery,
    JourneySchema,
    ThresholdsSchema,
    dry_run_reply,
    host_reply,
    journey_reply,
)
from services.matching.fits.use_cases import (
    Gallery,
    Lineups,
    Supply,
    find_brands,
    find_hosts,
    try_thresholds,
)
from services.matching.offers.use_cases import Ranking
from services.matching.pictures.domain import PictureOfAnother
from services.matching.pictures.use_cases import Past


@dataclass(frozen=True, slots=True, kw_only=True)
class Matchmaker:
    """What these routes work with."""

    communities: Communities
    past: Past
    ranking: Ranking
    supply: Supply
    gallery: Gallery
    lineups: Lineups
    clock: Clock


def fits_blueprint(matchmaker: Matchmaker) -> Blueprint:
    """Routes ``/v1/hosts/{host_id}/brands`` and under ``/v1/brands/{brand_id}``."""
    blueprint = Blueprint(
        "fits",
        __name__,
        url_prefix="/v1",
        description="Which hosts and brands suit each other, for both sides to read",
    )

    @blueprint.get("/hosts/<host_id>/brands")
    @needs(Permission.MATCHING_OFFER_READ)
    @blueprint.response(200, JourneySchema)
    def find_brands_view(host_id: str) -> dict[str, Any]:
        """The brands and venues that fit her people, best first, then lots, kits, cartridges."""
        caller = principal()
        if caller.organization_id != host_id and not caller.is_platform:
            raise PictureOfAnother(f"the access token is not for {host_id}")
        return journey_reply(
            find_brands(
                host_id,
                communities=matchmaker.communities,
                past=matchmaker.past,
                ranking=matchmaker.ranking,
                supply=matchmaker.supply,
                now=matchmaker.clock(),
            )
        )

    @blueprint.get("/brands/<brand_id>/hosts")
    @needs(Permission.MATCHING_FIT_READ)
    @blueprint.arguments(FittingHostsQuery, location="query")
    @blueprint.response(200, FittingHostPage)
    def find_hosts_view(query: dict[str, Any], brand_id: str) -> dict[str, Any]:
        """The hosts whose communities fit the brand's lots, with reasons for both sides."""
        _only_for(brand_id)
        limit = query["limit"]
        found = find_hosts(
            brand_id,
            ranking=matchmaker.ranking,
            gallery=matchmaker.gallery,
            supply=matchmaker.supply,
            lineups=matchmaker.lineups,
            after=rank_of(query["cursor"]),
            limit=limit + 1,
            now=matchmaker.clock(),
        )
        found_page = page(found, limit=limit, position=lambda each: str(Rank(*each.place)))
        return found_page | {"items": [host_reply(each) for each in found_page["items"]]}

    @blueprint.post("/brands/<brand_id>/dry-runs")
    @needs(Permission.MATCHING_FIT_READ)
    @keyless
    @untransacted
    @blueprint.arguments(ThresholdsSchema)
    @blueprint.response(200, DryRunSchema)
    def try_thresholds_view(thresholds: Thresholds, brand_id: str) -> dict[str, Any]:
        """Who would pass these thresholds, and by which of them the others fail."""
        _only_for(brand_id)
        return dry_run_reply(try_thresholds(thresholds, gallery=matchmaker.gallery))

    return blueprint


def _only_for(brand_id: str) -> None:
    """Raise ``FitsOfAnotherBrand`` unless the caller acts for this brand."""
    if principal().organization_id != brand_id:
        raise FitsOfAnotherBrand(f"the access token is not for {brand_id}")
