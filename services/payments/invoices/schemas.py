"""Invoices as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from marshmallow import fields, validate

from chassis.web.schemas import Moment, PageQuery, Reply, page_of
from services.payments.invoices.domain import Charge, Invoice, InvoiceKind
from services.payments.statements.schemas import StatementMoneySchema, WhySchema


class InvoicesQuery(PageQuery):
    """Which part of the list; of all months, or of one such as ``2026-09``."""

    period = fields.String(
        load_default=None, validate=validate.Regexp(r"^2\d{3}-(0[1-9]|1[0-2])\Z")
    )


class MadeSchema(Reply):
    """Who issued or got it; title and tax number are empty where none was said by then."""

    organization_id = fields.String(required=True)
    title = fields.String(required=True)
    tax_number = fields.String(required=True)


class InvoiceSchema(Reply):
    """What one organisation charged another in a month; ``total`` is ``net`` and ``tax``.

    ``number`` counts the issuer's of the month, ``lines`` says how many there are. Only the
    platform's own are taxed here.
    """

    id = fields.String(required=True)
    kind = fields.Enum(InvoiceKind, by_value=True, required=True)
    name = fields.String(required=True)
    number = fields.Integer(required=True)
    period = fields.String(required=True)
    issuer = fields.Nested(MadeSchema, required=True)
    recipient = fields.Nested(MadeSchema, required=True)
    net = fields.Nested(StatementMoneySchema, required=True)
    tax = fields.Nested(StatementMoneySchema, required=True)
    tax_basis_points = fields.Integer(required=True)
    total = fields.Nested(StatementMoneySchema, required=True)
    corrects = fields.String(required=True, allow_none=True)
    lines = fields.Integer(required=True)
    issued_at = Moment(required=True)


class InvoiceLineSchema(Reply):
    """One leg of an entry of the books that was charged, and why."""

    entry_id = fields.String(required=True)
    leg = fields.Integer(required=True)
    at = Moment(required=True)
    amount = fields.Nested(StatementMoneySchema, required=True)
    why = fields.Nested(WhySchema, required=True)
    about = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class InvoiceWithLinesSchema(InvoiceSchema):
    """An invoice and its lines, which add up to its total."""

    charges = fields.List(fields.Nested(InvoiceLineSchema), required=True)


InvoicesPage = page_of(InvoiceSchema, "InvoicesPage")


def shown(invoice: Invoice) -> dict[str, Any]:
    """An invoice as ``InvoiceSchema`` dumps it."""

    def money(minor: int) -> dict[str, Any]:
        return {"minor": minor, "currency": invoice.total.currency}

    return {
        "id": invoice.id,
        "kind": invoice.kind,
        "name": invoice.name,
        "number": invoice.number,
        "period": invoice.period,
        "issuer": {"organization_id": invoice.issuer_id, **invoice.issuer._asdict()},
        "recipient": {"organization_id": invoice.recipient_id, **invoice.recipient._asdict()},
        "net": money(invoice.net),
        "tax": money(invoice.tax),
        "tax_basis_points": invoice.tax_basis_points,
        "total": money(invoice.total.minor),
        "corrects": invoice.corrects or None,
        "lines": invoice.lines,
        "issued_at": invoice.issued_at,
    }


def shown_whole(invoice: Invoice, charges: Sequence[Charge]) -> dict[str, Any]:
    """An invoice as ``InvoiceWithLinesSchema`` dumps it."""
    lines = [
        {
            "entry_id": charge.entry_id,
            "leg": charge.leg,
            "at": charge.at,
            "amount": {"minor": charge.minor, "currency": charge.currency},
            "why": charge.why,
            "about": charge.about,
        }
        for charge in charges
    ]
    return {**shown(invoice), "charges": lines}
