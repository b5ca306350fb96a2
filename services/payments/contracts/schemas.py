"""The JSON of share contracts."""

from __future__ import annotations

from marshmallow import fields

from chassis.web.schemas import Moment, MoneySchema, Reply


class SignedKitReply(Reply):
    """What a kit's brands signed: basis points by organisation."""

    kit_id = fields.String()
    terms_digest = fields.String()
    price = fields.Nested(MoneySchema)
    brand_shares = fields.Dict(keys=fields.String(), values=fields.Integer())
    royalties = fields.Dict(keys=fields.String(), values=fields.Integer())


class ShareContractReply(Reply):
    """A frozen contract: basis points by role."""

    id = fields.String()
    claim_id = fields.String()
    offer_id = fields.String()
    brand_id = fields.String()
    host_id = fields.String()
    terms = fields.Dict(keys=fields.String(), values=fields.Integer())
    digest = fields.String()
    frozen_at = Moment()
    kit = fields.Nested(SignedKitReply, allow_none=True)
