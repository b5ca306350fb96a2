"""The catalog's and our own facts about what is on offer, read as notes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from marshmallow import fields, post_load

from chassis.kernel.money import Money
from chassis.web.schemas import EventSchema, Moment, MoneyRead
from services.matching.offers.domain import OfferedLot, Restrictions, SubsidyOffer
from services.matching.offers.engine.facts import Caps
from services.matching.offers.engine.ramp import Ramp, Step
from services.matching.offers.use_cases import (
    Closure,
    Commitment,
    PacksCounted,
    PacksMoved,
    PhotosChanged,
    Turn,
)
from sharing.eligibility import Clause


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
