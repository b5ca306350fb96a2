"""The JSON of share contracts."""

from __future__ import annotations

from marshmallow import fields

from chassis.web.schemas import Moment, Reply


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
