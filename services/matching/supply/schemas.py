"""The catalog's facts about venues and cartridges, read as our own."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, post_load

from chassis.kernel.money import WHOLE
from chassis.web.schemas import EventSchema, Moment, MoneyRead
from services.matching.supply.domain import (
    HOME_ZONE,
    Booking,
    CartridgeVersion,
    Closing,
    Holding,
    Kit,
    KitLine,
    OpenedSlot,
    SlotHold,
    Venue,
)


def _points(**options: Any) -> fields.Dict:  # noqa: ANN401 - of the field
    """Basis points by role or organisation."""
    return fields.Dict(keys=fields.String(), values=fields.Integer(strict=True), **options)


class VenueRead(EventSchema):
    """``catalog.venue.opened.v1`` and ``changed.v1``; loads to ``Venue``."""

    venue_id = fields.String(required=True)
    venue_org_id = fields.String(required=True)
    city = fields.String(required=True)
    capacity = fields.Integer(required=True, strict=True)
    equipment = fields.List(fields.String(), required=True)
    indoor = fields.Boolean(load_default=True)
    time_zone = fields.String(load_default=None, allow_none=True)
    accepts_at_once = fields.Boolean(load_default=True)

    @post_load
    def to_venue(self, values: dict[str, Any], **_: object) -> Venue:
        """Make it a value; a venue told of before there were zones keeps the home zone."""
        equipment = tuple(values.pop("equipment"))
        zone = values.pop("time_zone") or HOME_ZONE
        return Venue(id=values.pop("venue_id"), equipment=equipment, time_zone=zone, **values)


class SlotOpenedRead(EventSchema):
    """``catalog.venue.slot-opened.v1``; loads to ``OpenedSlot``."""

    venue_id = fields.String(required=True)
    slot_id = fields.String(required=True)
    starts_at = Moment(required=True)
    ends_at = Moment(required=True)
    rent = fields.Nested(MoneyRead, load_default=None, allow_none=True)
    share_basis_points = fields.Integer(load_default=None, allow_none=True, strict=True)
    naming = fields.String(load_default=None, allow_none=True)

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


class SlotHeldRead(EventSchema):
    """``catalog.venue.slot-held.v1``; loads to ``Holding``."""

    slot_id = fields.String(required=True)
    host_id = fields.String(required=True)
    expires_at = Moment(required=True)
    is_accepted = fields.Boolean(required=True)

    @post_load
    def to_holding(self, values: dict[str, Any], **_: object) -> Holding:
        """Make it a value."""
        return Holding(values.pop("slot_id"), SlotHold(**values))


class HoldAcceptedRead(EventSchema):
    """``catalog.venue.hold-accepted.v1``; loads to the slot's id."""

    slot_id = fields.String(required=True)

    @post_load
    def to_id(self, values: dict[str, Any], **_: object) -> str:
        """Make it a value."""
        return str(values["slot_id"])


class HoldEndedRead(EventSchema):
    """``catalog.venue.slot-refused.v1`` and ``hold-released.v1``; a ``Holding`` of nobody."""

    slot_id = fields.String(required=True)

    @post_load
    def to_holding(self, values: dict[str, Any], **_: object) -> Holding:
        """Make it a value."""
        return Holding(values["slot_id"], None)


class VersionPublishedRead(EventSchema):
    """``catalog.cartridge.version-published.v1``; loads to ``CartridgeVersion``."""

    cartridge_id = fields.String(required=True)
    author_id = fields.String(required=True)
    name = fields.String(required=True)
    version = fields.String(required=True)
    digest = fields.String(required=True)
    min_people = fields.Integer(required=True, strict=True)
    max_people = fields.Integer(required=True, strict=True)
    royalties = _points(allow_none=True, load_default=None)
    manifest = fields.Dict(keys=fields.String(), allow_none=True, load_default=None)

    @post_load
    def to_version(self, values: dict[str, Any], **_: object) -> CartridgeVersion:
        """Make it a value; a version told of before there were co-authors has one author."""
        royalties = values.pop("royalties") or {values["author_id"]: WHOLE}
        return CartridgeVersion(royalties=royalties, **values)


class VersionYankedRead(EventSchema):
    """``catalog.cartridge.version-yanked.v1``; loads to its digest."""

    digest = fields.String(required=True)

    @post_load
    def to_digest(self, values: dict[str, Any], **_: object) -> str:
        """Make it a value."""
        return str(values["digest"])


class SignedLineRead(EventSchema):
    """One line of a kit; loads to ``KitLine``."""

    lot_id = fields.String(required=True)
    brand_id = fields.String(required=True)
    packs = fields.Integer(required=True, strict=True)
    share = fields.Integer(required=True, strict=True)

    @post_load
    def to_line(self, values: dict[str, Any], **_: object) -> KitLine:
        """Make it a value."""
        return KitLine(**values)


class KitPublishedRead(EventSchema):
    """``catalog.kit.published.v1``; loads to ``Kit``.

    A kit that was published before its shares were told loads to None: nobody can claim it.
    """

    kit_id = fields.String(required=True)
    title = fields.String(load_default="")
    lines = fields.List(fields.Nested(SignedLineRead), load_default=())
    capacity = fields.Integer(required=True, strict=True)
    equipment = fields.List(fields.String(), required=True)
    cartridge_digest = fields.String(required=True)
    price = fields.Nested(MoneyRead, required=True)
    terms = _points(allow_none=True, load_default=None)
    royalties = _points(allow_none=True, load_default=None)
    terms_digest = fields.String(required=True)

    @post_load
    def to_kit(self, values: dict[str, Any], **_: object) -> Kit | None:
        """Make it a value."""
        lines, equipment = tuple(values.pop("lines")), tuple(values.pop("equipment"))
        if not lines:
            return None
        return Kit(id=values.pop("kit_id"), lines=lines, equipment=equipment, **values)


class KitClosedRead(EventSchema):
    """``catalog.kit.closed.v1``; loads to ``Closing``."""

    kit_id = fields.String(required=True)
    reason = fields.String(required=True)

    @post_load
    def to_closing(self, values: dict[str, Any], **_: object) -> Closing:
        """Make it a value."""
        return Closing(**values)
