"""What an invoice says in both languages."""

from __future__ import annotations

from services.payments.invoices.domain import Invoice, InvoiceKind
from services.payments.statements.engine.words import Why

_KINDS = {
    InvoiceKind.INVOICE: Why("Invoice", "应收账单"),
    InvoiceKind.CREDIT_NOTE: Why("Credit note", "贷项通知单"),
}
NET = Why("Net", "不含税金额")
TOTAL = Why("Total", "合计")
# An official one is issued in the tax system alone.
NO_FAPIAO = Why(
    "This is not an official fapiao.", "本单不是税务发票（发票由开具方在税务系统开具）。"
)


def heading(invoice: Invoice) -> Why:
    """What it is."""
    return _KINDS[invoice.kind]


def tax_name(invoice: Invoice) -> Why:
    """The tax with its rate: 6 %."""
    points = invoice.tax_basis_points
    rate = f"{points // 100}.{points % 100:02}".rstrip("0").rstrip(".")
    return Why(f"Tax {rate} %", f"税额（{rate}%）")


def parties(invoice: Invoice) -> list[tuple[Why, str]]:
    """Who issued it and who got it: title and tax number if they said them, and the id."""
    both = (
        (Why("Issued by", "开具方"), invoice.issuer, invoice.issuer_id),
        (Why("To", "接收方"), invoice.recipient, invoice.recipient_id),
    )
    return [
        (name, "   ".join(filter(None, (made.title, made.tax_number, organization_id))))
        for name, made, organization_id in both
    ]
