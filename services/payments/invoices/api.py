"""HTTP: invoices as JSON, CSV and PDF, for those who issued and those who got them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response

from chassis.auth import principal
from chassis.permissions import Permission
from chassis.web import Blueprint, needs, page, position_of
from services.payments.invoices.adapters.csv_text import csv_text
from services.payments.invoices.adapters.pdf import pdf
from services.payments.invoices.domain import Charge, Invoice, InvoiceNotFound
from services.payments.invoices.schemas import (
    InvoicesPage,
    InvoicesQuery,
    InvoiceWithLinesSchema,
    shown,
    shown_whole,
)
from services.payments.invoices.use_cases import Invoices
from services.payments.statements.api import CSV, CSV_TEXT, PDF, as_file


def invoices_blueprint(
    invoices: Invoices,
    list_invoices: Callable[..., list[Invoice]],
    lines_of: Callable[[Invoice], list[Charge]],
    *,
    zone: ZoneInfo,
    anchor: Callable[[], str] = str,
) -> Blueprint:
    """Routes under ``/v1/invoices``; ``anchor`` is what every page of a PDF says at its foot."""
    blueprint = Blueprint(
        "invoices",
        __name__,
        url_prefix="/v1/invoices",
        description="What organisations charged each other in a month",
    )

    def theirs(invoice_id: str) -> Invoice:
        """The invoice, if the caller issued or got it or is the platform."""
        invoice, caller = invoices.get(invoice_id), principal()
        if not caller.is_platform and not invoice.concerns(caller.organization_id):
            raise InvoiceNotFound(f"no invoice {invoice_id}")
        return invoice

    @blueprint.get("")
    @needs(Permission.PAYMENTS_STATEMENT_READ)
    @blueprint.arguments(InvoicesQuery, location="query")
    @blueprint.response(200, InvoicesPage)
    def read_invoices(query: dict[str, Any]) -> dict[str, Any]:
        """List what the caller's organisation issued and got; the platform sees all."""
        caller = principal()
        found = list_invoices(
            organization_id=None if caller.is_platform else caller.organization_id,
            period=query["period"],
            after=position_of(query["cursor"]),
            limit=query["limit"],
        )
        listed = page(found, limit=query["limit"], position=lambda invoice: invoice.id)
        return {**listed, "items": [shown(invoice) for invoice in listed["items"]]}

    @blueprint.get("/<invoice_id>")
    @needs(Permission.PAYMENTS_STATEMENT_READ)
    @blueprint.response(200, InvoiceWithLinesSchema)
    def read_invoice(invoice_id: str) -> dict[str, Any]:
        """Read an invoice and each of its lines."""
        invoice = theirs(invoice_id)
        return shown_whole(invoice, lines_of(invoice))

    @blueprint.get("/<invoice_id>.csv")
    @needs(Permission.PAYMENTS_STATEMENT_READ)
    @blueprint.response(200, content_type=CSV)
    def read_invoice_csv(invoice_id: str) -> Response:
        """Give an invoice as a table for a spreadsheet, in both languages."""
        invoice = theirs(invoice_id)
        text = csv_text(invoice, lines_of(invoice), zone)
        return as_file(text.encode(), CSV_TEXT, f"{invoice.kind}-{invoice.name}.csv")

    @blueprint.get("/<invoice_id>.pdf")
    @needs(Permission.PAYMENTS_STATEMENT_READ)
    @blueprint.response(200, content_type=PDF)
    def read_invoice_pdf(invoice_id: str) -> Response:
        """Give an invoice to print, in both languages."""
        invoice = theirs(invoice_id)
        content = pdf(invoice, lines_of(invoice), zone, anchor=anchor())
        return as_file(content, PDF, f"{invoice.kind}-{invoice.name}.pdf")

    return blueprint
