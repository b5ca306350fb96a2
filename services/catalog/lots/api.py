"""Lots over HTTP: parse, call one use case or query, dump."""

from __future__ import annotations

from typing import Any

from chassis.auth import principal
from chassis.kernel.ids import Ids
from chassis.kernel.time import Clock
from chassis.permissions import Permission
from chassis.web import Blueprint, needs, number_of, page, position_of, tagged
from chassis.web.schemas import PageQuery
from services.catalog.lots.domain import Goods
from services.catalog.lots.queries import LotLists
from services.catalog.lots.schemas import (
    CorrectCountSchema,
    LotPage,
    PublishLotSchema,
    StockEntryPage,
    StockLotSchema,
    lot_reply,
)
from services.catalog.lots.use_cases import (
    CloseLot,
    CorrectCount,
    Lots,
    PublishLot,
    close_lot,
    correct_count,
    own_lot,
    publish_lot,
)


def lots_blueprint(lots: Lots, lists: LotLists, ids: Ids, clock: Clock) -> Blueprint:
    """Routes under ``/v1/lots``."""
    blueprint = Blueprint("lots", __name__, url_prefix="/v1/lots", description="Surplus lots")

    @blueprint.post("")
    @needs(Permission.CATALOG_LOT_PUBLISH)
    @blueprint.arguments(PublishLotSchema)
    @blueprint.response(201, StockLotSchema)
    def publish_lot_view(body: Goods) -> dict[str, Any]:
        """Offer surplus goods to hosts, in packs."""
        command, now = PublishLot(brand_id=principal().organization_id, goods=body), clock()
        return lot_reply(tagged(publish_lot(command, lots=lots, ids=ids, now=now)), now=now)

    @blueprint.get("")
    @blueprint.arguments(PageQuery, location="query")
    @blueprint.response(200, LotPage)
    def list_lots_view(query: dict[str, Any]) -> dict[str, Any]:
        """The lots of the caller's organisation."""
        limit = query["limit"]
        rows = lists.of_brand(
            principal().organization_id, after=position_of(query["cursor"]), limit=limit + 1
        )
        return page(rows, limit=limit, position=lambda row: str(row["id"]))

    @blueprint.get("/<lot_id>")
    @blueprint.response(200, StockLotSchema)
    def read_lot_view(lot_id: str) -> dict[str, Any]:
        """A lot, whoever published it: hosts must see what they claim."""
        return lot_reply(tagged(lots.get(lot_id)), now=clock())

    @blueprint.post("/<lot_id>/closures")
    @needs(Permission.CATALOG_LOT_PUBLISH)
    @blueprint.response(201, StockLotSchema)
    def close_lot_view(lot_id: str) -> dict[str, Any]:
        """Withdraw a lot; what hosts have reserved stays theirs."""
        command, now = CloseLot(lot_id=lot_id, brand_id=principal().organization_id), clock()
        return lot_reply(tagged(close_lot(command, lots=lots, now=now)), now=now)

    @blueprint.post("/<lot_id>/adjustments")
    @needs(Permission.CATALOG_LOT_PUBLISH)
    @blueprint.arguments(CorrectCountSchema)
    @blueprint.response(201, StockLotSchema)
    def correct_count_view(body: dict[str, Any], lot_id: str) -> dict[str, Any]:
        """Book the difference that counting the goods found."""
        brand_id, now = principal().organization_id, clock()
        command = CorrectCount(lot_id=lot_id, brand_id=brand_id, **body)
        return lot_reply(tagged(correct_count(command, lots=lots, now=now)), now=now)

    @blueprint.get("/<lot_id>/stock-entries")
    @blueprint.arguments(PageQuery, location="query")
    @blueprint.response(200, StockEntryPage)
    def list_stock_entries_view(query: dict[str, Any], lot_id: str) -> dict[str, Any]:
        """The journal of one of the caller's lots; its sums are the lot's packs."""
        own_lot(lot_id, principal().organization_id, lots=lots)
        limit = query["limit"]
        rows = lists.journal(lot_id, after=number_of(query["cursor"]), limit=limit + 1)
        return page(rows, limit=limit, position=lambda row: str(row["number"]))

    return blueprint
