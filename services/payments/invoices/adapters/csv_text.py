"""An invoice as CSV (RFC 4180) for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from chassis.kernel.formulas import marked
from services.payments.invoices.adapters.words import NET, TOTAL, heading, parties, tax_name
from services.payments.invoices.domain import Charge, Invoice
from services.payments.statements.adapters.csv_text import moment
from services.payments.statements.engine.amounts import plain
from services.payments.statements.engine.words import Why

HEADER = ("time 时间", "amount 金额", "currency 币种", "why", "原因", "entry 分录", "about 关联")


def csv_text(invoice: Invoice, charges: Sequence[Charge], zone: ZoneInfo) -> str:
    """A header, number and parties, a line each, then net, tax and total.

    Times are by the clock of ``zone`` with their offset. Text that a spreadsheet would run
    as a formula is marked as text; amounts are numbers. Begins with the mark by which
    spreadsheets know UTF-8.
    """
    currency, written = invoice.total.currency, io.StringIO()
    table = csv.writer(written)
    table.writerow(HEADER)
    at = moment(invoice.issued_at, zone)
    for name, value in [(heading(invoice), f"{invoice.name} {invoice.id}"), *parties(invoice)]:
        table.writerow((at, "", currency, name.en, name.zh, "", marked(value)))
    for charge in charges:
        about = "; ".join(f"{name} {value}" for name, value in sorted(charge.about.items()))
        texts = (charge.why.en, charge.why.zh, f"{charge.entry_id} {charge.leg}", about)
        amount = plain(charge.minor, currency)
        table.writerow((moment(charge.at, zone), amount, currency, *map(marked, texts)))
    figures: tuple[tuple[Why, int], ...] = (
        (NET, invoice.net),
        (tax_name(invoice), invoice.tax),
        (TOTAL, invoice.total.minor),
    )
    for name, minor in figures:
        table.writerow((at, plain(minor, currency), currency, name.en, name.zh, "", ""))
    return "\ufeff" + written.getvalue()
