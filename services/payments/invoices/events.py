"""Facts that invoices publish."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from chassis.kernel.decisions import DomainEvent
from chassis.kernel.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceIssued(DomainEvent):
    """A month's invoice, or a credit note, was issued; it never changes.

    ``tax`` is in ``total``; ``corrects`` is the invoice that a correction is of.
    """

    type: ClassVar[str] = "payments.invoice.issued.v1"
    invoice_id: str
    kind: str
    name: str
    period: str
    issuer_id: str
    recipient_id: str
    total: Money
    tax: Money
    corrects: str | None

    @property
    def subject(self) -> str:
        """The invoice; it has this one event only."""
        return self.invoice_id
