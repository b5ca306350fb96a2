"""The JSON of lots and their journals."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, post_load, validate

from chassis.web.schemas import (
    IdField,
    Moment,
    MoneySchema,
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
    Terms,
    tidy_tags,
)

LONGEST_TEXT = 120
LONGEST_TAG = 40
LONGEST_NUMBER = 60
MOST_TAGS = 20
MOST_LINES = 200
GREATEST_COUNT = 1_000_000

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


class PublishLotSchema(Request):
    """Body of ``POST /v1/lots``; totals are not sent, they follow from the manifest."""

    title = Text(LONGEST_TEXT, required=True)
    category = Text(LONGEST_TEXT, required=True)
    tags = fields.List(Text(LONGEST_TAG), load_default=(), validate=validate.Length(max=MOST_TAGS))
    city = Text(60, shortest=0, load_default="")
    actual_photos = fields.Boolean(load_default=False, truthy={True}, falsy={False})
    manifest = fields.List(
        fields.Nested(ManifestLineSchema),
        required=True,
        validate=validate.Length(min=1, max=MOST_LINES),
    )
    units_per_pack = StrictInteger(required=True, validate=_counted)
    max_packs_per_host = StrictInteger(load_default=GREATEST_COUNT, validate=_counted)
    min_community_size = StrictInteger(load_default=1, validate=_counted)
    best_before = Moment(load_default=None, allow_none=True)
    closes_at = Moment(required=True)
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
                actual_photos=values["actual_photos"],
            ),
            Manifest(tuple(values["manifest"])),
            Terms(
                units_per_pack=values["units_per_pack"],
                closes_at=values["closes_at"],
                max_packs_per_host=values["max_packs_per_host"],
                min_community_size=values["min_community_size"],
                best_before=values["best_before"],
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


class StockLotSchema(Reply):
    """A lot. ``unit_price`` is the mean of its manifest, ``condition`` the lowest in it."""

    id = IdField("lot", required=True)
    brand_id = IdField("org", required=True)
    lot_number = fields.String(required=True, attribute="number")
    title = fields.String(required=True, attribute="description.title")
    category = fields.String(required=True, attribute="description.category")
    tags = fields.List(fields.String(), required=True, attribute="description.tags")
    city = fields.String(required=True, attribute="description.city")
    actual_photos = fields.Boolean(required=True, attribute="description.actual_photos")
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
    closes_at = Moment(required=True, attribute="terms.closes_at")
    published_at = Moment(required=True)
    closed = fields.String(required=True, allow_none=True)


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
