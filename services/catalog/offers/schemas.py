"""The JSON of subsidy offers."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, post_load, validate

from cartridges.conditions import LONGEST
from chassis.kernel.money import WHOLE
from chassis.web.schemas import (
    IdField,
    Moment,
    MoneySchema,
    PositiveMoneySchema,
    Reply,
    Request,
    StrictInteger,
    page_of,
)
from services.catalog.offers.domain import ROLES, PeriodLimit
from services.catalog.offers.engine.ramp import Ramp, RampStep
from sharing.eligibility import MOST_CLAUSES, Clause

MOST_PEOPLE = 5000
MOST_STEPS = 10
LONGEST_RAMP_DAYS = 366
LONGEST_PERIOD_DAYS = 366
LONGEST_WORDS = 200
CLAUSE_NAME = r"^[a-z][a-z0-9-]{0,39}$"
GREATEST_EXTRA = 100_000  # ten times the subsidy more


class ShareTermsSchema(Request):
    """Each role's share of takings in basis points; together 10,000."""

    brand = StrictInteger(required=True, validate=validate.Range(min=0, max=WHOLE))
    host = StrictInteger(required=True, validate=validate.Range(min=0, max=WHOLE))
    venue = StrictInteger(required=True, validate=validate.Range(min=0, max=WHOLE))
    co_host = StrictInteger(required=True, validate=validate.Range(min=0, max=WHOLE))
    platform = StrictInteger(required=True, validate=validate.Range(min=0, max=WHOLE))
    author = StrictInteger(required=True, validate=validate.Range(min=0, max=WHOLE))


class RampStepSchema(Request):
    """From so many days before the best-before date, so much more, of the subsidy itself."""

    days_before = StrictInteger(
        required=True, validate=validate.Range(min=1, max=LONGEST_RAMP_DAYS)
    )
    extra_basis_points = StrictInteger(
        required=True, validate=validate.Range(min=1, max=GREATEST_EXTRA)
    )

    @post_load
    def to_step(self, values: dict[str, Any], **_: object) -> RampStep:
        """Make it a value."""
        return RampStep(**values)


class RampSchema(Request):
    """Steps from far to near; of those reached the last counts. No claim gets over ``most``."""

    steps = fields.List(
        fields.Nested(RampStepSchema),
        required=True,
        validate=validate.Length(min=1, max=MOST_STEPS),
    )
    most = fields.Nested(PositiveMoneySchema, required=True)

    @post_load
    def to_ramp(self, values: dict[str, Any], **_: object) -> Ramp:
        """Make it a value."""
        return Ramp(tuple(values["steps"]), values["most"])


class PeriodLimitSchema(Request):
    """At most so much in each period of so many days, the first from the day it opens."""

    most = fields.Nested(PositiveMoneySchema, required=True)
    days = StrictInteger(required=True, validate=validate.Range(min=1, max=LONGEST_PERIOD_DAYS))

    @post_load
    def to_limit(self, values: dict[str, Any], **_: object) -> PeriodLimit:
        """Make it a value."""
        return PeriodLimit(**values)


class ClauseSchema(Request):
    """One condition in CEL over the facts of a claim, and what it asks for in both languages."""

    name = fields.String(required=True, validate=validate.Regexp(CLAUSE_NAME))
    when = fields.String(required=True, validate=validate.Length(min=1, max=LONGEST))
    en = fields.String(required=True, validate=validate.Length(min=1, max=LONGEST_WORDS))
    zh = fields.String(required=True, validate=validate.Length(min=1, max=LONGEST_WORDS))

    @post_load
    def to_clause(self, values: dict[str, Any], **_: object) -> Clause:
        """Make it a value."""
        return Clause(**values)


class OpenOfferSchema(Request):
    """Body of ``POST /v1/offers``."""

    subsidy = fields.Nested(PositiveMoneySchema, required=True)
    min_checked_in = StrictInteger(required=True, validate=validate.Range(min=1, max=MOST_PEOPLE))
    total_cap = fields.Nested(PositiveMoneySchema, required=True)
    terms = fields.Nested(ShareTermsSchema, required=True)
    opens_at = Moment(load_default=None, allow_none=True)
    closes_at = Moment(required=True)
    ramp = fields.Nested(RampSchema, load_default=None, allow_none=True)
    most_per_host = fields.Nested(PositiveMoneySchema, load_default=None, allow_none=True)
    most_per_period = fields.Nested(PeriodLimitSchema, load_default=None, allow_none=True)
    eligibility = fields.List(
        fields.Nested(ClauseSchema),
        load_default=(),
        validate=validate.Length(max=MOST_CLAUSES),
    )

    @post_load
    def to_values(self, values: dict[str, Any], **_: object) -> dict[str, Any]:
        """Every clause once, by its name."""
        clauses = tuple(values["eligibility"])
        if len({clause.name for clause in clauses}) < len(clauses):
            raise ValidationError("Each clause has a name of its own.", "eligibility")
        return values | {"eligibility": clauses}


class RampStepReply(Reply):
    """One step of a ramp."""

    days_before = fields.Integer(required=True)
    extra_basis_points = fields.Integer(required=True)


class RampReply(Reply):
    """How the subsidy rises as goods near their best-before date."""

    steps = fields.List(fields.Nested(RampStepReply), required=True)
    most = fields.Nested(MoneySchema, required=True)


class PeriodLimitReply(Reply):
    """The most for all hosts together in each period of so many days."""

    most = fields.Nested(MoneySchema, required=True)
    days = fields.Integer(required=True)


class ClauseReply(Reply):
    """One condition of an offer, and what it asks for."""

    name = fields.String(required=True)
    when = fields.String(required=True)
    en = fields.String(required=True)
    zh = fields.String(required=True)


class SubsidyOfferSchema(Reply):
    """A subsidy offer."""

    id = IdField("off", required=True)
    brand_id = IdField("org", required=True)
    subsidy = fields.Nested(MoneySchema, required=True)
    min_checked_in = fields.Integer(required=True)
    total_cap = fields.Nested(MoneySchema, required=True)
    terms = fields.Dict(
        keys=fields.String(validate=validate.OneOf(ROLES)), values=fields.Integer(), required=True
    )
    opens_at = Moment(required=True)
    closes_at = Moment(required=True)
    ramp = fields.Nested(RampReply, required=True, allow_none=True)
    most_per_host = fields.Nested(MoneySchema, required=True, allow_none=True)
    most_per_period = fields.Nested(PeriodLimitReply, required=True, allow_none=True)
    eligibility = fields.List(fields.Nested(ClauseReply), required=True)
    closed = fields.String(required=True, allow_none=True)


OfferPage = page_of(SubsidyOfferSchema, "OfferPage")
