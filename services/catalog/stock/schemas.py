"""Others' commands and facts about packs, read as our commands."""

from __future__ import annotations

from marshmallow import fields, validate

from chassis.web.schemas import EventSchema, IdField, Moment
from services.catalog.lots.engine.restrictions import Channel


class ReservePacksSchema(EventSchema):
    """Matching's ``catalog.command.reserve-packs.v1``; older ones name no region or channel."""

    claim_id = IdField("clm", required=True)
    lot_id = IdField("lot", required=True)
    offer_id = IdField("off", required=True)
    brand_id = IdField("org", required=True)
    host_id = IdField("org", required=True)
    packs = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))
    expires_at = Moment(required=True)
    region = fields.String(load_default="")
    channel = fields.String(load_default=Channel.GATHERING)


class ReleasePacksSchema(EventSchema):
    """Matching's ``catalog.command.release-packs.v1``."""

    claim_id = IdField("clm", required=True)
    lot_id = IdField("lot", required=True)
    reason = fields.String(required=True)


class ReturnPacksSchema(EventSchema):
    """Matching's ``catalog.command.return-packs.v1``."""

    claim_id = IdField("clm", required=True)
    lot_id = IdField("lot", required=True)
    refund_id = IdField("rfd", required=True)
    packs = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))


class KitClaimFactSchema(EventSchema):
    """The same of ``matching.claim.kit-confirmed.v1`` and its kin: packs by lot."""

    claim_id = IdField("clm", required=True)
    packs = fields.Dict(keys=IdField("lot"), values=fields.Integer(strict=True), required=True)


class ClaimFactSchema(EventSchema):
    """What we need of ``matching.claim.confirmed.v1``, ``rejected.v1`` and ``cancelled.v1``."""

    claim_id = IdField("clm", required=True)
    lot_id = IdField("lot", required=True)
