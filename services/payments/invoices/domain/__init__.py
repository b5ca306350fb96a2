"""The rules of invoices. Pure."""

from services.payments.invoices.domain.charges import (
    CODES,
    FORGIVEN,
    OWED,
    REFUND,
    SETTLEMENT,
    Booked,
    Brands,
    Charge,
    InvoiceUnsound,
    charges_of_due,
    charges_of_refund,
    charges_of_settlement,
)
from services.payments.invoices.domain.invoice import (
    Corrected,
    Invoice,
    InvoiceKind,
    InvoiceNotFound,
    Made,
    Sum,
    issue,
    tax_in,
)

__all__ = [
    "CODES",
    "FORGIVEN",
    "OWED",
    "REFUND",
    "SETTLEMENT",
    "Booked",
    "Brands",
    "Charge",
    "Corrected",
    "Invoice",
    "InvoiceKind",
    "InvoiceNotFound",
    "InvoiceUnsound",
    "Made",
    "Sum",
    "charges_of_due",
    "charges_of_refund",
    "charges_of_settlement",
    "issue",
    "tax_in",
]
