"""Faults of the sandbox as JSON."""

from __future__ import annotations

from marshmallow import fields, validate

from chassis.web.schemas import IdField, Reply, Request, StrictInteger
from services.payments.providers.domain import Kind
from services.payments.sandbox.domain import Fault


class SetFaultSchema(Request):
    """Body of ``POST /v1/sandbox/faults``."""

    fault = fields.Enum(Fault, by_value=True, required=True)
    kind = fields.Enum(Kind, by_value=True, load_default=None, allow_none=True)
    party_id = IdField("org", load_default=None, allow_none=True)
    times = StrictInteger(load_default=1, validate=validate.Range(min=1, max=1_000_000))


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
