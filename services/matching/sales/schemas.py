"""The JSON of sales and refunds."""

from __future__ import annotations

from marshmallow import fields, validate

from chassis.web.schemas import (
    IdField,
    Moment,
    MoneySchema,
    PositiveMoneySchema,
    Reply,
    Request,
    StrictInteger,
    page_of,
)

MOST_UNITS = 100_000


class RecordSaleSchema(Request):
    """Body of ``POST /v1/gatherings/{id}/sales``.

    At a kit's gathering ``lot_id`` names the goods sold. Without it a place is sold, with goods
    of every lot: what each of their brands allows must hold.
    """

    ticket_id = IdField("tkt", load_default=None, allow_none=True)
    units = StrictInteger(required=True, validate=validate.Range(min=1, max=MOST_UNITS))
    amount = fields.Nested(PositiveMoneySchema, required=True)
    lot_id = IdField("lot", load_default=None, allow_none=True)


class RequestRefundSchema(Request):
    """Body of ``POST /v1/gatherings/{id}/sales/{sale_id}/refunds``; no reason is asked for.

    Of several lots ``lot_id`` names the one whose packs come back.
    """

    amount = fields.Nested(PositiveMoneySchema, required=True)
    packs_returned = StrictInteger(load_default=0, validate=validate.Range(min=0, max=MOST_UNITS))
    lot_id = IdField("lot", load_default=None, allow_none=True)


class RefundSchema(Reply):
    """Money of a sale that goes back."""

    id = fields.String(required=True)
    state = fields.String(required=True)
    amount = fields.Nested(MoneySchema, required=True)
    packs_returned = fields.Integer(required=True)
    lot_id = fields.String(allow_none=True)
    requested_at = Moment(required=True)
    code = fields.String(allow_none=True)
    detail = fields.String(allow_none=True)


class SaleSchema(Reply):
    """A sale, and what may still be refunded of it."""

    id = fields.String(required=True)
    gathering_id = fields.String(required=True)
    ticket_id = fields.String(allow_none=True)
    units = fields.Integer(required=True)
    amount = fields.Nested(MoneySchema, required=True)
    rest = fields.Nested(MoneySchema, required=True)
    sold_by = fields.String(required=True)
    sold_at = Moment(required=True)
    refunds = fields.List(fields.Nested(RefundSchema), required=True)


SalePage = page_of(SaleSchema, "SalePage")
