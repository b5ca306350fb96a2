"""An invoice: numbered without gaps, adding up to the fen, the same for ever. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from enum import StrEnum
from typing import NamedTuple

from chassis.kernel.decisions import Decision, Revision
from chassis.kernel.errors import NotFound
from chassis.kernel.ids import named_id
from chassis.kernel.money import Money
from services.payments.invoices.domain.charges import Charge, InvoiceUnsound
from services.payments.invoices.engine.periods import last_day
from services.payments.invoices.engine.rates import WHOLE
from services.payments.invoices.events import InvoiceIssued


class InvoiceNotFound(NotFound):
    """No invoice has that identifier."""

    code = "invoice-not-found"
    hint = "Check the identifier; only who issued an invoice and who got it can read it."
    chinese = "没有这张应收账单，请核对编号；只有开具方和接收方可以查看。"


class InvoiceKind(StrEnum):
    """Whether it asks for money, or takes back what another asked for."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit-note"


class Sum(NamedTuple):
    """All charges of a month from one to another in a currency, by the month they correct.

    ``of`` is that month, empty for what corrects no earlier one.
    """

    issuer_id: str
    recipient_id: str
    currency: str
    of: str
    minor: int
    lines: int

    def id(self, period: str) -> str:
        """What the invoice of these charges is named, for ever."""
        return invoice_id(period, self.issuer_id, self.recipient_id, self.currency, self.of)

    def original_id(self) -> str:
        """What the invoice is named that these charges correct; empty for none."""
        if not self.of:
            return ""
        return invoice_id(self.of, self.issuer_id, self.recipient_id, self.currency)


class Made(NamedTuple):
    """A name and a tax number, as they were when an invoice was issued; empty if unknown."""

    title: str
    tax_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """What one organisation charged another in a month; ``total`` has the tax in it.

    ``number`` counts the issuer's invoices of the month from one. ``tax`` is in minor units.
    One that takes back what an earlier invoice charged names it in ``corrects``, and in ``of``
    the month of that; below zero it is a credit note. Nothing of it changes after it is issued.
    """

    id: str
    period: str
    number: int
    issuer_id: str
    recipient_id: str
    total: Money
    tax_basis_points: int
    tax: int
    corrects: str
    of: str
    lines: int
    issuer: Made
    recipient: Made
    issued_at: datetime
    revision: Revision = Revision()

    @property
    def kind(self) -> InvoiceKind:
        """What it is."""
        return InvoiceKind.CREDIT_NOTE if self.total.minor < 0 else InvoiceKind.INVOICE

    @property
    def name(self) -> str:
        """Its number as it is written: the month and the place in it."""
        return f"{self.period}-{self.number:05d}"

    @property
    def net(self) -> int:
        """What is left without the tax, in minor units."""
        return self.total.minor - self.tax

    def concerns(self, organization_id: str) -> bool:
        """Whether an organisation issued it or got it."""
        return organization_id in (self.issuer_id, self.recipient_id)

    def check(self, charges: Sequence[Charge]) -> None:
        """Raise ``InvoiceUnsound`` unless these are its lines and add up to its total."""
        found = sum(charge.minor for charge in charges)
        if len(charges) != self.lines or found != self.total.minor:
            raise InvoiceUnsound(
                f"{self.id}: {len(charges)} lines of {found}, not {self.lines} of "
                f"{self.total.minor}"
            )


class Corrected(NamedTuple):
    """An earlier invoice, and what it and all its corrections come to in minor units."""

    invoice: Invoice
    minor: int


def issue(
    charged: Sum,
    *,
    period: str,
    number: int,
    basis_points: int,
    corrected: Corrected | None,
    issuer: Made,
    recipient: Made,
    at: datetime,
) -> Decision[Invoice]:
    """Make the invoice of a month's charges; the same again but for ``at`` and the names.

    A correction goes by the rate of the invoice it corrects. It changes the tax by what the
    tax of everything together changes by, so that taking all back takes all of the tax back.
    """
    before = 0
    if corrected is not None:
        before, basis_points = corrected.minor, corrected.invoice.tax_basis_points
    tax = tax_in(before + charged.minor, basis_points) - tax_in(before, basis_points)
    invoice = Invoice(
        id=charged.id(period),
        period=period,
        number=number,
        issuer_id=charged.issuer_id,
        recipient_id=charged.recipient_id,
        total=Money(charged.minor, charged.currency),
        tax_basis_points=basis_points,
        tax=tax,
        corrects=corrected.invoice.id if corrected else "",
        of=charged.of,
        lines=charged.lines,
        issuer=issuer,
        recipient=recipient,
        issued_at=at,
    )
    fact = InvoiceIssued(
        occurred_at=at,
        invoice_id=invoice.id,
        kind=invoice.kind.value,
        name=invoice.name,
        period=period,
        issuer_id=invoice.issuer_id,
        recipient_id=invoice.recipient_id,
        total=invoice.total,
        tax=Money(tax, charged.currency),
        corrects=invoice.corrects or None,
    )
    return Decision(invoice, (fact,))


def tax_in(minor: int, basis_points: int) -> int:
    """The tax that is in an amount, in minor units: with the price it adds up to the amount."""
    _, tax = Money(minor, "").allocate((WHOLE, basis_points))
    return tax.minor


def invoice_id(period: str, issuer_id: str, recipient_id: str, currency: str, of: str = "") -> str:
    """The name of an invoice follows from what it is for; names are in the order of months."""
    at = datetime.combine(last_day(period), time.min, UTC)
    return named_id("ivc", at, issuer_id, recipient_id, period, currency, of)
