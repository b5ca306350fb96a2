"""The catalog's facts about venues and cartridges, read as our own."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, post_load

from chassis.web.schemas import EventSchema, Moment
from services.matching.supply.domain import Booking, CartridgeVersion, OpenedSlot, Venue


class VenueRead(EventSchema):
    """``catalog.venue.opened.v1`` and ``changed.v1``; loads to ``Venue``."""

    venue_id = fields.String(required=True)
    venue_org_id = fields.String(required=True)
    city = fields.String(required=True)
    capacity = fields.Integer(required=True, strict=True)
    equipment = fields.List(fields.String(), required=True)

    @post_load
    def to_venue(self, values: dict[str, Any], **_: object) -> Venue:
        """Make it a value."""
        equipment = tuple(values.pop("equipment"))
        return Venue(id=values.pop("venue_id"), equipment=equipment, **values)


class SlotOpenedRead(EventSchema):
    """``catalog.venue.slot-opened.v1``; loads to ``OpenedSlot``."""

    venue_id = fields.String(required=True)
    slot_id = fields.String(required=True)
    starts_at = Moment(required=True)
    ends_at = Moment(required=True)

    @post_load
    def to_slot(self, values: dict[str, Any], **_: object) -> OpenedSlot:
        """Make it a value."""
        return OpenedSlot(id=values.pop("slot_id"), **values)


class SlotClosedRead(EventSchema):
    """``catalog.venue.slot-closed.v1``; loads to the slot's id."""

    slot_id = fields.String(required=True)

    @post_load
    def to_id(self, values: dict[str, Any], **_: object) -> str:
        """Take the id alone."""
        return str(values["slot_id"])


class SlotBookedRead(EventSchema):
    """``catalog.venue.slot-booked.v1``; loads to ``Booking``."""

    slot_id = fields.String(required=True)
    gathering_id = fields.String(required=True)

    @post_load
    def to_booking(self, values: dict[str, Any], **_: object) -> Booking:
        """Make it a value."""
        return Booking(**values)


class SlotReleasedRead(EventSchema):
    """``catalog.venue.slot-released.v1``; loads to a ``Booking`` of nobody."""

    slot_id = fields.String(required=True)

    @post_load
    def to_booking(self, values: dict[str, Any], **_: object) -> Booking:
        """Make it a value."""
        return Booking(slot_id=values["slot_id"], gathering_id=None)


class VersionPublishedRead(EventSchema):
    """``catalog.cartridge.version-published.v1``; loads to ``CartridgeVersion``."""

    cartridge_id = fields.String(required=True)
    author_id = fields.String(required=True)
    name = fields.String(required=True)
    version = fields.String(required=True)
    digest = fields.String(required=True)
    min_people = fields.Integer(required=True, strict=True)
    max_people = fields.Integer(required=True, strict=True)
    royalties = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(strict=True),
        allow_none=True,
        load_default=None,
    )

    @post_load
    def to_version(self, values: dict[str, Any], **_: object) -> CartridgeVersion:
        """Make it a value; a version told of before there were co-authors has one author."""
        royalties = values.pop("royalties") or {values["author_id"]: 10_000}
        return CartridgeVersion(royalties=royalties, **values)


class VersionYankedRead(EventSchema):
    """``catalog.cartridge.version-yanked.v1``; loads to its digest."""

    digest = fields.String(required=True)

    @post_load
    def to_digest(self, values: dict[str, Any], **_: object) -> str:
        """Make it a value."""
        return str(values["digest"])
