"""The JSON of naming rights."""

from __future__ import annotations

from marshmallow import fields, validate

from chassis.web.schemas import (
    EventSchema,
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
    """A package: what was paid, what was earned and is reserved, by which gatherings."""

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
    reserved = fields.List(fields.String())
    is_usable = fields.Boolean()


class GatheringPlannedSchema(EventSchema):
    """``matching.gathering.planned.v1``."""

    gathering_id = fields.String(required=True)
    host_id = fields.String(required=True)
    naming_rights_id = fields.String(allow_none=True, load_default=None)


class GatheringEndedSchema(EventSchema):
    """``matching.gathering.settled.v1``, ``refused.v1`` and ``cancelled.v1``."""

    gathering_id = fields.String(required=True)
