"""The JSON of weekly plans; times of day are those on the venue's wall."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from chassis.web.schemas import Reply, Request
from services.catalog.plans.domain import DayException, Hours, Weekday, Window
from services.catalog.venues.domain import SHARE_OF_TERMS
from services.catalog.venues.schemas import AskReply, AskSchema

WALL = "%H:%M"
MOST_WINDOWS = 42
MOST_HOURS = 12
MOST_EXCEPTIONS = 200


class HoursSchema(Request):
    """Hours of a day; they end the next day when ``ends`` is no later than ``starts``."""

    starts = fields.Time(format=WALL, required=True)
    ends = fields.Time(format=WALL, required=True)
    asks = fields.Nested(AskSchema, load_default=SHARE_OF_TERMS)

    @post_load
    def to_value(self, values: dict[str, Any], **_: object) -> Any:  # noqa: ANN401 - heirs load to more
        """Make it hours."""
        return Hours(values["starts"], values["ends"], values["asks"])


class WindowSchema(HoursSchema):
    """Hours of the same day of every week."""

    weekday = fields.Enum(Weekday, by_value=True, required=True)

    @post_load
    def to_value(self, values: dict[str, Any], **options: object) -> Window:
        """Make it a window."""
        return Window(values.pop("weekday"), super().to_value(values, **options))


class ExceptionSchema(Request):
    """A date with other hours; with none, the venue is closed."""

    date = fields.Date(required=True)
    hours = fields.List(
        fields.Nested(HoursSchema), load_default=(), validate=validate.Length(max=MOST_HOURS)
    )

    @post_load
    def to_exception(self, values: dict[str, Any], **_: object) -> DayException:
        """Make it a value."""
        return DayException(values["date"], tuple(values["hours"]))


class PlanWeekSchema(Request):
    """Body of ``PUT /v1/venues/{id}/plan``."""

    windows = fields.List(
        fields.Nested(WindowSchema), required=True, validate=validate.Length(max=MOST_WINDOWS)
    )
    exceptions = fields.List(
        fields.Nested(ExceptionSchema),
        load_default=(),
        validate=validate.Length(max=MOST_EXCEPTIONS),
    )

    @validates_schema
    def check(self, values: dict[str, Any], **_: object) -> None:
        """A date has one exception at most."""
        days = [one.day for one in values.get("exceptions", ())]
        if len(set(days)) < len(days):
            raise ValidationError({"exceptions": ["Name each date once."]})


class HoursReply(Reply):
    """Hours of a day."""

    starts = fields.Time(format=WALL, required=True)
    ends = fields.Time(format=WALL, required=True)
    asks = fields.Nested(AskReply, required=True, attribute="ask")


class WindowReply(Reply):
    """Hours of the same day of every week."""

    weekday = fields.Enum(Weekday, by_value=True, required=True)
    starts = fields.Time(format=WALL, required=True, attribute="hours.starts")
    ends = fields.Time(format=WALL, required=True, attribute="hours.ends")
    asks = fields.Nested(AskReply, required=True, attribute="hours.ask")


class ExceptionReply(Reply):
    """A date with other hours, or none."""

    date = fields.Date(required=True, attribute="day")
    hours = fields.List(fields.Nested(HoursReply), required=True)


class WeeklyPlanSchema(Reply):
    """A venue's weekly plan; slots are made of it up to ``planned_until``."""

    id = fields.String(required=True)
    venue_id = fields.String(required=True)
    windows = fields.List(fields.Nested(WindowReply), required=True)
    exceptions = fields.List(fields.Nested(ExceptionReply), required=True)
    planned_until = fields.Date(required=True, allow_none=True)
