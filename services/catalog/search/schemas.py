"""The JSON of searches."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate

from chassis.web.schemas import (
    GREATEST_MINOR,
    IdField,
    Moment,
    MoneySchema,
    PageQuery,
    Reply,
    Request,
    StrictInteger,
    Text,
    page_of,
)
from services.catalog.listings.domain import Field
from services.catalog.listings.engine.words import tokens_of
from services.catalog.lots.domain import Condition, Place, tidy
from services.catalog.lots.schemas import LONGEST_TEXT
from services.catalog.search.domain import LotSearch, Order, Surroundings
from services.catalog.search.engine.relevance import MOST_TERMS

LONGEST_QUERY = 80
FARTHEST_KM = 1_000
USUAL_KM = 50
_PAIR = re.compile(r"(-?\d{1,3}(?:\.\d{1,15})?),(-?\d{1,2}(?:\.\d{1,15})?)", re.ASCII)

_amount = validate.Range(min=0, max=GREATEST_MINOR)


class PlaceField(fields.String):
    """A place in a query: longitude and latitude in degrees, ``121.47,31.23``."""

    def _deserialize(self, value: Any, *place: Any, **options: Any) -> Any:  # noqa: ANN401 - whatever the client sent
        found = _PAIR.fullmatch(str(super()._deserialize(value, *place, **options)))
        longitude, latitude = map(float, found.groups()) if found else (360.0, 360.0)
        if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):  # noqa: PLR2004 - a circle's degrees
            raise ValidationError("Not longitude,latitude in degrees.")
        return Place(longitude, latitude)


class TermsField(Text):
    """Words to look for; loads to the terms that must all match."""

    def _deserialize(self, value: Any, *place: Any, **options: Any) -> Any:  # noqa: ANN401 - whatever the client sent
        text = super()._deserialize(value, *place, **options)
        if len(text) > LONGEST_QUERY:
            raise ValidationError(f"Longer than {LONGEST_QUERY} characters.")
        terms = tokens_of(text)
        if not terms:
            raise ValidationError("Holds no word to look for.")
        if len(terms) > MOST_TERMS:
            raise ValidationError(f"Holds more than {MOST_TERMS} words.")
        return terms


class LotSearchQuery(PageQuery):
    """Query of ``GET /v1/lots/search``; whatever is left out is all the same."""

    text = TermsField(LONGEST_QUERY, data_key="text", attribute="terms", load_default=())
    category = Text(LONGEST_TEXT, load_default=None)
    city = Text(LONGEST_TEXT, load_default=None)
    condition = fields.Enum(Condition, by_value=True, load_default=None)
    near = PlaceField(load_default=None)
    within_km = fields.Integer(load_default=None, validate=validate.Range(min=1, max=FARTHEST_KM))
    best_before_from = Moment(load_default=None)
    closes_after = Moment(load_default=None)
    pack_price_from = fields.Integer(load_default=None, validate=_amount)
    pack_price_to = fields.Integer(load_default=None, validate=_amount)
    subsidy_from = fields.Integer(load_default=None, validate=_amount)
    order = fields.Enum(Order, by_value=True, load_default=Order.CLOSING)

    @post_load
    def to_search(self, values: dict[str, Any], **_: object) -> dict[str, Any]:
        """Part what is asked for from the page that is asked of it."""
        limit, cursor = values.pop("limit"), values.pop("cursor")
        near, within = values.pop("near"), values.pop("within_km")
        if near is None and within is not None:
            raise ValidationError("Says within, but near names no place.", "within_km")
        if near is None and values["order"] is Order.NEAREST:
            raise ValidationError("Nearest to what? near names no place.", "order")
        if not values["terms"] and values["order"] is Order.RELEVANCE:
            raise ValidationError("Relevant to what? text holds no word.", "order")
        if values["category"] is not None:
            values["category"] = values["category"].lower()
        if values["city"] is not None:
            values["city"] = tidy(values["city"])
        surroundings = Surroundings(near, (within or USUAL_KM) * 1_000) if near else None
        search = LotSearch(**values, surroundings=surroundings)
        return {"search": search, "limit": limit, "cursor": cursor}


class RemakeListingsSchema(Request):
    """Body of ``POST /internal/listings``: after which lot to go on, and for how many."""

    after = fields.String(load_default="", validate=validate.Length(max=60))
    limit = StrictInteger(load_default=200, validate=validate.Range(min=1, max=1_000))


class RemadeSchema(Reply):
    """How far that is; ``after`` is null when all lots are done."""

    after = fields.String(required=True, allow_none=True)
    lots = fields.Integer(required=True)
    changed = fields.Integer(required=True)
    total = fields.Integer(required=True)


class MatchSchema(Reply):
    """Where a word of the text was found first: title, then tags, then articles."""

    term = fields.String(required=True)
    field = fields.String(required=True, validate=validate.OneOf([field.value for field in Field]))


class LotFoundSchema(Reply):
    """A lot that was found. ``pack_price`` is what a pack usually sells for.

    ``matched`` tells why it stands where it does in the order of relevance.
    """

    id = IdField("lot", required=True)
    brand_id = IdField("org", required=True)
    title = fields.String(required=True)
    category = fields.String(required=True)
    city = fields.String(required=True)
    condition = fields.String(required=True)
    units_per_pack = fields.Integer(required=True)
    packs_free = fields.Integer(required=True, attribute="free")
    pack_price = fields.Nested(MoneySchema, required=True)
    subsidy = fields.Nested(
        MoneySchema,
        required=True,
        allow_none=True,
        metadata={"description": "The best that an open offer of the brand pays now."},
    )
    metres = fields.Integer(
        required=True, allow_none=True, metadata={"description": "How far from `near`."}
    )
    matched = fields.List(fields.Nested(MatchSchema), required=True)
    best_before = Moment(required=True, allow_none=True)
    closes_at = Moment(required=True)
    published_at = Moment(required=True)


class ValueCountSchema(Reply):
    """So many lots have this value."""

    value = fields.String(required=True)
    count = fields.Integer(required=True)


class BandCountSchema(Reply):
    """So many lots lie from ``least`` to ``most`` minor units, both within."""

    least = fields.Integer(required=True)
    most = fields.Integer(required=True, allow_none=True)
    count = fields.Integer(required=True)


class FacetsSchema(Reply):
    """How the first lots found divide, in the order asked for: at most 1,000 are counted."""

    counted = fields.Integer(required=True)
    more = fields.Boolean(required=True)
    category = fields.List(fields.Nested(ValueCountSchema), required=True)
    condition = fields.List(fields.Nested(ValueCountSchema), required=True)
    city = fields.List(fields.Nested(ValueCountSchema), required=True)
    pack_price = fields.List(fields.Nested(BandCountSchema), required=True)
    subsidy = fields.List(fields.Nested(BandCountSchema), required=True)


class LotSearchPage(page_of(LotFoundSchema, "LotFoundPage")):  # type: ignore[misc]  # made at run time
    """One page of lots found; ``facets`` come with the first."""

    facets = fields.Nested(FacetsSchema, required=True, allow_none=True)
