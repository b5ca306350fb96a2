"""The JSON of claims."""

from __future__ import annotations

from marshmallow import fields, validate

from chassis.web.schemas import (
    IdField,
    Moment,
    MoneySchema,
    PageQuery,
    Reply,
    Request,
    StrictInteger,
    page_of,
)
from services.matching.claims.domain import Channel, Status

MOST_PACKS = 10_000
MOST_OFFERS = 20


class RequestClaimSchema(Request):
    """Body of ``POST /v1/claims``."""

    lot_id = IdField("lot", required=True)
    offer_id = IdField("off", required=True)
    community_id = IdField("com", required=True)
    packs = StrictInteger(required=True, validate=validate.Range(min=1, max=MOST_PACKS))
    channel = fields.Enum(Channel, by_value=True, load_default=Channel.GATHERING)


class RequestKitSchema(Request):
    """Body of ``POST /v1/claims/kits``: the kit, the terms that are agreed to, the offers."""

    kit_id = IdField("kit", required=True)
    terms_digest = fields.String(required=True, validate=validate.Length(min=1, max=128))
    community_id = IdField("com", required=True)
    offer_ids = fields.List(
        IdField("off"), load_default=list, validate=validate.Length(max=MOST_OFFERS)
    )


class EligibilityQuery(Request):
    """The claim that is thought of: the offer, for whom, how much, and how they get it."""

    offer_id = IdField("off", required=True)
    community_id = IdField("com", required=True)
    packs = fields.Integer(load_default=1, validate=validate.Range(min=1, max=MOST_PACKS))
    channel = fields.Enum(Channel, by_value=True, load_default=Channel.GATHERING)


class MetClauseSchema(Reply):
    """One condition of an offer in CEL, and what it asks for."""

    name = fields.String(required=True)
    when = fields.String(required=True)
    en = fields.String(required=True)
    zh = fields.String(required=True)


class JudgedClauseSchema(MetClauseSchema):
    """A condition, and whether the claim would meet it."""

    passes = fields.Boolean(required=True)


class EligibilitySchema(Reply):
    """Whether the claim meets every condition, and each of them."""

    eligible = fields.Boolean(required=True)
    clauses = fields.List(fields.Nested(JudgedClauseSchema), required=True)


class ClaimFactsSchema(Reply):
    """What the conditions looked at when the claim was made."""

    community_size = fields.Integer(required=True)
    city = fields.String(required=True)
    tags = fields.List(fields.String(), required=True)
    settled_gatherings = fields.Integer(required=True)
    packs = fields.Integer(required=True)
    channel = fields.String(required=True)


class ClaimsQuery(PageQuery):
    """Which claims, and which page of them."""

    status = fields.String(
        load_default=None, validate=validate.OneOf([status.value for status in Status])
    )


class GoodsSchema(Reply):
    """Packs of one lot."""

    lot_id = fields.String(required=True)
    brand_id = fields.String(required=True)
    packs = fields.Integer(required=True)


class SubsidySchema(Reply):
    """What one offer pays, and its conditions then, all of which the claim met."""

    offer_id = fields.String(required=True)
    amount = fields.Nested(MoneySchema, required=True)
    met = fields.List(fields.Nested(MetClauseSchema), required=True)


class AgreedKitSchema(Reply):
    """A kit as its brands signed it; shares and royalties are basis points."""

    id = fields.String(required=True)
    title = fields.String(required=True)
    price = fields.Nested(MoneySchema, required=True)
    terms_digest = fields.String(required=True)
    cartridge_digest = fields.String(required=True)
    capacity = fields.Integer(required=True)
    equipment = fields.List(fields.String(), required=True)
    brand_shares = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    royalties = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)


class ClaimSchema(Reply):
    """A claim, as its host and the brands see it; of a kit, lot and offer are null."""

    id = fields.String(required=True)
    status = fields.String(required=True)
    kit = fields.Nested(AgreedKitSchema, required=True, allow_none=True)
    goods = fields.List(fields.Nested(GoodsSchema), required=True)
    subsidies = fields.List(fields.Nested(SubsidySchema), required=True)
    lot_id = fields.String(required=True, allow_none=True)
    offer_id = fields.String(required=True, allow_none=True)
    brand_id = fields.String(required=True)
    host_id = fields.String(required=True)
    community_id = fields.String(required=True)
    packs = fields.Integer(required=True)
    region = fields.String(required=True)
    channel = fields.String(required=True)
    facts = fields.Nested(ClaimFactsSchema, required=True, allow_none=True)
    subsidy = fields.Nested(MoneySchema, required=True)
    base_subsidy = fields.Nested(MoneySchema, required=True)
    urgency_basis_points = fields.Integer(required=True)
    min_checked_in = fields.Integer(required=True)
    terms = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    requested_at = Moment(required=True)
    decided_at = Moment(allow_none=True)
    reservation_id = fields.String(allow_none=True)
    refusal_code = fields.String(allow_none=True)
    refusal_detail = fields.String(allow_none=True)
    gathering_id = fields.String(allow_none=True)


ClaimPage = page_of(ClaimSchema, "ClaimPage")
