"""The JSON of venues, and of what they ask for their hours."""

from __future__ import annotations

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from marshmallow import ValidationError, fields, post_load, pre_dump, validate, validates_schema

from cartridges.venues import Needs
from chassis.kernel.money import WHOLE
from chassis.web.schemas import (
    IdField,
    MoneySchema,
    PageQuery,
    PositiveMoneySchema,
    Reply,
    Request,
    StrictInteger,
    Text,
    page_of,
)
from services.catalog.venues.domain import HOME_ZONE, Ask, PolicyName, Room, Venue

LONGEST_NAME = 120
LONGEST_CITY = 60
LONGEST_RULE = 300
LONGEST_LINE = 120
LARGEST = 5000
MOST_EQUIPMENT = 50
MOST_RULES = 30

_word = validate.Regexp(
    r"\A[a-z][a-z0-9]*(-[a-z0-9]+)*\Z", error="Not a word as cartridges write it: tea-table."
)


@cache
def _zones() -> frozenset[str]:
    """Every zone of the IANA database that names a place, and UTC."""
    return frozenset(name for name in available_timezones() if "/" in name) | {"UTC"}


class Word(Text):
    """A piece of equipment, written as in a cartridge's manifest."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - marshmallow's own
        super().__init__(40, **options)
        self.validators = [*self.validators, _word]


class TimeZone(fields.String):
    """The name of a zone in the IANA database."""

    def _deserialize(self, value: Any, *place: Any, **options: Any) -> str:  # noqa: ANN401 - whatever the client sent
        name = str(super()._deserialize(value, *place, **options))
        if name not in _zones():
            raise ValidationError("Not a zone of the IANA database, such as Asia/Shanghai.")
        return name


class RuleSchema(Request):
    """A rule of the house, in at least one language."""

    zh = Text(LONGEST_RULE)
    en = Text(LONGEST_RULE)

    @validates_schema
    def check(self, values: dict[str, Any], **_: object) -> None:
        """Say something."""
        if not values:
            raise ValidationError("Give the rule in zh, in en, or in both.")


class RoomSchema(Request):
    """Body of ``PUT /v1/venues/{id}``; loads to ``Room``."""

    name = Text(LONGEST_NAME, required=True)
    capacity = StrictInteger(required=True, validate=validate.Range(min=1, max=LARGEST))
    equipment = fields.List(Word(), load_default=(), validate=validate.Length(max=MOST_EQUIPMENT))
    indoor = fields.Boolean(load_default=True, truthy={True}, falsy={False})
    rules = fields.List(
        fields.Nested(RuleSchema), load_default=(), validate=validate.Length(max=MOST_RULES)
    )
    policy = fields.Enum(PolicyName, by_value=True, load_default=PolicyName.FLEXIBLE)
    accepts_at_once = fields.Boolean(load_default=True, truthy={True}, falsy={False})

    @post_load
    def to_values(self, values: dict[str, Any], **_: object) -> Any:  # noqa: ANN401 - heirs load to more
        """Make it a room that names each piece of equipment once."""
        equipment = tuple(dict.fromkeys(values.pop("equipment")))
        return Room(equipment=equipment, rules=tuple(values.pop("rules")), **values)


class OpenVenueSchema(RoomSchema):
    """Body of ``POST /v1/venues``; loads to the room, its city and its zone."""

    city = Text(LONGEST_CITY, required=True)
    time_zone = TimeZone(load_default=HOME_ZONE)

    @post_load
    def to_values(self, values: dict[str, Any], **options: object) -> dict[str, Any]:
        """Tell where the room stands from what it is."""
        place = {name: values.pop(name) for name in ("city", "time_zone")}
        return {"room": super().to_values(values, **options), **place}


class NeedsQuery(Request):
    """What a gathering wants of a room; ``equipment`` names words between commas."""

    capacity = fields.Integer(load_default=1, validate=validate.Range(min=1, max=LARGEST))
    equipment = fields.String(load_default="", validate=validate.Length(max=1000))
    indoor = fields.Boolean(load_default=None)


class FitQuery(NeedsQuery):
    """Query of ``GET /v1/venues/{id}/fit``: what is wanted, by a cartridge's version too."""

    cartridge_id = IdField("crt", load_default=None)
    version = fields.String(load_default=None, validate=validate.Length(max=40))

    @validates_schema
    def check(self, values: dict[str, Any], **_: object) -> None:
        """A version is of a cartridge."""
        if (values["cartridge_id"] is None) != (values["version"] is None):
            raise ValidationError("Give cartridge_id and version, or neither.")


class VenueQuery(PageQuery, NeedsQuery):
    """Query of the list of venues."""

    city = fields.String(load_default=None, validate=validate.Length(max=LONGEST_CITY))
    mine = fields.Boolean(load_default=False)


def needs_of(query: dict[str, Any]) -> Needs:
    """What a query asks of a room."""
    words = (word.strip() for word in query["equipment"].split(","))
    equipment = tuple(word for word in words if word)
    return Needs(people=query["capacity"], equipment=equipment, indoor=query["indoor"])


class RuleReply(Reply):
    """A rule of the house."""

    zh = fields.String()
    en = fields.String()


class VenueSchema(Reply):
    """A venue."""

    id = IdField("ven", required=True)
    organization_id = IdField("org", required=True)
    name = fields.String(required=True)
    city = fields.String(required=True)
    time_zone = fields.String(required=True)
    capacity = fields.Integer(required=True)
    equipment = fields.List(fields.String(), required=True)
    indoor = fields.Boolean(required=True)
    rules = fields.List(fields.Nested(RuleReply), required=True)
    policy = fields.String(required=True)
    accepts_at_once = fields.Boolean(required=True)

    @pre_dump
    def flat(self, venue: Venue | dict[str, Any], **_: object) -> dict[str, Any]:
        """Rows of lists are flat already."""
        if isinstance(venue, dict):
            return venue
        names = ("id", "organization_id", "city", "time_zone")
        room = {name: getattr(venue.room, name) for name in Room.__dataclass_fields__}
        return {**room, **{name: getattr(venue, name) for name in names}}


class MisfitSchema(Reply):
    """One reason why a room will not do."""

    code = fields.String(required=True)
    wanted = fields.Raw(required=True)
    found = fields.Raw(required=True)


class FitSchema(Reply):
    """Whether a room will do, and every reason why not."""

    fits = fields.Boolean(required=True)
    reasons = fields.List(fields.Nested(MisfitSchema), required=True)


class AskSchema(Request):
    """What a venue wants for a slot: exactly one of the three; loads to ``Ask``."""

    rent = fields.Nested(PositiveMoneySchema)
    share_basis_points = StrictInteger(validate=validate.Range(min=0, max=WHOLE))
    naming = Text(LONGEST_LINE)

    @validates_schema
    def check(self, values: dict[str, Any], **_: object) -> None:
        """Ask for one thing."""
        if len(values) != 1:
            raise ValidationError("Ask for exactly one of rent, share_basis_points and naming.")

    @post_load
    def to_ask(self, values: dict[str, Any], **_: object) -> Ask:
        """Make it a value."""
        return Ask(**values)


class AskReply(Reply):
    """What a venue wants for a slot; two of the three are null."""

    rent = fields.Nested(MoneySchema, required=True, allow_none=True)
    share_basis_points = fields.Integer(required=True, allow_none=True)
    naming = fields.String(required=True, allow_none=True)


VenuePage = page_of(VenueSchema, "VenuePage")
