"""What a bank reports of a file before it books it, on a real database and the real books."""

from __future__ import annotations

import pytest

from tests.builders.payments import HOST
from tests.integration.payments.house import House, money
from tests.integration.payments.teller import BANK, PLATFORM, a_desk


@pytest.fixture
def house(database):
    found = House(database, **BANK)
    yield found
    found.ledger.close()


@pytest.fixture
def desk(house):
    return a_desk(house)


class TestAReport:
    @pytest.mark.parametrize("content", [b"no XML", b"<Document/>"])
    def test_that_cannot_be_read_is_refused(self, desk, content):
        refused = desk.report(content)

        assert (refused.status_code, refused.json["code"]) == (422, "bank-report-unreadable")
        assert desk.payout()["state"] == "in-transit"


class TestAPayout:
    @pytest.mark.parametrize(("reason", "account"), [("AC01", "refused"), ("AM04", "active")])
    def test_that_a_report_rejects_fails_and_frees_its_money_once(
        self, house, desk, reason, account
    ):
        (own,) = desk.bring_file()
        message = house.ask("GET", "/bank-files", *PLATFORM).json["items"][0]["id"]
        content = desk.bank.report(
            (own, "RJCT", reason),
            ("opn-of-nobody", "RJCT", "AC01"),
            message=message.replace("_", "-"),
        )

        told = [desk.report(content) for _ in range(2)]
        desk.reconcile()

        assert [answer.status_code for answer in told] == [201, 201]
        assert [each["state"] for each in told[0].json["items"]] == ["failed", None]
        assert told[0].json == told[1].json
        assert (desk.payout()["state"], house.balance(f"org:{HOST}:available")) == (
            "failed",
            180_000,
        )
        (named,) = house.ask("GET", "/payout-destinations", HOST, "host").json["items"]
        assert named["state"] == account
        (odd,) = desk.listed("standing=open")
        assert (odd["kind"], odd["amount"]) == ("missing-here", money(0))
        assert odd["text"].startswith("opn-of-nobody: RJCT AC01")
        assert {row["sum"]["minor"] for row in house.trial()["currencies"]} == {0}

    def test_that_a_report_settles_is_paid_and_matched_when_the_statement_comes(self, house, desk):
        (own,) = desk.bring_file()
        message = house.ask("GET", "/bank-files", *PLATFORM).json["items"][0]["id"]

        told = desk.report(desk.bank.report((own, "ACSC", ""), message=message.replace("_", "-")))
        before = desk.payout()["state"]
        desk.tell(desk.bank.paid(own))

        assert told.json["file_id"] == message
        assert (before, desk.payout()["state"]) == ("paid", "paid")
        assert desk.listed("standing=open") == []
