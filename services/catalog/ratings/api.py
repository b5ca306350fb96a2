"""Ratings of cartridges over HTTP: parse, call one use case or query, dump."""

from __future__ import annotations

from typing import Any

from chassis.auth import principal
from chassis.kernel.time import Clock
from chassis.permissions import Permission
from chassis.web import Blueprint, needs, page, position_of, tagged
from chassis.web.schemas import PageQuery
from services.catalog.ratings.domain import Rating
from services.catalog.ratings.queries import Figures
from services.catalog.ratings.schemas import (
    CartridgeRatingPage,
    CartridgeRatingSchema,
    RateCartridgeSchema,
)
from services.catalog.ratings.use_cases import RateCartridge, Ratings, Runs, rate_cartridge


def ratings_blueprint(runs: Runs, ratings: Ratings, figures: Figures, clock: Clock) -> Blueprint:
    """Routes under ``/v1/cartridges/{cartridge_id}/ratings``."""
    blueprint = Blueprint(
        "ratings",
        __name__,
        url_prefix="/v1/cartridges/<cartridge_id>/ratings",
        description="What hosts say who ran it",
    )

    @blueprint.put("/<gathering_id>")
    @needs(Permission.CATALOG_CARTRIDGE_RATE)
    @blueprint.arguments(RateCartridgeSchema)
    @blueprint.response(200, CartridgeRatingSchema)
    def rate_cartridge_view(body: dict[str, Any], cartridge_id: str, gathering_id: str) -> Rating:
        """Rate a cartridge for a settled gathering of yours; change it for 14 days."""
        command = RateCartridge(
            host_id=principal().organization_id,
            cartridge_id=cartridge_id,
            gathering_id=gathering_id,
            **body,
        )
        return tagged(rate_cartridge(command, runs=runs, ratings=ratings, now=clock()))

    @blueprint.get("")
    @blueprint.arguments(PageQuery, location="query")
    @blueprint.response(200, CartridgeRatingPage)
    def list_ratings_view(query: dict[str, Any], cartridge_id: str) -> dict[str, Any]:
        """What hosts wrote of a cartridge, the latest gatherings first."""
        limit, after = query["limit"], position_of(query["cursor"])
        rows = figures.ratings(cartridge_id, after=after, limit=limit + 1)
        return page(rows, limit=limit, position=lambda row: str(row["id"]))

    return blueprint
