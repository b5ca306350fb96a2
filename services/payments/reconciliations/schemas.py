"""Reconciliations as JSON."""

from __future__ import annotations

from marshmallow import fields, validate

from chassis.web.schemas import Moment, MoneySchema, PageQuery, Reply, Request, Text, page_of
from services.payments.reconciliations.domain import BreakKind, Rule, Standing


class ReconciliationsQuery(PageQuery):
    """Which reconciliations."""

    provider = fields.String(load_default=None, validate=validate.Length(max=32))
    standing = fields.String(load_default=None, validate=validate.OneOf([*Standing]))
    kind = fields.String(load_default=None, validate=validate.OneOf([*BreakKind]))
    operation_id = fields.String(load_default=None, validate=validate.Length(max=64))


class EndBreakSchema(Request):
    """Body of ``POST /v1/reconciliations/{id}/endings``."""

    reason = Text(500, required=True)


class ReconciliationReply(Reply):
    """A line of theirs, or an operation of ours that none tells of; ages in seconds.

    ``rule`` names by what a match was made, ``kind`` how a break differs. The age of a
    break that has ended is how long it was open.
    """

    id = fields.String()
    provider = fields.String()
    line_id = fields.String()
    day = fields.Date()
    amount = fields.Nested(MoneySchema)
    operation_id = fields.String()
    counterparty = fields.String()
    reference = fields.String()
    text = fields.String()
    standing = fields.Enum(Standing, by_value=True)
    rule = fields.Enum(Rule, by_value=True, allow_none=True)
    kind = fields.Enum(BreakKind, by_value=True, allow_none=True)
    found_at = Moment()
    age_seconds = fields.Integer()
    ended_at = Moment(allow_none=True)
    ended_by = fields.String()
    reason = fields.String()


ReconciliationsPage = page_of(ReconciliationReply, "ReconciliationsPage")
