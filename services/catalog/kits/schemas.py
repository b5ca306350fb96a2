"""The JSON of kits."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, post_load, validate

from chassis.kernel.money import WHOLE
from chassis.web.schemas import (
    A_DIGEST,
    EventSchema,
    IdField,
    Moment,
    MoneySchema,
    PageQuery,
    PositiveMoneySchema,
    Reply,
    Request,
    StrictInteger,
    Text,
    page_of,
)
from services.catalog.kits.domain import ROLES, VenueNeed
from services.catalog.kits.use_cases import WantedLine

MOST_LINES = 20
_points = validate.Range(min=0, max=WHOLE)


class WantedLineSchema(Request):
    """Packs of a lot, and the share of its brand in basis points."""

    lot_id = IdField("lot", required=True)
    packs = StrictInteger(required=True, validate=validate.Range(min=1, max=1_000_000))
    share = StrictInteger(required=True, validate=_points)

    @post_load
    def to_line(self, values: dict[str, Any], **_: object) -> WantedLine:
        """Make it a value."""
        return WantedLine(**values)


class VenueNeedSchema(Request):
    """What the room must have."""

    capacity = StrictInteger(required=True, validate=validate.Range(min=1, max=5000))
    equipment = fields.List(Text(40), load_default=(), validate=validate.Length(max=20))

    @post_load
    def to_need(self, values: dict[str, Any], **_: object) -> VenueNeed:
        """Make it a value."""
        return VenueNeed(values["capacity"], tuple(values["equipment"]))


class KitTermsSchema(Request):
    """Shares in basis points of those who have no line; with the lines' they make 10,000."""

    host = StrictInteger(required=True, validate=_points)
    venue = StrictInteger(required=True, validate=_points)
    author = StrictInteger(required=True, validate=_points)
    platform = StrictInteger(required=True, validate=_points)


class DraftKitSchema(Request):
    """Body of ``POST /v1/kits``. The price is for one gathering."""

    title = Text(120, required=True)
    lines = fields.List(
        fields.Nested(WantedLineSchema),
        required=True,
        validate=validate.Length(min=1, max=MOST_LINES),
    )
    venue = fields.Nested(VenueNeedSchema, required=True)
    cartridge_digest = fields.String(required=True, validate=A_DIGEST)
    price = fields.Nested(PositiveMoneySchema, required=True)
    terms = fields.Nested(KitTermsSchema, required=True)


class SignKitSchema(Request):
    """Body of ``POST /v1/kits/{id}/signatures``: the terms that are agreed to."""

    terms_digest = fields.String(required=True, validate=A_DIGEST)


class KitQuery(PageQuery):
    """Query of the list of kits."""

    mine = fields.Boolean(load_default=False)


class KitLineReply(Reply):
    """One line of a kit."""

    lot_id = fields.String(required=True)
    brand_id = fields.String(required=True)
    packs = fields.Integer(required=True)
    share = fields.Integer(required=True)


class VenueNeedReply(Reply):
    """What the room must have."""

    capacity = fields.Integer(required=True)
    equipment = fields.List(fields.String(), required=True)


class KitSchema(Reply):
    """A kit."""

    id = IdField("kit", required=True)
    drafted_by = fields.String(required=True)
    title = fields.String(required=True)
    lines = fields.List(fields.Nested(KitLineReply), required=True)
    venue = fields.Nested(VenueNeedReply, required=True)
    cartridge_digest = fields.String(required=True)
    author_id = fields.String(required=True)
    price = fields.Nested(MoneySchema, required=True)
    terms = fields.Dict(
        keys=fields.String(validate=validate.OneOf(ROLES)), values=fields.Integer(), required=True
    )
    royalties = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    terms_digest = fields.String(required=True)
    signed = fields.List(fields.String(), required=True)
    state = fields.String(required=True)
    drafted_at = Moment(required=True)


class KitSummarySchema(Reply):
    """A kit in a list."""

    id = IdField("kit", required=True)
    title = fields.String(required=True)
    price = fields.Nested(MoneySchema, required=True)
    cartridge_digest = fields.String(required=True)
    terms_digest = fields.String(required=True)
    signed = fields.List(fields.String(), required=True)
    state = fields.String(required=True)


class ShareSchema(Reply):
    """One party's part of the price: of its role's basis points, the part in basis points."""

    role = fields.String(required=True)
    party_id = fields.String(required=True, allow_none=True)
    lot_id = fields.String(required=True, allow_none=True)
    basis_points = fields.Integer(required=True)
    part_basis_points = fields.Integer(required=True)
    amount = fields.Nested(MoneySchema, required=True)


class ExplanationSchema(Reply):
    """How the price of a kit is shared out; the amounts add up to it."""

    price = fields.Nested(MoneySchema, required=True)
    shares = fields.List(fields.Nested(ShareSchema), required=True)


class ReserveKitRead(EventSchema):
    """Matching's ``catalog.command.reserve-kit.v1``."""

    claim_id = IdField("clm", required=True)
    kit_id = IdField("kit", required=True)
    terms_digest = fields.String(required=True)
    host_id = IdField("org", required=True)
    offer_ids = fields.List(IdField("off"), required=True)
    region = fields.String(required=True)
    channel = fields.String(required=True)
    expires_at = Moment(required=True)


class ReleaseKitRead(EventSchema):
    """Matching's ``catalog.command.release-kit.v1``."""

    claim_id = IdField("clm", required=True)
    kit_id = IdField("kit", required=True)
    reason = fields.String(required=True)


KitPage = page_of(KitSummarySchema, "KitPage")
