"""Shipments over HTTP: parse, call one use case or query, dump."""

from __future__ import annotations

from typing import Any

from chassis.auth import principal
from chassis.kernel.ids import Ids
from chassis.kernel.time import Clock
from chassis.permissions import Permission
from chassis.web import Blueprint, needs, page, position_of, tagged
from chassis.web.schemas import PageQuery
from services.catalog.lots.use_cases import Lots
from services.catalog.shipments.domain import Parcel, Shipment
from services.catalog.shipments.queries import ShipmentLists
from services.catalog.shipments.schemas import (
    DecideSchema,
    DispatchSchema,
    ReceiptSchema,
    SendBackSchema,
    ShipmentPage,
    ShipmentSchema,
)
from services.catalog.shipments.use_cases import (
    DecideShipment,
    DispatchShipment,
    ReceiveShipment,
    SendBack,
    Shipments,
    decide_shipment,
    dispatch_shipment,
    exchange_goods,
    of_party,
    receive_shipment,
    return_goods,
)
from services.catalog.stock.use_cases import Stock


def shipments_blueprint(
    shipments: Shipments, lists: ShipmentLists, lots: Lots, stock: Stock, ids: Ids, clock: Clock
) -> Blueprint:
    """Routes under ``/v1/shipments``."""
    blueprint = Blueprint(
        "shipments", __name__, url_prefix="/v1/shipments", description="Goods on their way"
    )

    @blueprint.get("")
    @blueprint.arguments(PageQuery, location="query")
    @blueprint.response(200, ShipmentPage)
    def list_shipments_view(query: dict[str, Any]) -> dict[str, Any]:
        """The shipments from or to the caller's organisation."""
        limit = query["limit"]
        rows = lists.of_party(
            principal().organization_id, after=position_of(query["cursor"]), limit=limit + 1
        )
        return page(rows, limit=limit, position=lambda row: str(row["id"]))

    @blueprint.get("/<shipment_id>")
    @blueprint.response(200, ShipmentSchema)
    def read_shipment_view(shipment_id: str) -> Shipment:
        """A shipment of which the caller's organisation is the brand or the host."""
        return tagged(of_party(shipment_id, principal().organization_id, shipments=shipments))

    @blueprint.post("/<shipment_id>/dispatches")
    @needs(Permission.CATALOG_SHIPMENT_DISPATCH)
    @blueprint.arguments(DispatchSchema)
    @blueprint.response(201, ShipmentSchema)
    def dispatch_shipment_view(body: Parcel, shipment_id: str) -> Shipment:
        """Say that the goods have left, and what was packed."""
        brand_id = principal().organization_id
        command = DispatchShipment(shipment_id=shipment_id, brand_id=brand_id, parcel=body)
        return tagged(dispatch_shipment(command, shipments=shipments, lots=lots, now=clock()))

    @blueprint.post("/<shipment_id>/decisions")
    @needs(Permission.CATALOG_SHIPMENT_DISPATCH)
    @blueprint.arguments(DecideSchema)
    @blueprint.response(201, ShipmentSchema)
    def decide_shipment_view(body: dict[str, str], shipment_id: str) -> Shipment:
        """Say, within 72 hours, what becomes of goods whose lot closed before they could leave.

        Sent, they go to the host. Kept, the packs are the lot's again and the claim ends.
        """
        command = DecideShipment(
            shipment_id=shipment_id,
            brand_id=principal().organization_id,
            is_sent=body["decision"] == "send",
        )
        return tagged(
            decide_shipment(command, shipments=shipments, lots=lots, stock=stock, now=clock())
        )

    @blueprint.post("/<shipment_id>/receipts")
    @needs(Permission.CATALOG_SHIPMENT_RECEIVE)
    @blueprint.arguments(ReceiptSchema)
    @blueprint.response(201, ShipmentSchema)
    def receive_shipment_view(body: dict[str, Any], shipment_id: str) -> Shipment:
        """Count what came; what did not come as described is credited."""
        host_id = principal().organization_id
        command = ReceiveShipment(shipment_id=shipment_id, host_id=host_id, **body)
        return tagged(receive_shipment(command, shipments=shipments, now=clock()))

    @blueprint.post("/<shipment_id>/returns")
    @needs(Permission.CATALOG_SHIPMENT_RECEIVE)
    @blueprint.arguments(SendBackSchema)
    @blueprint.response(201, ShipmentSchema)
    def return_goods_view(body: dict[str, Any], shipment_id: str) -> Shipment:
        """Give packs back within seven days of their receipt, no reason asked."""
        host_id = principal().organization_id
        command = SendBack(shipment_id=shipment_id, host_id=host_id, **body)
        return tagged(
            return_goods(command, shipments=shipments, stock=stock, ids=ids, now=clock())
        )

    @blueprint.post("/<shipment_id>/exchanges")
    @needs(Permission.CATALOG_SHIPMENT_RECEIVE)
    @blueprint.arguments(SendBackSchema)
    @blueprint.response(201, ShipmentSchema)
    def exchange_goods_view(body: dict[str, Any], shipment_id: str) -> Shipment:
        """Give packs back for others of the lot; answers the shipment that brings those."""
        host_id = principal().organization_id
        command = SendBack(shipment_id=shipment_id, host_id=host_id, **body)
        return tagged(
            exchange_goods(command, shipments=shipments, stock=stock, ids=ids, now=clock())
        )

    return blueprint
