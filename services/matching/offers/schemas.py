"""The JSON of offers, and the catalog's and our own facts read as notes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from marshmallow import fields, post_load, validate

from chassis.kernel.money import Money
from chassis.web.schemas import (
    EventSchema,
    IdField,
    Moment,
    MoneyRead,
    MoneySchema,
    Reply,
    Request,
)
from services.matching.offers.domain import OfferedLot, Restrictions, SubsidyOffer
from services.matching.offers.engine.facts import Caps
from services.matching.offers.engine.ramp import Ramp, Step
from services.matching.offers.engine.rules import Room
from services.matching.offers.use_cases import (
    Closure,
    Commitment,
    PacksCounted,
    PacksMoved,
    PhotosChanged,
    RankedOffer,
    Turn,
)
from sharing.eligibility import Clause

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
    with a record leaves out what is kept for newcomers. ``model`` is the version of the
    ranking model whose weights the score is by.
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


def offer_reply(ranked: RankedOffer) -> dict[str, Any]:
    """What ``ListedOfferSchema`` and ``ExplainedOfferSchema`` dump."""
    lot, explanation, room, model, shown = ranked
    best, worth = explanation.subsidy.best, explanation.worth
    return {
        "lot_id": lot.id,
        "brand_id": lot.brand_id,
        "title": lot.title,
        "category": lot.category,
        "tags": lot.tags,
        "city": lot.city,
        "condition": lot.condition,
        "unit_price": lot.unit_price,
        "units_per_pack": lot.units_per_pack,
        "pack_price": lot.pack_price,
        "packs_free": explanation.packs_free,
        "max_packs_per_host": lot.max_packs_per_host,
        "min_community_size": lot.min_community_size,
        "best_before": lot.best_before,
        "closes_at": lot.closes_at,
        "restrictions": lot.restrictions,
        "has_actual_photo": lot.has_actual_photo,
        "offer_id": best and best.offer_id,
        "subsidy": worth and Money(worth.amount, lot.unit_price.currency),
        "base_subsidy": best and Money(best.subsidy, lot.unit_price.currency),
        "urgency_basis_points": worth.extra_basis_points if worth else 0,
        "subsidy_left": room and _left(room, lot.unit_price.currency),
        "model": model,
        "score": explanation.score,
        "place": shown and shown.place,
        "explored": bool(shown and shown.explored),
        "terms": [
            {
                "name": term.name,
                "points": term.points,
                "why_en": term.why.english,
                "why_zh": term.why.chinese,
            }
            for term in explanation.terms
        ],
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


def _left(room: Room, currency: str) -> dict[str, Any]:
    return {
        "total": Money(room.total, currency),
        "host": None if room.host is None else Money(room.host, currency),
        "period": None if room.period is None else Money(room.period, currency),
        "next_period_at": room.next_period_at,
    }


class LotPublishedRead(EventSchema):
    """``catalog.lot.published.v1``; loads to what ``OfferedLot`` takes, its time apart.

    Lots that were published before there were restrictions have none, and no packs kept.
    """

    lot_id = fields.String(required=True)
    brand_id = fields.String(required=True)
    title = fields.String(required=True)
    category = fields.String(required=True)
    tags = fields.List(fields.String(), required=True)
    city = fields.String(required=True)
    condition = fields.String(required=True)
    unit_price = fields.Nested(MoneyRead, required=True)
    units_per_pack = fields.Integer(required=True, strict=True)
    packs_total = fields.Integer(required=True, strict=True)
    packs_free = fields.Integer(required=True, strict=True)
    max_packs_per_host = fields.Integer(required=True, strict=True)
    min_community_size = fields.Integer(required=True, strict=True)
    best_before = Moment(required=True, allow_none=True)
    closes_at = Moment(required=True)
    regions = fields.List(fields.String(), load_default=())
    channels = fields.List(fields.String(), load_default=())
    resale_allowed = fields.Boolean(load_default=True)
    lowest_resale_price = fields.Nested(MoneyRead, load_default=None, allow_none=True)
    packs_kept = fields.Integer(load_default=0, strict=True)
    newcomers_until = Moment(load_default=None, allow_none=True)

    def lot(self, values: dict[str, Any], *, at: datetime) -> OfferedLot:
        """Read a lot that was published at this time."""
        read = self.load(values)
        restrictions = Restrictions(
            regions=tuple(read.pop("regions")),
            channels=tuple(read.pop("channels")),
            resale_allowed=read.pop("resale_allowed"),
            lowest_resale_price=read.pop("lowest_resale_price"),
        )
        return OfferedLot(
            id=read.pop("lot_id"),
            tags=tuple(read.pop("tags")),
            published_at=at,
            restrictions=restrictions,
            **read,
        )


class LotClosedRead(EventSchema):
    """``catalog.lot.closed.v1``; loads to ``Closure``."""

    lot_id = fields.String(required=True)
    reason = fields.String(required=True)

    @post_load
    def to_closure(self, values: dict[str, Any], **_: object) -> Closure:
        """Make it a value."""
        return Closure(values["lot_id"], values["reason"])


class PacksMovedRead(EventSchema):
    """``catalog.lot.packs-reserved.v1`` and its kin; loads to ``PacksMoved``."""

    def __init__(self, turn: Turn) -> None:
        super().__init__()
        self._turn = turn

    lot_id = fields.String(required=True)
    claim_id = fields.String(required=True)
    host_id = fields.String(required=True)
    packs = fields.Integer(required=True, strict=True)
    packs_free = fields.Integer(required=True, strict=True)
    packs_kept = fields.Integer(load_default=0, strict=True)

    @post_load
    def to_move(self, values: dict[str, Any], **_: object) -> PacksMoved:
        """Make it a value."""
        return PacksMoved(turn=self._turn, **values)


class PacksCountedRead(EventSchema):
    """``catalog.lot.packs-counted.v1``; loads to ``PacksCounted``."""

    lot_id = fields.String(required=True)
    packs_free = fields.Integer(required=True, strict=True)
    packs_kept = fields.Integer(load_default=0, strict=True)

    @post_load
    def to_count(self, values: dict[str, Any], **_: object) -> PacksCounted:
        """Make it a value."""
        return PacksCounted(**values)


class PhotosChangedRead(EventSchema):
    """``catalog.lot.photos-changed.v1``; loads to ``PhotosChanged``."""

    lot_id = fields.String(required=True)
    has_actual_photo = fields.Boolean(required=True)

    @post_load
    def to_change(self, values: dict[str, Any], **_: object) -> PhotosChanged:
        """Make it a value."""
        return PhotosChanged(**values)


class RampStepRead(EventSchema):
    """One step of an offer's ramp; loads to ``Step``."""

    days_before = fields.Integer(required=True, strict=True)
    extra_basis_points = fields.Integer(required=True, strict=True)

    @post_load
    def to_step(self, values: dict[str, Any], **_: object) -> Step:
        """Make it a value."""
        return Step(**values)


class ClauseRead(EventSchema):
    """One clause of an offer's eligibility; loads to ``Clause``."""

    name = fields.String(required=True)
    when = fields.String(required=True)
    en = fields.String(required=True)
    zh = fields.String(required=True)

    @post_load
    def to_clause(self, values: dict[str, Any], **_: object) -> Clause:
        """Make it a value."""
        return Clause(**values)


class OfferOpenedRead(EventSchema):
    """``catalog.offer.opened.v1``; loads to ``SubsidyOffer``.

    Older ones have neither ramp nor caps nor conditions.
    """

    offer_id = fields.String(required=True)
    brand_id = fields.String(required=True)
    subsidy = fields.Nested(MoneyRead, required=True)
    min_checked_in = fields.Integer(required=True, strict=True)
    total_cap = fields.Nested(MoneyRead, required=True)
    terms = fields.Dict(keys=fields.String(), values=fields.Integer(strict=True), required=True)
    opens_at = Moment(required=True)
    closes_at = Moment(required=True)
    ramp_steps = fields.List(fields.Nested(RampStepRead), load_default=())
    most_subsidy = fields.Nested(MoneyRead, load_default=None, allow_none=True)
    most_per_host = fields.Nested(MoneyRead, load_default=None, allow_none=True)
    most_per_period = fields.Nested(MoneyRead, load_default=None, allow_none=True)
    period_days = fields.Integer(load_default=None, allow_none=True, strict=True)
    eligibility = fields.List(fields.Nested(ClauseRead), load_default=())

    @post_load
    def to_offer(self, values: dict[str, Any], **_: object) -> SubsidyOffer:
        """Make it a value; nothing of it is committed yet."""
        nothing = Money(0, values["subsidy"].currency)
        steps, most = tuple(values.pop("ramp_steps")), values.pop("most_subsidy")
        ramp = Ramp(steps, most.minor) if most else None
        per_host, per_period = values.pop("most_per_host"), values.pop("most_per_period")
        caps = Caps(
            per_host=per_host and per_host.minor,
            per_period=per_period and per_period.minor,
            period_days=values.pop("period_days") or 1,
        )
        offer_id = values.pop("offer_id")
        values["eligibility"] = tuple(values["eligibility"])
        return SubsidyOffer(id=offer_id, committed=nothing, ramp=ramp, caps=caps, **values)


class OfferClosedRead(EventSchema):
    """``catalog.offer.closed.v1``; loads to ``Closure``."""

    offer_id = fields.String(required=True)
    reason = fields.String(required=True)

    @post_load
    def to_closure(self, values: dict[str, Any], **_: object) -> Closure:
        """Make it a value."""
        return Closure(values["offer_id"], values["reason"])


class CommitmentRead(EventSchema):
    """``matching.claim.confirmed.v1`` and ``cancelled.v1``; loads to ``Commitment``."""

    offer_id = fields.String(required=True)
    subsidy = fields.Nested(MoneyRead, required=True)

    @post_load
    def to_commitment(self, values: dict[str, Any], **_: object) -> Commitment:
        """Make it a value."""
        return Commitment(**values)


class KitCommitmentsRead(EventSchema):
    """``matching.claim.kit-confirmed.v1`` and ``kit-cancelled.v1``; loads to ``Commitment``s."""

    subsidies = fields.Dict(keys=fields.String(), values=fields.Nested(MoneyRead), required=True)

    @post_load
    def to_commitments(self, values: dict[str, Any], **_: object) -> list[Commitment]:
        """Make them values."""
        return [Commitment(offer_id, held) for offer_id, held in values["subsidies"].items()]
