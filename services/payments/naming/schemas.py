"""The JSON of naming rights."""

from __future__ import annotations

from marshmallow import fields, validate

from chassis.web.schemas import (
    IdField,
    MoneySchema,
    PositiveMoneySchema,
    Reply,
    Request,
    StrictInteger,
)


class NamingTermsSchema(Request):
    """Basis points of host and platform."""

    host = StrictInteger(required=True, validate=validate.Range(min=0, max=10_000))
    platform = StrictInteger(required=True, validate=validate.Range(min=0, max=10_000))


class BuyNamingRightsSchema(Request):
    """Body of ``POST /v1/naming-rights``."""

    host_id = IdField("org", required=True)
    price = fields.Nested(PositiveMoneySchema, required=True)
    gatherings = StrictInteger(required=True, validate=validate.Range(min=1, max=1000))
    terms = fields.Nested(NamingTermsSchema, required=True)


class NamingRightsReply(Reply):
    """A package: what was paid, what was earned, by which gatherings."""

    id = fields.String()
    brand_id = fields.String()
    host_id = fields.String()
    price = fields.Nested(MoneySchema)
    gatherings = fields.Integer()
    terms = fields.Dict(keys=fields.String(), values=fields.Integer())
    state = fields.String()
    booked = fields.Nested(MoneySchema)
    earned_amount = fields.Nested(MoneySchema)
    earned = fields.List(fields.String())
    is_usable = fields.Boolean()
