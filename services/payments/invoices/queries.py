"""Invoices for lists, and their lines."""

from __future__ import annotations

from mongoengine.queryset.visitor import Q

from chassis.mongo import collection
from services.payments.invoices.documents import LINES, InvoiceDocument
from services.payments.invoices.domain import Charge, Invoice
from services.payments.invoices.repositories import to_invoice
from services.payments.statements.engine.words import Why


def invoices_page(
    *, organization_id: str | None, period: str | None, after: str | None, limit: int
) -> list[Invoice]:
    """Up to ``limit + 1`` invoices by id that an organisation issued or got.

    ``organization_id=None`` means all of them; ``after`` is the last id of the page before.
    """
    found = InvoiceDocument.objects
    if organization_id is not None:
        found = found(Q(issuer_id=organization_id) | Q(recipient_id=organization_id))
    if period is not None:
        found = found(period=period)
    if after is not None:
        found = found(id__gt=after)
    return [to_invoice(document) for document in found.order_by("id").limit(limit + 1)]


def lines_of(invoice: Invoice) -> list[Charge]:
    """The lines of an invoice in the order of the books; raise ``InvoiceUnsound``."""
    where = {
        "period": invoice.period,
        "issuer_id": invoice.issuer_id,
        "recipient_id": invoice.recipient_id,
        "currency": invoice.total.currency,
        "of": invoice.of,
    }
    order = [(name, 1) for name in ("segment", "index", "leg", "part")]
    charges = [
        Charge(
            issuer_id=row["issuer_id"],
            recipient_id=row["recipient_id"],
            minor=row["minor"],
            currency=row["currency"],
            entry_id=row["entry_id"],
            place=(row["segment"], row["index"]),
            leg=row["leg"],
            part=row["part"],
            at=row["at"],
            why=Why(row["en"], row["zh"]),
            about=row["about"],
        )
        for row in collection(LINES).find(where).sort(order)
    ]
    invoice.check(charges)
    return charges
