"""An invoice as PDF in both languages."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from services.payments.invoices.adapters.words import (
    NET,
    NO_FAPIAO,
    TOTAL,
    heading,
    parties,
    tax_name,
)
from services.payments.invoices.domain import Charge, Invoice
from services.payments.statements.adapters.sheet import CHINESE, LEAD, LEFT, RIGHT, SMALL, Sheet
from services.payments.statements.engine.amounts import grouped


def pdf(invoice: Invoice, charges: Sequence[Charge], zone: ZoneInfo, *, anchor: str = "") -> bytes:
    """The whole file; times are by the clock of ``zone``.

    ``anchor`` stands at the foot of every page. The same invoice gives the same bytes.
    """
    name, currency = heading(invoice), invoice.total.currency
    sheet = Sheet(f"{name.en} {invoice.name}", zone, anchor)
    sheet.heading(name.en, name.zh)
    issued = f"{invoice.issued_at.astimezone(zone):%Y-%m-%d}"
    sheet.field("Number", "编号", f"{invoice.name}   {invoice.id}")
    sheet.field("Period, issued", "期间、开具日", f"{invoice.period}   {issued}   {currency}")
    for who, value in parties(invoice):
        sheet.field(who.en, who.zh, value)
    if invoice.corrects:
        sheet.field("Corrects", "冲销", invoice.corrects)
    sheet.y -= LEAD
    for charge in charges:
        figures = {RIGHT: grouped(charge.minor, currency)}
        sheet.item(charge.at, charge.why, figures, f"{charge.entry_id}  {charge.leg}")
    sheet.rule()
    sheet.sum(NET.en, NET.zh, grouped(invoice.net, currency))
    tax = tax_name(invoice)
    sheet.sum(tax.en, tax.zh, grouped(invoice.tax, currency))
    sheet.sum(TOTAL.en, TOTAL.zh, grouped(invoice.total.minor, currency))
    sheet.room(2 * LEAD)
    sheet.text(LEFT, f"{NO_FAPIAO.zh} {NO_FAPIAO.en}", CHINESE, SMALL)
    return sheet.finished()
