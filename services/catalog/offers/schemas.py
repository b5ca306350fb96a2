"""The JSON of subsidy offers."""

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
from services.catalog.offers.domain import ROLES, WHOLE

MOST_PEOPLE = 5000


class ShareTermsSchema(Request):
    """Each role's share of takings in basis points; together 10,000."""

    brand = StrictInteger(required=True, validate=validate.Range(min=0, max=WHOLE))
    host = StrictInteger(required=True, validate=validate.Range(min=0, max=WHOLE))
    venue = StrictInteger(required=True, validate=validate.Range(min=0, max=WHOLE))
    co_host = StrictInteger(required=True, validate=validate.Range(min=0, max=WHOLE))
    platform = StrictInteger(required=True, validate=validate.Range(min=0, max=WHOLE))
    author = StrictInteger(required=True, validate=validate.Range(min=0, max=WHOLE))


class OpenOfferSchema(Request):
    """Body of ``POST /v1/offers``."""

    subsidy = fields.Nested(PositiveMoneySchema, required=True)
    min_checked_in = StrictInteger(required=True, validate=validate.Range(min=1, max=MOST_PEOPLE))
    total_cap = fields.Nested(PositiveMoneySchema, required=True)
    terms = fields.Nested(ShareTermsSchema, required=True)
    opens_at = Moment(load_default=None, allow_none=True)
    closes_at = Moment(required=True)


class SubsidyOfferSchema(Reply):
    """A subsidy offer."""

    id = IdField("off", required=True)
    brand_id = IdField("org", required=True)
    subsidy = fields.Nested(MoneySchema, required=True)
    min_checked_in = fields.Integer(required=True)
    total_cap = fields.Nested(MoneySchema, required=True)
    terms = fields.Dict(
        keys=fields.String(validate=validate.OneOf(ROLES)), values=fields.Integer(), required=True
    )
    opens_at = Moment(required=True)
    closes_at = Moment(required=True)
    closed = fields.String(required=True, allow_none=True)


OfferPage = page_of(SubsidyOfferSchema, "OfferPage")
