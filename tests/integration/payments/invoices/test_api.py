"""Invoices over HTTP: for both parties, in three forms, made out as they said."""

from __future__ import annotations

import pytest

from tests.builders.payments import BRAND, HOST, VENUE
from tests.integration.payments.house import an_evening, settle
from tests.integration.payments.invoices.month import STRANGER, by_pair


class TestReading:
    @pytest.fixture
    def fee(self, month):
        settle(month, an_evening(month))
        month.end()
        return by_pair(month.invoices())["platform", HOST]

    def test_is_for_both_parties_and_the_platform_only(self, month, fee):
        found = by_pair(month.invoices())[BRAND, HOST]

        for who, kind in ((BRAND, "brand"), (HOST, "host"), ("org_platform", "platform")):
            assert month.read(found, who, kind)["id"] == found["id"]
        for ending in ("", ".csv", ".pdf"):
            for who in (VENUE, STRANGER):
                answer = month.ask("GET", f"/invoices/{found['id']}{ending}", who, "venue")
                assert (answer.status_code, answer.json["code"]) == (404, "invoice-not-found")

    @pytest.mark.usefixtures("fee")
    def test_lists_an_organisation_what_it_issued_and_got(self, month):
        assert len(month.invoices(HOST, "host")) == 6
        assert len(month.invoices(VENUE, "venue")) == 1
        assert month.invoices(STRANGER, "host") == []
        assert month.invoices(HOST, "host", period="2026-04") == []

    @pytest.mark.usefixtures("fee")
    def test_lists_page_by_page(self, month):
        found, cursor = [], ""
        while cursor is not None:
            more = cursor and f"&cursor={cursor}"
            answer = month.ask("GET", f"/invoices?limit=4{more}", HOST, "host").json
            found += answer["items"]
            cursor = answer["next_cursor"]

        assert found == month.invoices(HOST, "host")

    @pytest.mark.parametrize("period", ["2026", "2026-13", "2026-3", "202603"])
    def test_refuses_what_is_no_month(self, month, period):
        answer = month.ask("GET", f"/invoices?period={period}", HOST, "host")

        assert answer.status_code == 400

    @pytest.mark.parametrize(
        ("ending", "content_type", "start"),
        [
            (".csv", "text/csv; charset=utf-8", "\ufefftime".encode()),
            (".pdf", "application/pdf", b"%PDF-1."),
        ],
    )
    def test_comes_as_table_and_print(self, month, fee, ending, content_type, start):
        answer = month.ask("GET", f"/invoices/{fee['id']}{ending}", HOST, "host")

        assert (answer.status_code, answer.content_type) == (200, content_type)
        assert answer.data.startswith(start)
        named = f'attachment; filename="invoice-{fee["name"]}{ending}"'
        assert answer.headers["Content-Disposition"] == named

    def test_leads_to_the_entry_of_each_line(self, month, fee):
        (line,) = month.read(fee)["charges"]

        answer = month.ask("GET", f"/entries/{line['entry_id']}", "org_platform", "platform")

        leg = answer.json["legs"][line["leg"]]
        assert (leg["account"], leg["posted"]) == ("platform:fees", 25_000)


class TestTitle:
    def test_is_on_invoices_issued_after_it_was_said_and_stays_there(self, month):
        said = {"title": "上海发饰有限公司", "tax_number": "91310000MA1FL0AB1X"}
        month.ask("PUT", "/invoice-title", BRAND, "brand", said)
        month.ask("PUT", "/invoice-title", "org_platform", "platform", {"title": "茶馆"})
        settle(month, an_evening(month))
        month.end()
        month.ask("PUT", "/invoice-title", BRAND, "brand", {"title": "Other"})

        found = by_pair(month.invoices())

        assert found[BRAND, HOST]["issuer"] == {"organization_id": BRAND, **said}
        assert found[BRAND, HOST]["recipient"]["title"] == ""
        assert found["platform", HOST]["issuer"]["title"] == "茶馆"

    def test_is_an_organisation_s_own(self, month):
        month.ask("PUT", "/invoice-title", BRAND, "brand", {"title": "Brand"})

        own = month.ask("GET", "/invoice-title", BRAND, "brand")
        others = month.ask("GET", "/invoice-title", VENUE, "venue")

        assert (own.json["title"], own.json["tax_number"]) == ("Brand", "")
        assert (others.status_code, others.json["code"]) == (404, "invoice-title-not-found")

    def test_with_a_number_that_is_none_is_refused_and_nothing_is_kept(self, month):
        body = {"title": "Brand", "tax_number": "12-34"}

        answer = month.ask("PUT", "/invoice-title", BRAND, "brand", body)

        assert (answer.status_code, answer.json["code"]) == (422, "tax-number-unfit")
        assert month.ask("GET", "/invoice-title", BRAND, "brand").status_code == 404
