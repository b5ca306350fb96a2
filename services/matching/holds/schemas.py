"""The JSON of soft holds."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from marshmallow import fields

from chassis.web.schemas import IdField, Moment, MoneySchema, PageQuery, Reply, page_of
from services.matching.holds.domain import Hold, words_of


class HoldsQuery(PageQuery):
    """Query of ``GET /v1/hosts/{host_id}/holds``; ``all`` lists those that ended too."""

    all = fields.Boolean(load_default=False)


class HoldWhySchema(Reply):
    """Why she was given this, in numbers and in words; values and prices in milli-points.

    ``host_wants`` and ``brand_accepts`` are in thousandths, null where that was not asked.
    """

    value = fields.Integer(required=True)
    price = fields.Float(required=True)
    others = fields.Integer(required=True)
    bound_by = fields.String(required=True)
    host_wants = fields.Integer(required=True, allow_none=True)
    brand_accepts = fields.Integer(required=True, allow_none=True)
    en = fields.String(required=True)
    zh = fields.String(required=True)


class SoftHoldSchema(Reply):
    """Packs of a lot held for a host until a moment; ``title`` and ``subsidy`` as when held."""

    id = IdField("shd", required=True)
    host_id = IdField("org", required=True)
    lot_id = IdField("lot", required=True)
    title = fields.String(required=True)
    brand_id = IdField("org", required=True)
    offer_id = IdField("off", required=True)
    clearing_id = IdField("clr", required=True)
    packs = fields.Integer(required=True)
    subsidy = fields.Nested(MoneySchema, required=True)
    state = fields.String(required=True)
    claim_id = IdField("clm", required=True, allow_none=True)
    placed_at = Moment(required=True)
    until = Moment(required=True)
    why = fields.Nested(HoldWhySchema, required=True)


SoftHoldPage = page_of(SoftHoldSchema, "SoftHoldPage")


def hold_reply(hold: Hold, now: datetime) -> dict[str, Any]:
    """What ``SoftHoldSchema`` dumps."""
    words = words_of(hold.why)
    return {
        "id": hold.id,
        "host_id": hold.host_id,
        "lot_id": hold.lot_id,
        "title": hold.title,
        "brand_id": hold.brand_id,
        "offer_id": hold.offer_id,
        "clearing_id": hold.clearing_id,
        "packs": hold.packs,
        "subsidy": hold.subsidy,
        "state": hold.standing(now).value,
        "claim_id": hold.claim_id,
        "placed_at": hold.placed_at,
        "until": hold.until,
        "why": {
            "value": hold.why.value,
            "price": hold.why.price,
            "others": hold.why.others,
            "bound_by": hold.why.bound_by,
            "host_wants": hold.why.host_wants,
            "brand_accepts": hold.why.brand_accepts,
            "en": words.english,
            "zh": words.chinese,
        },
    }
