"""Faults and disputes of the sandbox as JSON."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, post_load, validate

from chassis.web.schemas import (
    IdField,
    Moment,
    MoneySchema,
    PositiveMoneySchema,
    Reply,
    Request,
    StrictInteger,
    Text,
)
from services.payments.providers.domain import Kind, Stage
from services.payments.sandbox.domain import OF_MESSAGES, Fault
from services.payments.sandbox.use_cases import OpenCase

_TELLS = validate.OneOf(OF_MESSAGES, error="Only faults of messages.")
_FINAL = validate.OneOf((Stage.WON, Stage.LOST), error="won or lost.")


class SetFaultSchema(Request):
    """Body of ``POST /v1/sandbox/faults``."""

    fault = fields.Enum(Fault, by_value=True, required=True)
    kind = fields.Enum(Kind, by_value=True, load_default=None, allow_none=True)
    party_id = IdField("org", load_default=None, allow_none=True)
    times = StrictInteger(load_default=1, validate=validate.Range(min=1, max=1_000_000))


class OpenCaseSchema(Request):
    """Body of ``POST /v1/sandbox/disputes``."""

    sale_id = IdField("sal", required=True)
    amount = fields.Nested(PositiveMoneySchema, required=True)
    fee = fields.Nested(MoneySchema, required=True)
    reason = Text(80, load_default="product-not-received")
    evidence_days = StrictInteger(load_default=7, validate=validate.Range(min=0, max=365))
    fault = fields.Enum(Fault, by_value=True, load_default=None, allow_none=True, validate=_TELLS)

    @post_load
    def to_command(self, values: dict[str, Any], **_: object) -> OpenCase:
        """Make it a command."""
        return OpenCase(**values)


class RuleCaseSchema(Request):
    """Body of ``POST /v1/sandbox/disputes/{reference}/rulings``; told from our side."""

    outcome = fields.Enum(Stage, by_value=True, required=True, validate=_FINAL)
    fault = fields.Enum(Fault, by_value=True, load_default=None, allow_none=True, validate=_TELLS)


class CaseReply(Reply):
    """A dispute as the sandbox's bank has it."""

    reference = fields.String()
    sale_id = fields.String()
    amount = fields.Nested(MoneySchema)
    fee = fields.Nested(MoneySchema)
    reason = fields.String()
    stage = fields.Enum(Stage, by_value=True)
    evidence = fields.String()
    evidence_due = Moment()


class FaultReply(Reply):
    """A way in which the next calls will fail, and how many."""

    id = fields.String()
    fault = fields.Enum(Fault, by_value=True)
    kind = fields.Enum(Kind, by_value=True, allow_none=True)
    party_id = fields.String(allow_none=True)
    times = fields.Integer()


class FaultsReply(Reply):
    """The faults that are set, oldest first."""

    items = fields.List(fields.Nested(FaultReply), required=True)
