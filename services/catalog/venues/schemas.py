"""The JSON of venues and slots, and others' commands read as ours."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, post_load, validate

from chassis.web.schemas import (
    EventSchema,
    IdField,
    Moment,
    PageQuery,
    Reply,
    Request,
    StrictInteger,
    Text,
    page_of,
)

LONGEST_NAME = 120
LONGEST_CITY = 60
LARGEST = 5000
MOST_EQUIPMENT = 50


class OpenVenueSchema(Request):
    """Body of ``POST /v1/venues``."""

    name = Text(LONGEST_NAME, required=True)
    city = Text(LONGEST_CITY, required=True)
    capacity = StrictInteger(required=True, validate=validate.Range(min=1, max=LARGEST))
    equipment = fields.List(
        Text(40), load_default=(), validate=validate.Length(max=MOST_EQUIPMENT)
    )

    @post_load
    def to_values(self, values: dict[str, Any], **_: object) -> dict[str, Any]:
        """Name each piece of equipment once."""
        return values | {"equipment": tuple(dict.fromkeys(values["equipment"]))}


class OpenSlotSchema(Request):
    """Body of ``POST /v1/venues/{id}/slots``."""

    starts_at = Moment(required=True)
    ends_at = Moment(required=True)


class VenueQuery(PageQuery):
    """Query of the list of venues."""

    city = fields.String(load_default=None, validate=validate.Length(max=LONGEST_CITY))
    mine = fields.Boolean(load_default=False)


class VenueSchema(Reply):
    """A venue."""

    id = IdField("ven", required=True)
    organization_id = IdField("org", required=True)
    name = fields.String(required=True)
    city = fields.String(required=True)
    capacity = fields.Integer(required=True)
    equipment = fields.List(fields.String(), required=True)


class SlotSchema(Reply):
    """Some hours at a venue."""

    id = IdField("slt", required=True)
    venue_id = IdField("ven", required=True)
    starts_at = Moment(required=True)
    ends_at = Moment(required=True)
    is_free = fields.Boolean(required=True)


VenuePage = page_of(VenueSchema, "VenuePage")
SlotPage = page_of(SlotSchema, "SlotPage")


class BookSlotSchema(EventSchema):
    """Matching's ``catalog.command.book-slot.v1``."""

    gathering_id = IdField("gth", required=True)
    venue_id = IdField("ven", required=True)
    slot_id = IdField("slt", required=True)
    host_id = IdField("org", required=True)
    people = fields.Integer(required=True, strict=True, validate=validate.Range(min=0))


class ReleaseSlotSchema(EventSchema):
    """Matching's ``catalog.command.release-slot.v1``."""

    gathering_id = IdField("gth", required=True)
    venue_id = IdField("ven", required=True)
    slot_id = IdField("slt", required=True)
