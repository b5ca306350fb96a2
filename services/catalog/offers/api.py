"""Subsidy offers over HTTP: parse, call one use case or query, dump."""

from __future__ import annotations

from typing import Any

from chassis.auth import principal
from chassis.kernel.ids import Ids
from chassis.kernel.time import Clock
from chassis.permissions import Permission
from chassis.web import Blueprint, needs, page, position_of, tagged
from chassis.web.schemas import PageQuery
from services.catalog.offers.domain import SubsidyOffer
from services.catalog.offers.queries import OfferLists
from services.catalog.offers.schemas import OfferPage, OpenOfferSchema, SubsidyOfferSchema
from services.catalog.offers.use_cases import (
    CloseOffer,
    Offers,
    OpenOffer,
    close_offer,
    open_offer,
)


def offers_blueprint(offers: Offers, lists: OfferLists, ids: Ids, clock: Clock) -> Blueprint:
    """Routes under ``/v1/offers``."""
    blueprint = Blueprint(
        "offers", __name__, url_prefix="/v1/offers", description="Subsidies per gathering"
    )

    @blueprint.post("")
    @needs(Permission.CATALOG_OFFER_OPEN)
    @blueprint.arguments(OpenOfferSchema)
    @blueprint.response(201, SubsidyOfferSchema)
    def open_offer_view(body: dict[str, Any]) -> SubsidyOffer:
        """Promise a subsidy for every gathering held with the brand's lots."""
        command = OpenOffer(brand_id=principal().organization_id, **body)
        return tagged(open_offer(command, offers=offers, ids=ids, now=clock()))

    @blueprint.get("")
    @blueprint.arguments(PageQuery, location="query")
    @blueprint.response(200, OfferPage)
    def list_offers_view(query: dict[str, Any]) -> dict[str, Any]:
        """The subsidy offers of the caller's organisation."""
        limit = query["limit"]
        rows = lists.of_brand(
            principal().organization_id, after=position_of(query["cursor"]), limit=limit + 1
        )
        return page(rows, limit=limit, position=lambda row: str(row["id"]))

    @blueprint.get("/<offer_id>")
    @blueprint.response(200, SubsidyOfferSchema)
    def read_offer_view(offer_id: str) -> SubsidyOffer:
        """A subsidy offer, whoever made it: hosts must see what they claim."""
        return tagged(offers.get(offer_id))

    @blueprint.post("/<offer_id>/closures")
    @needs(Permission.CATALOG_OFFER_OPEN)
    @blueprint.response(201, SubsidyOfferSchema)
    def close_offer_view(offer_id: str) -> SubsidyOffer:
        """Take no more claims; those made keep their subsidy."""
        command = CloseOffer(offer_id=offer_id, brand_id=principal().organization_id)
        return tagged(close_offer(command, offers=offers, now=clock()))

    return blueprint
