"""An invoice adds up, tax and all, and what takes it back takes all of it back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.payments.invoices.domain import Corrected, InvoiceUnsound, Sum, issue, tax_in
from tests.builders.payments import HOST, NOW
from tests.unit.payments.invoices.bills import NOBODY, a_charge, an_invoice

FEN = st.integers(0, 10**12)
RATE = st.integers(0, 10_000)


class TestTax:
    def test_of_six_per_cent_is_in_the_price(self):
        assert tax_in(10_600, 600) == 600

    def test_goes_to_the_larger_remainder(self):
        # 25,000 fen are 23,584.9 without the tax and 1,415.1 of it.
        assert tax_in(25_000, 600) == 1_415
        # 9 fen are 8.49 without and 0.51 of it.
        assert tax_in(9, 600) == 1

    @given(FEN, RATE)
    def test_is_less_than_a_fen_off_and_never_more_than_the_price(self, minor, rate):
        tax = tax_in(minor, rate)

        assert abs(tax * (10_000 + rate) - minor * rate) < 10_000 + rate
        assert 0 <= tax <= minor
        assert tax_in(-minor, rate) == -tax


class TestInvoice:
    def test_shows_the_tax_apart_and_adds_up(self):
        invoice = an_invoice(25_000)

        assert (invoice.net, invoice.tax, invoice.total.minor) == (23_585, 1_415, 25_000)
        assert (invoice.kind, invoice.name) == ("invoice", "2026-03-00001")

    def test_is_told_of_by_a_fact_of_its_own(self):
        charged = Sum("platform", HOST, "CNY", "", 25_000, 1)

        decision = issue(
            charged,
            period="2026-03",
            number=1,
            basis_points=600,
            corrected=None,
            issuer=NOBODY,
            recipient=NOBODY,
            at=NOW,
        )

        (fact,) = decision.events
        assert (fact.subject, fact.total.minor, fact.tax.minor) == (
            decision.state.id,
            25_000,
            1_415,
        )

    def test_has_an_id_that_follows_from_what_it_is_for(self):
        same, other = an_invoice(5, number=9), an_invoice(5, period="2026-04")

        assert an_invoice(25_000).id == same.id != other.id

    def test_is_not_shown_with_lines_that_do_not_add_up(self):
        invoice = an_invoice(900, lines=2)

        invoice.check([a_charge(1_000), a_charge(-100)])
        with pytest.raises(InvoiceUnsound):
            invoice.check([a_charge(1_000), a_charge(-101)])
        with pytest.raises(InvoiceUnsound):
            invoice.check([a_charge(900)])

    def test_concerns_the_two_parties_and_nobody_else(self):
        invoice = an_invoice(1)

        assert invoice.concerns("platform")
        assert invoice.concerns(HOST)
        assert not invoice.concerns("org_other")


class TestCreditNote:
    def test_names_what_it_corrects_and_goes_by_its_rate(self):
        original = an_invoice(25_000)

        note = an_invoice(
            -25_000, corrected=Corrected(original, 25_000), period="2026-04", basis_points=500
        )

        assert (note.kind, note.corrects) == ("credit-note", original.id)
        assert (note.tax_basis_points, note.tax) == (600, -original.tax)
        assert note.id != original.id

    def test_that_rounding_made_positive_is_an_invoice_that_corrects(self):
        original = an_invoice(25_000)

        note = an_invoice(1, corrected=Corrected(original, 25_000), period="2026-04")

        assert (note.kind, note.corrects) == ("invoice", original.id)

    @given(st.lists(st.integers(1, 10_000), min_size=1, max_size=12), RATE)
    def test_in_any_cut_takes_all_of_the_tax_back(self, parts, rate):
        whole = sum(parts)
        original = an_invoice(whole, basis_points=rate)
        left, tax = whole, original.tax

        for number, part in enumerate(parts):
            note = an_invoice(-part, corrected=Corrected(original, left), number=number + 1)
            left, tax = left - part, tax + note.tax
            assert tax == tax_in(left, rate)

        assert (left, tax) == (0, 0)
