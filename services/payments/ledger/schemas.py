"""Entries, balances and statements as JSON."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, post_load, validate

from chassis.web.schemas import IdField, Moment, Reply, Request, StrictInteger
from services.payments.ledger.domain import EntryRequest, Kind, Leg, Status

KINDS = [kind.word for kind in Kind]


class LegSchema(Request):
    """One account's part in an entry; negative is money out."""

    account = fields.String(required=True)
    minor = StrictInteger(required=True)
    currency = fields.String(required=True)

    @post_load
    def to_leg(self, values: dict[str, Any], **_: object) -> Leg:
        """Make it a value."""
        return Leg(**values)


class EntryRequestSchema(Request):
    """An entry to book."""

    id = IdField("ent", required=True)
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    code = fields.String(required=True)
    legs = fields.List(fields.Nested(LegSchema), load_default=list)
    reason = fields.Dict(load_default=dict)
    pending_id = fields.String(load_default=None, allow_none=True)
    reference = fields.String(load_default=None, allow_none=True)
    expires_at = Moment(load_default=None, allow_none=True)

    @post_load
    def to_request(self, values: dict[str, Any], **_: object) -> EntryRequest:
        """Make it a value, or raise ``EntryMalformed``."""
        kind, legs = Kind[values.pop("kind").upper()], tuple(values.pop("legs"))
        return EntryRequest(kind=kind, legs=legs, **values)


class EntriesBodySchema(Request):
    """Entries from another process; ``final`` when they must not be passed on."""

    entries = fields.List(fields.Nested(EntryRequestSchema), required=True)
    final = fields.Boolean(load_default=False)


class OutcomeSchema(Reply):
    """What became of one entry."""

    id = fields.String(required=True)
    status = fields.Enum(Status, by_value=True, required=True)
    code = fields.String()
    detail = fields.String()
    segment = fields.Integer(allow_none=True)
    index = fields.Integer(allow_none=True)
    difference = fields.Dict()


class OutcomesSchema(Reply):
    """What became of each entry, in the order they were given."""

    outcomes = fields.List(fields.Nested(OutcomeSchema), required=True)
