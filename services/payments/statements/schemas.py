"""Statements as JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from marshmallow import fields, validate

from chassis.web.schemas import Moment, Reply, Request
from services.payments.statements.domain import Axis, Line, Statement


class StatementQuerySchema(Request):
    """Whose statement, and for which period: from its start up to its end, exclusive.

    ``by`` says by which time of an entry; by that of its effect, ``booked_at`` leaves out
    what was booked later.
    """

    account = fields.String(required=True)
    start: fields.Field[datetime] = Moment(required=True, data_key="from")
    end: fields.Field[datetime] = Moment(required=True, data_key="to")
    currency = fields.String(
        load_default="CNY", validate=validate.Regexp(r"^[A-Z][A-Z0-9]{2,7}\Z")
    )
    axis = fields.Enum(Axis, by_value=True, load_default=Axis.BOOKED, data_key="by")
    booked_at = Moment(load_default=None)


class StatementMoneySchema(Reply):
    """An amount in minor units that may be negative."""

    minor = fields.Integer(required=True)
    currency = fields.String(required=True)


class WhySchema(Reply):
    """One reason in both languages."""

    en = fields.String(required=True)
    zh = fields.String(required=True)


class StatementLineSchema(Reply):
    """What one leg of an entry moved, and why; ``at`` is its time by the statement's axis.

    ``event`` is the fact that told it to others; ``about`` names contract, settlement, sale
    or refund by id; ``links`` leads to those that payments answers for.
    """

    entry_id = fields.String(required=True)
    leg = fields.Integer(required=True)
    at = Moment(required=True)
    booked_at = Moment(required=True)
    kind = fields.String(required=True)
    code = fields.String(required=True)
    amount = fields.Nested(StatementMoneySchema, required=True)
    balance = fields.Nested(StatementMoneySchema, required=True)
    why = fields.Nested(WhySchema, required=True)
    event = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    about = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    links = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class StatementSchema(Reply):
    """What moved on an account in a period; opening plus movements is closing."""

    account = fields.String(required=True)
    currency = fields.String(required=True)
    start = Moment(required=True, data_key="from")
    end = Moment(required=True, data_key="to")
    axis = fields.Enum(Axis, by_value=True, required=True, data_key="by")
    booked_at = Moment(allow_none=True, required=True)
    opening = fields.Nested(StatementMoneySchema, required=True)
    money_in = fields.Nested(StatementMoneySchema, required=True)
    money_out = fields.Nested(StatementMoneySchema, required=True)
    lines = fields.List(fields.Nested(StatementLineSchema), required=True)
    closing = fields.Nested(StatementMoneySchema, required=True)


_ROUTES = {
    "contract_id": "/v1/share-contracts/{}",
    "naming_rights_id": "/v1/naming-rights/{}",
    "settlement_id": "/v1/settlements/{}/explanation",
}


def shown(statement: Statement) -> dict[str, Any]:
    """A statement as ``StatementSchema`` dumps it."""

    def money(minor: int) -> dict[str, Any]:
        return {"minor": minor, "currency": statement.currency}

    return {
        "account": statement.account,
        "currency": statement.currency,
        "start": statement.start,
        "end": statement.end,
        "axis": statement.axis,
        "booked_at": statement.booked_at,
        "opening": money(statement.opening),
        "money_in": money(statement.money_in),
        "money_out": money(statement.money_out),
        "closing": money(statement.closing),
        "lines": [
            {
                "entry_id": line.entry_id,
                "leg": line.leg,
                "at": line.at,
                "booked_at": line.booked_at,
                "kind": line.kind,
                "code": line.code,
                "amount": money(line.minor),
                "balance": money(line.balance),
                "why": line.why,
                "event": {"type": "payments.entry.posted.v1", "subject": line.entry_id},
                "about": line.about,
                "links": _links(line),
            }
            for line in statement.lines
        ],
    }


def _links(line: Line) -> dict[str, str]:
    entry = f"/v1/entries/{line.entry_id}"
    found = {
        "entry": entry,
        "explanation": f"{entry}/explanation",
        "receipt": f"{entry}/receipt",
    }
    for name, route in _ROUTES.items():
        if name in line.about:
            found[name.removesuffix("_id")] = route.format(line.about[name])
    return found
