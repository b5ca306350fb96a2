"""What a host reads of an evening: each fen of her account, why, and in four forms."""

from __future__ import annotations

import pytest

from tests.builders.payments import HOST, VENUE, an_id
from tests.integration.payments.house import money, settle


class TestStatement:
    PERIOD = "from=2000-01-01T00:00:00Z&to=2100-01-01T00:00:00Z"

    def ask(self, house, who, ending="", account=f"org:{HOST}:pending"):
        path = f"/statements{ending}?account={account}&{self.PERIOD}"
        return house.ask("GET", path, who, "host")

    def test_tells_the_host_what_each_fen_is_for(self, house, evening):
        settle(house, evening)

        share, subsidy = self.ask(house, HOST).json["lines"]

        assert share["amount"]["minor"] == 100_000
        assert share["why"]["en"] == "Share of the host: takings, 20 % of 500000 fen"
        assert subsidy["why"]["zh"] == "获得补贴：签到 16 人，要求 12 人"
        assert subsidy["balance"]["minor"] == 180_000
        assert share["event"] == {
            "type": "payments.entry.posted.v1",
            "subject": share["entry_id"],
        }

    def test_by_the_time_of_effect_says_so_in_every_form(self, house, evening):
        settle(house, evening)
        by = f"org:{HOST}:pending&by=effective"

        told = self.ask(house, HOST, account=by).json
        page = self.ask(house, HOST, ".html", account=by).text
        table = self.ask(house, HOST, ".csv", account=by).text
        paper = self.ask(house, HOST, ".pdf", account=by)

        assert told["by"] == "effective"
        assert told["lines"] == self.ask(house, HOST).json["lines"]
        assert "按生效时间" in page
        assert "生效时间" in table.splitlines()[0]
        assert paper.status_code == 200

    def test_by_the_time_of_booking_ends_with_its_period(self, house):
        account = f"org:{HOST}:pending&booked_at=2026-01-01T00:00:00Z"

        answer = self.ask(house, HOST, account=account)

        assert (answer.status_code, answer.json["code"]) == (422, "statement-axis-unfit")

    def test_leads_to_contract_settlement_and_entry(self, house, evening):
        settle(house, evening)

        links = self.ask(house, HOST).json["lines"][0]["links"]

        for name in ("contract", "settlement", "entry", "explanation"):
            found = house.ask("GET", links[name].removeprefix("/v1"), HOST, "host")
            assert found.status_code == 200, name

    def test_names_the_refund_that_took_something_back(self, house, evening):
        settle(house, evening)
        refund = an_id("rfd")
        house.hear(
            "payments.command.refund-sale.v1",
            gathering_id=evening["gathering"],
            claim_id=evening["claim"],
            sale_id=evening["sales"][0],
            refund_id=refund,
            amount=money(31_250),
        )
        house.work()

        taken = self.ask(house, HOST).json["lines"][-1]

        assert taken["amount"]["minor"] == -6_250
        assert taken["about"]["refund_id"] == refund
        assert taken["about"]["sale_id"] == evening["sales"][0]

    @pytest.mark.parametrize(
        ("ending", "content_type", "start"),
        [
            (".csv", "text/csv; charset=utf-8", "\ufefftime".encode()),
            (".pdf", "application/pdf", b"%PDF-1."),
            (".html", "text/html; charset=utf-8", b"<!doctype html>"),
        ],
    )
    def test_comes_as_table_print_and_page(self, house, evening, ending, content_type, start):
        settle(house, evening)

        answer = self.ask(house, HOST, ending)

        assert (answer.status_code, answer.content_type) == (200, content_type)
        assert answer.data.startswith(start)

    @pytest.mark.parametrize("ending", ["", ".csv", ".pdf", ".html"])
    def test_is_for_nobody_else(self, house, evening, ending):
        answer = self.ask(house, VENUE, ending)

        assert (answer.status_code, answer.json["code"]) == (403, "account-hidden")
