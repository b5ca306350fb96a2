"""The JSON of recurring wishes; times without a zone are those on the venue's wall."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from chassis.kernel.time import EARLIEST_YEAR, LATEST_YEAR
from chassis.web.schemas import (
    IdField,
    Moment,
    Reply,
    Request,
    StrictInteger,
)
from services.catalog.recurring.domain import RecurringHours
from services.catalog.recurring.engine.rules import Recurrence, RuleUnreadable, read_rule
from services.catalog.venues.schemas import LARGEST

WALL = "%Y-%m-%dT%H:%M"


class RuleField(fields.Field[Recurrence]):
    """A recurrence rule as RFC 5545 writes it, weekly or daily; loads to ``Recurrence``."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Recurrence:  # noqa: ANN401 - whatever the client sent
        if not isinstance(value, str) or len(value) > 200:  # noqa: PLR2004 - longer is no rule
            raise ValidationError("Not a rule: FREQ=WEEKLY;BYDAY=TU;COUNT=12.")
        try:
            return read_rule(value)
        except RuleUnreadable as reason:
            raise ValidationError(f"Not a rule that is read here: {reason}.") from None


class RecurringQuery(Request):
    """Query of ``GET /v1/venues/{id}/occurrences``; ``first`` is read on the venue's wall."""

    rule = RuleField(required=True)
    first = fields.NaiveDateTime(format=WALL, required=True)

    @validates_schema
    def check(self, values: dict[str, Any], **_: object) -> None:
        """The rule must come to an end."""
        if not EARLIEST_YEAR < values["first"].year < LATEST_YEAR:
            raise ValidationError({"first": ["Not a year that is planned for."]})
        try:
            RecurringHours(rule=values["rule"], first=values["first"]).times()
        except RuleUnreadable as reason:
            raise ValidationError({"rule": [f"Not a rule that is read here: {reason}."]}) from None

    @post_load
    def to_values(self, values: dict[str, Any], **_: object) -> dict[str, Any]:
        """Make rule and first time a hours."""
        hours = RecurringHours(rule=values.pop("rule"), first=values.pop("first"))
        return {"hours": hours, **values}


class HoldOccurrencesSchema(RecurringQuery):
    """Body of ``POST /v1/venues/{id}/recurring-holds``."""

    people = StrictInteger(required=True, validate=validate.Range(min=1, max=LARGEST))
    expires_at = Moment(required=True)
    skip_conflicts = fields.Boolean(load_default=False, truthy={True}, falsy={False})


class OccurrenceSchema(Reply):
    """One of the times, and whether it can be had."""

    wall = fields.NaiveDateTime(format=WALL, required=True)
    starts_at = Moment(required=True)
    state = fields.String(required=True)
    slot_id = IdField("slt", required=True, allow_none=True)
    hold_id = IdField("hld", required=True, allow_none=True)


class OccurrencesSchema(Reply):
    """Every occurrence, conflicts first."""

    free = fields.Integer(required=True)
    conflicts = fields.Integer(required=True)
    items = fields.List(fields.Nested(OccurrenceSchema), required=True)
