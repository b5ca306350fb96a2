"""Searches over HTTP: parse, ask, dump."""

from __future__ import annotations

import re
from typing import Any

from chassis.kernel.time import Clock
from chassis.web import Blueprint, internal, keyless, page, position_of, untransacted
from chassis.web.pages import CursorMalformed
from services.catalog.search.domain import Order, Position
from services.catalog.search.queries import LotFinder
from services.catalog.search.schemas import (
    LotSearchPage,
    LotSearchQuery,
    RemadeSchema,
    RemakeListingsSchema,
)
from services.catalog.search.use_cases import Listings, Remade

_POSITION = re.compile(r"(?P<order>[a-z]+) (?P<value>.*) (?P<lot_id>lot_[0-9a-z]+)", re.DOTALL)
_NUMBER = re.compile("[0-9]{1,18}")


def search_blueprint(finder: LotFinder, clock: Clock) -> Blueprint:
    """Routes under ``/v1/lots/search``."""
    blueprint = Blueprint(
        "search", __name__, url_prefix="/v1/lots/search", description="Finding lots"
    )

    @blueprint.get("")
    @blueprint.arguments(LotSearchQuery, location="query")
    @blueprint.response(200, LotSearchPage)
    def search_lots_view(query: dict[str, Any]) -> dict[str, Any]:
        """Lots on offer that fit, and how they divide."""
        search, limit = query["search"], query["limit"]
        after = _after(query["cursor"], search.order)
        found = finder.find(search, after=after, limit=limit + 1, at=clock())
        answer = page(
            found.rows,
            limit=limit,
            position=lambda row: f"{search.order} {row['value']} {row['id']}",
        )
        return answer | {"facets": found.facets}

    return blueprint


def listings_blueprint(listings: Listings) -> Blueprint:
    """The route ``/internal/listings``, for ``teahouse listings rebuild``."""
    blueprint = Blueprint(
        "listings", __name__, url_prefix="/internal/listings", description="What searches read"
    )

    @blueprint.post("")
    @internal
    @keyless
    @untransacted
    @blueprint.arguments(RemakeListingsSchema)
    @blueprint.response(200, RemadeSchema)
    def remake_listings_view(body: dict[str, Any]) -> Remade:
        """Make the listings of the next lots anew; repeating it does no harm."""
        return listings.make_anew(body["after"], limit=body["limit"])

    return blueprint


def _after(cursor: str | None, order: Order) -> Position | None:
    """Where the page before ended; raise ``CursorMalformed`` for that of another order."""
    position = position_of(cursor)
    if position is None:
        return None
    found = _POSITION.fullmatch(position)
    if found and found["order"] == order:
        if order is Order.NAME:
            return Position(found["value"], found["lot_id"])
        if _NUMBER.fullmatch(found["value"]):
            return Position(int(found["value"]), found["lot_id"])
    raise CursorMalformed(f"not a cursor of this search: {position[:40]!r}")
