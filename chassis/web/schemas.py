"""Fields and schemas that every service's JSON is made of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from marshmallow import (
    EXCLUDE,
    INCLUDE,
    RAISE,
    Schema,
    ValidationError,
    fields,
    post_load,
    validate,
)

from chassis.kernel import ids, time
from chassis.kernel.money import Money

CURRENCIES = ("CNY",)
GREATEST_MINOR = 10**15
A_DIGEST = validate.Regexp(r"^sha256:[0-9a-f]{64}\Z", error="Not a digest: sha256:...")
_UNWRITABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


class Request(Schema):
    """What a client sends: a field that is not named here is an error."""

    class Meta:
        unknown = RAISE


class Reply(Schema):
    """What a client is given; later versions may add fields."""

    class Meta:
        unknown = INCLUDE


class EventSchema(Schema):
    """What we read of another service's event: the fields we need and no others."""

    class Meta:
        unknown = EXCLUDE


EXACT = 2**53  # from here on a float may stand for another whole number than was written


class StrictInteger(fields.Integer):
    """A whole number: neither text nor a fraction; ``12.0`` counts as whole, as in JSON Schema.

    One with a point or an exponent is whole only below 2^53: a larger one would be read as a
    neighbour of what was written (RFC 8259, section 6).
    """

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - marshmallow's own
        super().__init__(strict=True, **options)

    def _validated(self, value: Any) -> int:  # noqa: ANN401 - whatever the client sent
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.make_error("invalid", input=value)
        if isinstance(value, float) and not (value.is_integer() and abs(value) < EXACT):
            raise self.make_error("invalid", input=value)
        return int(value)


class IdField(fields.String):
    """An identifier with a fixed prefix: ``lot_01j...``."""

    def __init__(self, prefix: str, **options: Any) -> None:  # noqa: ANN401 - marshmallow's own
        self._shape = ids.pattern(prefix)
        shape = validate.Regexp(self._shape, error=f"Not an id that starts with {prefix}_.")
        super().__init__(validate=shape, **options)

    def deserialize(self, value: Any, *place: Any, **options: Any) -> Any:  # noqa: ANN401 - marshmallow's own
        """Take an id as it is; all else goes the long way, to be told what is wrong with it."""
        if isinstance(value, str) and self._shape.fullmatch(value):
            return value
        return super().deserialize(value, *place, **options)

    def _deserialize(self, value: Any, *place: Any, **options: Any) -> str:  # noqa: ANN401 - whatever the client sent
        text = str(super()._deserialize(value, *place, **options))
        if "\n" in text:  # which the end of a pattern lets pass
            raise self.make_error("invalid")
        return text


class Text(fields.String):
    """Text for people, trimmed: no control character, no half of a surrogate pair.

    MongoDB and UTF-8 could not hold the latter. ``shortest=0`` lets it be blank.
    """

    def __init__(self, longest: int, *, shortest: int = 1, **options: Any) -> None:  # noqa: ANN401 - marshmallow's own
        super().__init__(validate=validate.Length(min=shortest, max=longest), **options)

    def _deserialize(self, value: Any, *place: Any, **options: Any) -> str:  # noqa: ANN401 - whatever the client sent
        text = str(super()._deserialize(value, *place, **options)).strip()
        if _UNWRITABLE.search(text):
            raise ValidationError("Holds a character that is no text.")
        return text


class Moment(fields.Field[datetime]):
    """A time in RFC 3339 with its zone; given out in UTC, in whole milliseconds."""

    def _serialize(self, value: datetime | None, *_: Any, **__: Any) -> str | None:  # noqa: ANN401 - marshmallow's own
        return None if value is None else time.to_rfc3339(value)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> datetime:  # noqa: ANN401 - whatever the client sent
        if not isinstance(value, str):
            raise ValidationError("Not a time: send RFC 3339 text with a zone.")
        try:
            moment = time.in_milliseconds(time.from_rfc3339(value))
        except ValueError:
            raise ValidationError("Not a time: send RFC 3339 text with a zone.") from None
        first, last = time.EARLIEST_YEAR, time.LATEST_YEAR
        if not first <= moment.year <= last:
            raise ValidationError(f"Not a year from {first} to {last}.")
        return moment


class MoneySchema(Request):
    """An amount in minor units; loads to ``Money``."""

    minor = StrictInteger(required=True, validate=validate.Range(min=0, max=GREATEST_MINOR))
    currency = fields.String(
        required=True,
        validate=validate.OneOf(
            CURRENCIES, error="Not a currency that is traded here: {choices}."
        ),
    )

    @post_load
    def to_money(self, values: dict[str, Any], **_: object) -> Money:
        """Make it a value."""
        return Money(**values)


class PositiveMoneySchema(MoneySchema):
    """An amount of at least one minor unit."""

    minor = StrictInteger(required=True, validate=validate.Range(min=1, max=GREATEST_MINOR))


class MoneyRead(EventSchema):
    """An amount in another service's event; loads to ``Money``."""

    minor = fields.Integer(required=True, strict=True)
    currency = fields.String(required=True)

    @post_load
    def to_money(self, values: dict[str, Any], **_: object) -> Money:
        """Make it a value."""
        return Money(**values)


class PageQuery(Request):
    """Query of a list: how many, and from where."""

    limit = fields.Integer(load_default=50, validate=validate.Range(min=1, max=100))
    cursor = fields.String(load_default=None, validate=validate.Length(max=512))


class Problem(Reply):
    """An error as RFC 9457 has it."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    code = fields.String(required=True)
    detail = fields.String()
    instance = fields.String()
    hint = fields.String()
    title_zh = fields.String()
    request_id = fields.String()
    errors = fields.Dict(keys=fields.String(), values=fields.Raw())


def page_of(item: type[Schema], name: str) -> type[Schema]:
    """The schema of one page of such items."""
    members: Mapping[str, Any] = {
        "items": fields.List(fields.Nested(item), required=True),
        "next_cursor": fields.String(required=True, allow_none=True),
    }
    return type(name, (Reply,), dict(members))
