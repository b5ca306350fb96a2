"""An invoice as a table and as a file to print."""

from __future__ import annotations

import csv
from zoneinfo import ZoneInfo

from services.payments.invoices.adapters.csv_text import csv_text
from services.payments.invoices.adapters.pdf import pdf
from services.payments.invoices.adapters.words import tax_name
from services.payments.invoices.domain import Corrected, Made
from services.payments.statements.engine.words import Why
from tests.unit.payments.invoices.bills import a_charge, an_invoice
from tests.unit.payments.statements.test_adapters import drawn, in_cid_font

ZONE = ZoneInfo("Asia/Shanghai")
OURS = Made("茶馆科技有限公司", "91310000MA1FL0AB1X")


def table(invoice, charges):
    return list(csv.reader(csv_text(invoice, charges, ZONE).removeprefix("\ufeff").splitlines()))


class TestCsv:
    def test_leads_from_lines_to_net_tax_and_total(self):
        rows = table(an_invoice(25_000, lines=2), [a_charge(26_000), a_charge(-1_000)])

        assert [row[1] for row in rows[4:]] == ["260.00", "-10.00", "235.85", "14.15", "250.00"]
        assert [row[3] for row in rows[-3:]] == ["Net", "Tax 6 %", "Total"]

    def test_names_both_parties_with_their_tax_numbers_if_they_have_said_them(self):
        rows = table(an_invoice(25_000, issuer=OURS), [a_charge(25_000)])

        assert rows[2][4:7:2] == ["开具方", "茶馆科技有限公司   91310000MA1FL0AB1X   platform"]
        assert rows[3][6].startswith("org_")

    def test_runs_no_text_as_a_formula(self):
        charge = a_charge(1, why=Why("=1+1", "=1+1"))

        rows = table(an_invoice(1, issuer=Made("=cmd", "")), [charge])

        assert (rows[2][6][0], rows[4][3][0]) == ("'", "'")


class TestPdf:
    def test_says_everything_in_both_languages_and_that_it_is_no_fapiao(self):
        invoice = an_invoice(25_000, issuer=OURS)

        text = drawn(pdf(invoice, [a_charge(25_000)], ZONE, anchor="Books of a day"))

        for latin in ("Invoice", "235.85", "14.15", "250.00", "Books of a day"):
            assert latin in text, latin
        for chinese in ("应收账单", "品牌份额：收入的", "合计"):
            assert in_cid_font(chinese) in text, chinese
        assert in_cid_font("本单不是税务发票") in text

    def test_of_a_credit_note_names_the_invoice(self):
        original = an_invoice(25_000)
        note = an_invoice(-5, corrected=Corrected(original, 25_000), period="2026-04")

        text = drawn(pdf(note, [a_charge(-5)], ZONE))

        assert "Credit note" in text
        assert in_cid_font(original.id[:20]) in text

    def test_is_the_same_again_and_goes_on_over_many_pages(self):
        charges = [a_charge(1) for _ in range(200)]
        invoice = an_invoice(200, lines=200)

        content = pdf(invoice, charges, ZONE)

        assert content == pdf(invoice, charges, ZONE)
        assert content.count(b"/Type /Page\n") > 3


def test_a_rate_is_written_without_idle_zeros():
    assert tax_name(an_invoice(1, basis_points=600)).en == "Tax 6 %"
    assert tax_name(an_invoice(1, basis_points=1_650)).zh == "税额（16.5%）"
    assert tax_name(an_invoice(1, basis_points=0)).en == "Tax 0 %"
