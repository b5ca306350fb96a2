"""The JSON of offers: what a host asks, and what she is told."""

from __future__ import annotations

from typing import Any

import msgspec
from marshmallow import fields, validate

from chassis.kernel.time import to_rfc3339
from chassis.web.schemas import (
    IdField,
    Moment,
    MoneySchema,
    Reply,
    Request,
)
from services.matching.offers.engine.rules import Room
from services.matching.offers.use_cases import (
    ListedOffer,
    PlacedOffer,
    RankedOffer,
)

MOST_AT_ONCE = 50


class OffersQuery(Request):
    """Query of ``GET /v1/hosts/{host_id}/offers``: how many, and from where."""

    limit = fields.Integer(load_default=10, validate=validate.Range(min=1, max=MOST_AT_ONCE))
    cursor = fields.String(load_default=None, validate=validate.Length(max=512))


class ExplainQuery(Request):
    """Query of ``GET /v1/hosts/{host_id}/offers/{lot_id}``: by which version of the model.

    The one that ranks when none is named.
    """

    model = fields.String(load_default=None, validate=validate.Length(min=1, max=32))


class TermSchema(Reply):
    """One term of a score, in micro-points: a perfect match has a million."""

    name = fields.String(required=True)
    points = fields.Integer(required=True)
    why_en = fields.String(required=True)
    why_zh = fields.String(required=True)


class ReasonSchema(Reply):
    """One rule that keeps a lot from a host."""

    code = fields.String(required=True)
    why_en = fields.String(required=True)
    why_zh = fields.String(required=True)


class RestrictionsSchema(Reply):
    """Where goods may go on to; an empty list allows every region, or every channel."""

    regions = fields.List(fields.String(), required=True)
    channels = fields.List(fields.String(), required=True)
    resale_allowed = fields.Boolean(required=True)
    lowest_resale_price = fields.Nested(MoneySchema, required=True, allow_none=True)


class SubsidyLeftSchema(Reply):
    """What is left of the offer for this host, as far as is known before she claims.

    ``host`` is by its cap for one host, ``period`` by that of the present period, which ends
    when the next begins; null without such a cap. Payments has the last word.
    """

    total = fields.Nested(MoneySchema, required=True)
    host = fields.Nested(MoneySchema, required=True, allow_none=True)
    period = fields.Nested(MoneySchema, required=True, allow_none=True)
    next_period_at = Moment(required=True, allow_none=True)


class OfferSchema(Reply):
    """A lot for a host. The terms add up to the score exactly.

    ``subsidy`` is what a claim made now would freeze: the base and, where goods near their
    best-before date, so much more of it. ``packs_free`` are those this host may take: a host
    with a record leaves out what is kept for newcomers; some are held for her until
    ``held_until``, null when none are. ``model`` is the version of the ranking model whose
    weights the score is by.
    """

    lot_id = IdField("lot", required=True)
    brand_id = IdField("org", required=True)
    title = fields.String(required=True)
    category = fields.String(required=True)
    tags = fields.List(fields.String(), required=True)
    city = fields.String(required=True)
    condition = fields.String(required=True)
    unit_price = fields.Nested(MoneySchema, required=True)
    units_per_pack = fields.Integer(required=True)
    pack_price = fields.Nested(MoneySchema, required=True)
    packs_free = fields.Integer(required=True)
    held_until = Moment(required=True, allow_none=True)
    max_packs_per_host = fields.Integer(required=True)
    min_community_size = fields.Integer(required=True)
    best_before = Moment(required=True, allow_none=True)
    closes_at = Moment(required=True)
    restrictions = fields.Nested(RestrictionsSchema, required=True)
    has_actual_photo = fields.Boolean(required=True)
    offer_id = IdField("off", required=True, allow_none=True)
    subsidy = fields.Nested(MoneySchema, required=True, allow_none=True)
    base_subsidy = fields.Nested(MoneySchema, required=True, allow_none=True)
    urgency_basis_points = fields.Integer(required=True)
    subsidy_left = fields.Nested(SubsidyLeftSchema, required=True, allow_none=True)
    score = fields.Integer(required=True, allow_none=True)
    terms = fields.List(fields.Nested(TermSchema), required=True)
    model = fields.String(required=True)


class ExplainedOfferSchema(OfferSchema):
    """A lot for a host, or every reason why it is not for her."""

    eligible = fields.Boolean(required=True)
    reasons = fields.List(fields.Nested(ReasonSchema), required=True)


class RemediedReasonSchema(ReasonSchema):
    """One rule that stops a lot, and what would change it.

    ``number`` is of people, gatherings, packs, claims or minor units, as the words say; ``at``
    is when it changes by itself, or until when it can be changed.
    """

    remedy_en = fields.String(required=True)
    remedy_zh = fields.String(required=True)
    number = fields.Integer(required=True, allow_none=True)
    at = Moment(required=True, allow_none=True)


class LeftOutSchema(Reply):
    """Why a lot that a host may claim is not in her list: others want it more.

    It is from ``until`` on, or where it scores ``least_score`` micro-points for her.
    """

    why_en = fields.String(required=True)
    why_zh = fields.String(required=True)
    least_score = fields.Integer(required=True)
    until = Moment(required=True)


class WhyNotSchema(Reply):
    """Every rule that stops a lot from being this host's; none, and its place, if nothing does.

    ``place`` counts from 1 in her exact ranking, which lists vary; null as well when it is not
    among the first 1,000, or ``left_out``.
    """

    lot_id = IdField("lot", required=True)
    eligible = fields.Boolean(required=True)
    reasons = fields.List(fields.Nested(RemediedReasonSchema), required=True)
    score = fields.Integer(required=True, allow_none=True)
    place = fields.Integer(required=True, allow_none=True)
    left_out = fields.Nested(LeftOutSchema, required=True, allow_none=True)


class ListedOfferSchema(OfferSchema):
    """A lot at its place, from one through all pages; ``explored`` is an untried one, drawn."""

    place = fields.Integer(required=True)
    explored = fields.Boolean(required=True)


class OfferPage(Reply):
    """One page of a host's list. The same lots, ``model`` and ``seed`` give the same list."""

    items = fields.List(fields.Nested(ListedOfferSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
    model = fields.String(required=True)
    seed = fields.Integer(required=True)


def listed_offer_reply(listed: ListedOffer) -> msgspec.Raw:
    """What ``ListedOfferSchema`` describes, written out."""
    offer, shown = listed
    place = b',"place":%d,"explored":%b}' % (shown.place, b"true" if shown.explored else b"false")
    return msgspec.Raw(offer.written + place)


def written_offer(ranked: RankedOffer) -> bytes:
    """What ``OfferSchema`` describes, written out but for its end: a place may follow."""
    return msgspec.json.encode(_offer_reply(ranked)).removesuffix(b"}")


def explained_offer_reply(ranked: RankedOffer) -> dict[str, Any]:
    """What ``ExplainedOfferSchema`` describes, as plain values of JSON."""
    explanation = ranked.explanation
    return _offer_reply(ranked) | {
        "eligible": explanation.is_eligible,
        "reasons": [
            {
                "code": objection.code,
                "why_en": objection.why.english,
                "why_zh": objection.why.chinese,
            }
            for objection in explanation.objections
        ],
    }


def _offer_reply(ranked: RankedOffer) -> dict[str, Any]:
    """What ``OfferSchema`` describes."""
    lot, explanation, room = ranked.lot, ranked.explanation, ranked.room
    best, worth = explanation.subsidy.best, explanation.worth
    currency, restrictions = lot.unit_price.currency, lot.restrictions
    lowest = restrictions.lowest_resale_price
    return {
        "lot_id": lot.id,
        "brand_id": lot.brand_id,
        "title": lot.title,
        "category": lot.category,
        "tags": lot.tags,
        "city": lot.city,
        "condition": lot.condition,
        "unit_price": _money(lot.unit_price.minor, currency),
        "units_per_pack": lot.units_per_pack,
        "pack_price": _money(lot.pack_price.minor, currency),
        "packs_free": explanation.packs_free,
        "held_until": explanation.held_until and to_rfc3339(explanation.held_until),
        "max_packs_per_host": lot.max_packs_per_host,
        "min_community_size": lot.min_community_size,
        "best_before": lot.best_before and to_rfc3339(lot.best_before),
        "closes_at": to_rfc3339(lot.closes_at),
        "restrictions": {
            "regions": restrictions.regions,
            "channels": restrictions.channels,
            "resale_allowed": restrictions.resale_allowed,
            "lowest_resale_price": lowest and _money(lowest.minor, lowest.currency),
        },
        "has_actual_photo": lot.has_actual_photo,
        "offer_id": best and best.offer_id,
        "subsidy": worth and _money(worth.amount, currency),
        "base_subsidy": best and _money(best.subsidy, currency),
        "urgency_basis_points": worth.extra_basis_points if worth else 0,
        "subsidy_left": room and _left(room, currency),
        "model": ranked.model,
        "score": explanation.score,
        "terms": [
            {"name": name, "points": points, "why_en": why.english, "why_zh": why.chinese}
            for name, points, why in explanation.terms
        ],
    }


def why_not_reply(placed: PlacedOffer) -> dict[str, Any]:
    """What ``WhyNotSchema`` dumps."""
    lot, explanation = placed.offer.lot, placed.offer.explanation
    left_out = explanation.left_out
    return {
        "lot_id": lot.id,
        "eligible": explanation.is_eligible,
        "reasons": [
            {
                "code": objection.code,
                "why_en": objection.why.english,
                "why_zh": objection.why.chinese,
                "remedy_en": objection.remedy.says.english,
                "remedy_zh": objection.remedy.says.chinese,
                "number": objection.remedy.number,
                "at": objection.remedy.at,
            }
            for objection in explanation.objections
        ],
        "score": explanation.score,
        "place": placed.place,
        "left_out": left_out
        and {
            "why_en": left_out.why.english,
            "why_zh": left_out.why.chinese,
            "least_score": left_out.least,
            "until": left_out.until,
        },
    }


def _left(room: Room, currency: str) -> dict[str, Any]:
    return {
        "total": _money(room.total, currency),
        "host": None if room.host is None else _money(room.host, currency),
        "period": None if room.period is None else _money(room.period, currency),
        "next_period_at": room.next_period_at and to_rfc3339(room.next_period_at),
    }


def _money(minor: int, currency: str) -> dict[str, Any]:
    return {"minor": minor, "currency": currency}
