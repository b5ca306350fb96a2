"""The JSON of ratings and figures, and matching's facts as far as catalog reads them here."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, post_load, validate

from chassis.web.schemas import (
    EventSchema,
    IdField,
    Moment,
    Reply,
    Request,
    StrictInteger,
    Text,
    page_of,
)
from services.catalog.ratings.domain import VerifiedRun
from services.catalog.ratings.use_cases import GuestStars, PacksBack, SettledRun


class RunSettledSchema(EventSchema):
    """``matching.gathering.settled.v1``; None for one told before it named its cartridge."""

    gathering_id = fields.String(required=True)
    host_id = fields.String(allow_none=True, load_default=None)
    cartridge_id = fields.String(allow_none=True, load_default=None)
    cartridge_digest = fields.String(allow_none=True, load_default=None)
    checked_in = fields.Integer(strict=True, allow_none=True, load_default=None)

    @post_load
    def to_run(self, values: dict[str, Any], **_: object) -> SettledRun | None:
        """Make it a value."""
        checked_in, digest = values.pop("checked_in"), values.pop("cartridge_digest")
        if digest is None:
            return None
        return SettledRun(VerifiedRun(digest=digest, **values), checked_in or 0)


class RunRatedSchema(EventSchema):
    """``matching.gathering.rated.v1``."""

    gathering_id = fields.String(required=True)
    stars = fields.Integer(required=True, strict=True)

    @post_load
    def to_stars(self, values: dict[str, Any], **_: object) -> GuestStars:
        """Make it a value."""
        return GuestStars(**values)


class RunRefundedSchema(EventSchema):
    """``matching.gathering.refunded.v1``: refunds that were refused returned nothing."""

    gathering_id = fields.String(required=True)
    packs_returned = fields.Integer(required=True, strict=True)

    @post_load
    def to_packs(self, values: dict[str, Any], **_: object) -> PacksBack:
        """Make it a value."""
        return PacksBack(values["gathering_id"], values["packs_returned"])


class RateCartridgeSchema(Request):
    """Body of ``PUT .../ratings/{gathering_id}``."""

    stars = StrictInteger(required=True, validate=validate.Range(min=1, max=5))
    sentence = Text(280, required=True)


class CartridgeRatingSchema(Reply):
    """What a host gave a cartridge for one run."""

    gathering_id = IdField("gth", required=True)
    host_id = IdField("org", required=True)
    cartridge_id = IdField("crt", required=True)
    digest = fields.String(required=True)
    stars = StrictInteger(required=True)
    sentence = fields.String(required=True)
    rated_at = Moment(required=True)
    changed_at = Moment(required=True)


CartridgeRatingPage = page_of(CartridgeRatingSchema, "CartridgeRatingPage")


class RatingSummarySchema(Reply):
    """Stars in hundredths; the Bayesian mean counts the prior as so many more ratings."""

    count = StrictInteger(required=True)
    mean_hundredths = StrictInteger(required=True, allow_none=True)
    bayesian_hundredths = StrictInteger(required=True)
    prior_hundredths = StrictInteger(required=True)
    prior_weight = StrictInteger(required=True)


class RunFiguresSchema(Reply):
    """What became of the settled runs of a version."""

    runs = StrictInteger(required=True)
    checked_in = StrictInteger(required=True)
    guest_ratings = StrictInteger(required=True)
    guest_mean_hundredths = StrictInteger(required=True, allow_none=True)
    packs_returned = StrictInteger(required=True)
    ratings = StrictInteger(required=True)
    mean_hundredths = StrictInteger(required=True, allow_none=True)
