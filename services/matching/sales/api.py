"""The till of a gathering over HTTP: parse, call one use case or query, dump."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chassis.auth import principal
from chassis.kernel.ids import Ids
from chassis.kernel.time import Clock
from chassis.permissions import Permission
from chassis.web import Blueprint, needs, page, position_of, tagged
from chassis.web.schemas import PageQuery
from services.matching.attendance.use_cases import Tickets
from services.matching.claims.use_cases import Sagas
from services.matching.gatherings.domain import Actor
from services.matching.gatherings.use_cases import Gatherings, of_party
from services.matching.offers.use_cases import OfferBook
from services.matching.sales.domain import Sale
from services.matching.sales.queries import SaleLists
from services.matching.sales.schemas import (
    RecordSaleSchema,
    RequestRefundSchema,
    SalePage,
    SaleSchema,
)
from services.matching.sales.use_cases import (
    RecordSale,
    RequestRefund,
    Sales,
    record_sale,
    refund_sale,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Till:
    """What these routes work with."""

    gatherings: Gatherings
    tickets: Tickets
    sales: Sales
    lists: SaleLists
    book: OfferBook
    sagas: Sagas
    clock: Clock
    ids: Ids


def sales_blueprint(till: Till) -> Blueprint:
    """Routes under ``/v1/gatherings/{id}/sales``."""
    blueprint = Blueprint(
        "sales",
        __name__,
        url_prefix="/v1/gatherings/<gathering_id>/sales",
        description="Sales of a gathering, and what goes back",
    )

    @blueprint.post("")
    @needs(Permission.MATCHING_GATHERING_RUN)
    @blueprint.arguments(RecordSaleSchema)
    @blueprint.response(201, SaleSchema)
    def record_sale_view(body: dict[str, Any], gathering_id: str) -> Sale:
        """Note what a guest, or anybody, bought at an open gathering."""
        command = RecordSale(
            gathering_id=gathering_id, organization_id=principal().organization_id, **body
        )
        return tagged(
            record_sale(
                command,
                gatherings=till.gatherings,
                tickets=till.tickets,
                sales=till.sales,
                book=till.book,
                ids=till.ids,
                now=till.clock(),
            )
        )

    @blueprint.get("")
    @needs(Permission.MATCHING_GATHERING_READ)
    @blueprint.arguments(PageQuery, location="query")
    @blueprint.response(200, SalePage)
    def list_sales_view(query: dict[str, Any], gathering_id: str) -> dict[str, Any]:
        """The sales of a gathering the caller has any part in."""
        of_party(gathering_id, _actor(), gatherings=till.gatherings)
        limit = query["limit"]
        rows = till.lists.of_gathering(
            gathering_id, after=position_of(query["cursor"]), limit=limit + 1
        )
        return page(rows, limit=limit, position=lambda row: str(row["id"]))

    @blueprint.get("/<sale_id>")
    @needs(Permission.MATCHING_GATHERING_READ)
    @blueprint.response(200, SaleSchema)
    def read_sale_view(gathering_id: str, sale_id: str) -> Sale:
        """A sale of a gathering the caller has any part in."""
        of_party(gathering_id, _actor(), gatherings=till.gatherings)
        return tagged(till.sales.get(gathering_id, sale_id))

    @blueprint.post("/<sale_id>/refunds")
    @blueprint.arguments(RequestRefundSchema)
    @blueprint.response(201, SaleSchema)
    def refund_sale_view(body: dict[str, Any], gathering_id: str, sale_id: str) -> Sale:
        """Give money back, and packs with it: the hosts or the platform, no questions asked."""
        command = RequestRefund(gathering_id=gathering_id, sale_id=sale_id, by=_actor(), **body)
        return tagged(
            refund_sale(
                command,
                gatherings=till.gatherings,
                sales=till.sales,
                sagas=till.sagas,
                ids=till.ids,
                now=till.clock(),
            )
        )

    return blueprint


def _actor() -> Actor:
    caller = principal()
    return Actor(caller.organization_id, caller.is_platform)
