"""The JSON of lots and their journals."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from marshmallow import fields, post_load, validate

from chassis.kernel.money import WHOLE
from chassis.web.schemas import (
    IdField,
    Moment,
    MoneySchema,
    PositiveMoneySchema,
    Reply,
    Request,
    StrictInteger,
    Text,
    page_of,
)
from services.catalog.lots.domain import (
    Condition,
    Description,
    Goods,
    Manifest,
    ManifestLine,
    Place,
    StockLot,
    Terms,
    tidy_tags,
)
from services.catalog.lots.engine.bounds import GREATEST_COUNT, MOST_LINES
from services.catalog.lots.engine.newcomers import LEAST_SHARE
from services.catalog.lots.engine.photos import PhotoKind
from services.catalog.lots.engine.restrictions import UNRESTRICTED, Channel, Restrictions

LONGEST_TEXT = 120
LONGEST_TAG = 40
LONGEST_NUMBER = 60
MOST_TAGS = 20
LONGEST_REGION = 60
MOST_REGIONS = 100

_counted = validate.Range(min=1, max=GREATEST_COUNT)


class ManifestLineSchema(Request):
    """One line of a manifest."""

    sku = Text(LONGEST_TEXT, required=True)
    name = Text(LONGEST_TEXT, required=True)
    units = StrictInteger(required=True, validate=_counted)
    unit_price = fields.Nested(MoneySchema, required=True)
    condition = fields.Enum(Condition, by_value=True, required=True)

    @post_load
    def to_line(self, values: dict[str, Any], **_: object) -> ManifestLine:
        """Make it a value."""
        return ManifestLine(**values)


class RestrictionsSchema(Request):
    """Where goods may go on to; a list left empty allows every region, or every channel."""

    regions = fields.List(
        Text(LONGEST_REGION), load_default=(), validate=validate.Length(max=MOST_REGIONS)
    )
    channels = fields.List(
        fields.Enum(Channel, by_value=True),
        load_default=(),
        validate=validate.Length(max=len(Channel)),
    )
    resale_allowed = fields.Boolean(load_default=True, truthy={True}, falsy={False})
    lowest_resale_price = fields.Nested(PositiveMoneySchema, load_default=None, allow_none=True)

    @post_load
    def to_restrictions(self, values: dict[str, Any], **_: object) -> Restrictions:
        """Make it a value, with regions in their tidy form."""
        regions, channels = tidy_tags(values.pop("regions")), values.pop("channels")
        return Restrictions(regions=regions, channels=tuple(dict.fromkeys(channels)), **values)


class PlaceSchema(Request):
    """A place on earth, in degrees (WGS 84)."""

    longitude = fields.Float(required=True, validate=validate.Range(min=-180, max=180))
    latitude = fields.Float(required=True, validate=validate.Range(min=-90, max=90))

    @post_load
    def to_place(self, values: dict[str, Any], **_: object) -> Place:
        """Make it a value."""
        return Place(**values)


class PublishLotSchema(Request):
    """Body of ``POST /v1/lots``; totals are not sent, they follow from the manifest."""

    title = Text(LONGEST_TEXT, required=True)
    category = Text(LONGEST_TEXT, required=True)
    tags = fields.List(Text(LONGEST_TAG), load_default=(), validate=validate.Length(max=MOST_TAGS))
    city = Text(60, shortest=0, load_default="")
    place = fields.Nested(PlaceSchema, load_default=None, allow_none=True)
    manifest = fields.List(
        fields.Nested(ManifestLineSchema),
        required=True,
        validate=validate.Length(min=1, max=MOST_LINES),
    )
    units_per_pack = StrictInteger(required=True, validate=_counted)
    max_packs_per_host = StrictInteger(load_default=GREATEST_COUNT, validate=_counted)
    min_community_size = StrictInteger(load_default=1, validate=_counted)
    best_before = Moment(load_default=None, allow_none=True)
    ships_after_gatherings = StrictInteger(
        load_default=0, validate=validate.Range(min=0, max=GREATEST_COUNT)
    )
    closes_at = Moment(required=True)
    restrictions = fields.Nested(RestrictionsSchema, load_default=UNRESTRICTED)
    newcomers_basis_points = StrictInteger(
        load_default=LEAST_SHARE, validate=validate.Range(min=LEAST_SHARE, max=WHOLE)
    )
    lot_number = Text(LONGEST_NUMBER, shortest=0, load_default="")

    @post_load
    def to_goods(self, values: dict[str, Any], **_: object) -> Goods:
        """Make it goods to be published."""
        return Goods(
            Description(
                title=values["title"],
                category=values["category"].lower(),
                tags=tidy_tags(values["tags"]),
                city=values["city"],
                place=values["place"],
            ),
            Manifest(tuple(values["manifest"])),
            Terms(
                units_per_pack=values["units_per_pack"],
                closes_at=values["closes_at"],
                max_packs_per_host=values["max_packs_per_host"],
                min_community_size=values["min_community_size"],
                best_before=values["best_before"],
                restrictions=values["restrictions"],
                newcomers_basis_points=values["newcomers_basis_points"],
                ships_after_gatherings=values["ships_after_gatherings"],
            ),
            number=values["lot_number"],
        )


class CorrectCountSchema(Request):
    """Body of ``POST /v1/lots/{id}/adjustments``: so many packs more, or with a minus fewer."""

    packs = StrictInteger(
        required=True,
        validate=[
            validate.Range(min=-GREATEST_COUNT, max=GREATEST_COUNT),
            validate.NoneOf([0], error="Nothing to correct."),
        ],
    )
    why = Text(300, required=True)


class ManifestLineReply(Reply):
    """One line of a manifest."""

    sku = fields.String(required=True)
    name = fields.String(required=True)
    units = fields.Integer(required=True)
    unit_price = fields.Nested(MoneySchema, required=True)
    condition = fields.Enum(Condition, by_value=True, required=True)


class RestrictionsReply(Reply):
    """Where goods may go on to; an empty list allows every region, or every channel."""

    regions = fields.List(fields.String(), required=True)
    channels = fields.List(fields.Enum(Channel, by_value=True), required=True)
    resale_allowed = fields.Boolean(required=True)
    lowest_resale_price = fields.Nested(MoneySchema, required=True, allow_none=True)


class PhotoReply(Reply):
    """A photo of a lot: of the very goods (``actual``), or of goods like them (``stock``)."""

    id = IdField("pho", required=True)
    kind = fields.Enum(PhotoKind, by_value=True, required=True)
    alt_en = fields.String(required=True)
    alt_zh = fields.String(required=True)
    width = fields.Integer(required=True)
    height = fields.Integer(required=True)
    added_at = Moment(required=True)
    path = fields.Function(lambda photo: f"/v1/photos/{photo.id}", required=True)


class StockLotSchema(Reply):
    """A lot. ``unit_price`` is the mean of its manifest, ``condition`` the lowest in it.

    Until ``newcomers_until`` a host with a record cannot have the packs that are kept for
    newcomers, although they count as free.
    """

    id = IdField("lot", required=True)
    brand_id = IdField("org", required=True)
    lot_number = fields.String(required=True, attribute="number")
    title = fields.String(required=True, attribute="description.title")
    category = fields.String(required=True, attribute="description.category")
    tags = fields.List(fields.String(), required=True, attribute="description.tags")
    city = fields.String(required=True, attribute="description.city")
    has_actual_photo = fields.Boolean(required=True, attribute="album.has_actual_photo")
    photos = fields.List(fields.Nested(PhotoReply), required=True, attribute="album.photos")
    place = fields.Nested(
        PlaceSchema, required=True, allow_none=True, attribute="description.place"
    )
    manifest = fields.List(
        fields.Nested(ManifestLineReply), required=True, attribute="manifest.lines"
    )
    total_units = fields.Integer(required=True, attribute="manifest.units")
    retail_value = fields.Nested(MoneySchema, required=True, attribute="manifest.retail_value")
    unit_price = fields.Nested(MoneySchema, required=True, attribute="manifest.unit_price")
    condition = fields.Enum(
        Condition, by_value=True, required=True, attribute="manifest.condition"
    )
    units_per_pack = fields.Integer(required=True, attribute="terms.units_per_pack")
    packs_total = fields.Integer(required=True, attribute="packs.total")
    packs_free = fields.Integer(required=True, attribute="packs.free")
    packs_reserved = fields.Integer(required=True, attribute="packs.reserved")
    packs_shipped = fields.Integer(required=True, attribute="packs.shipped")
    max_packs_per_host = fields.Integer(required=True, attribute="terms.max_packs_per_host")
    min_community_size = fields.Integer(required=True, attribute="terms.min_community_size")
    best_before = Moment(required=True, allow_none=True, attribute="terms.best_before")
    ships_after_gatherings = fields.Integer(
        required=True, attribute="terms.ships_after_gatherings"
    )
    closes_at = Moment(required=True, attribute="terms.closes_at")
    restrictions = fields.Nested(RestrictionsReply, required=True, attribute="terms.restrictions")
    newcomers_basis_points = fields.Integer(
        required=True, attribute="terms.newcomers_basis_points"
    )
    newcomers_until = Moment(required=True)
    packs_kept_for_newcomers = fields.Integer(required=True)
    days_left = fields.Integer(required=True)
    published_at = Moment(required=True)
    closed = fields.String(required=True, allow_none=True)


def lot_reply(lot: StockLot, *, now: datetime) -> dict[str, Any]:
    """What ``StockLotSchema`` dumps at this moment; whole days are left, rounded down."""
    names = (
        "id",
        "brand_id",
        "description",
        "manifest",
        "terms",
        "packs",
        "album",
        "published_at",
    )
    return {name: getattr(lot, name) for name in names} | {
        "closed": lot.closed,
        "newcomers_until": lot.newcomers_until,
        "packs_kept_for_newcomers": lot.kept_for_newcomers(now),
        "days_left": max(0, (lot.terms.ends_at - now).days) if lot.is_open(now) else 0,
    }


class LotSummarySchema(Reply):
    """A lot in a list."""

    id = IdField("lot", required=True)
    title = fields.String(required=True)
    category = fields.String(required=True)
    city = fields.String(required=True)
    condition = fields.String(required=True)
    units_per_pack = fields.Integer(required=True)
    packs_free = fields.Integer(required=True, attribute="free")
    packs_reserved = fields.Integer(required=True, attribute="reserved")
    packs_shipped = fields.Integer(required=True, attribute="shipped")
    is_open = fields.Boolean(required=True)
    best_before = Moment(required=True, allow_none=True)
    closes_at = Moment(required=True)
    published_at = Moment(required=True)


class StockEntrySchema(Reply):
    """One line of the journal: what it did to the free, reserved and shipped packs."""

    id = IdField("stk", required=True)
    number = fields.Integer(required=True)
    kind = fields.String(required=True)
    free = fields.Integer(required=True)
    reserved = fields.Integer(required=True)
    shipped = fields.Integer(required=True)
    reference = fields.String(required=True)
    why = fields.String(required=True)
    at = Moment(required=True)


LotPage = page_of(LotSummarySchema, "LotPage")
StockEntryPage = page_of(StockEntrySchema, "StockEntryPage")
