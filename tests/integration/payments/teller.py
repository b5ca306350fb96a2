"""An operator who carries files between payments and a bank."""

from __future__ import annotations

from datetime import timedelta

from services.payments.app import reconciler_of
from services.payments.releases.domain import day_of, midnight
from tests.builders.payments import HOST, an_id
from tests.fakes.bank import ACCOUNT, HOLDER, FakeBank
from tests.integration.payments.house import House, an_evening, settle
from tests.tokens import bearer

WINDOW = timedelta(days=9)
PLATFORM = ("org_platform", "platform")
BANK = {"payout_provider": "bank", "bank_holder": HOLDER, "bank_account": ACCOUNT}


class Desk:
    """An operator between our system and the bank."""

    def __init__(self, house):
        self.house = house
        self.bank = FakeBank(opening=600_000)
        self.reconciler = reconciler_of(house.counter.desk, house.clock)

    def make_file(self):
        return self.house.ask("POST", "/bank-files", *PLATFORM)

    def bring_file(self):
        made = self.make_file()
        assert made.status_code == 201, made.json
        document = self.document(made.json["id"])
        return self.bank.take(document.data)

    def document(self, file_id):
        return self.house.ask("GET", f"/bank-files/{file_id}/document", *PLATFORM)

    def upload(self, content):
        headers = bearer(self.house.keys.member(*PLATFORM), an_id("msg"))
        return self.house.client.post(
            "/v1/bank-statements", data=content, headers=headers, content_type="application/xml"
        )

    def report(self, content):
        headers = bearer(self.house.keys.member(*PLATFORM), an_id("msg"))
        answer = self.house.client.post(
            "/v1/bank-reports", data=content, headers=headers, content_type="application/xml"
        )
        self.house.work()
        return answer

    def tell(self, *lines, **more):
        answer = self.upload(self.bank.statement(lines, day_of(self.house.clock()), **more))
        assert answer.status_code == 201, answer.json
        self.reconcile()
        return answer.json["items"][0]

    def reconcile(self):
        self.reconciler.run()
        self.house.work()

    def listed(self, query=""):
        answer = self.house.ask("GET", f"/reconciliations?{query}", *PLATFORM)
        assert answer.status_code == 200, answer.json
        return answer.json["items"]

    def payout(self):
        (found,) = self.house.ask("GET", "/payouts", *PLATFORM).json["items"]
        return found


def a_desk(house: House) -> Desk:
    """The host's share is on its way to its account, in no file yet."""
    settle(house, an_evening(house))
    named = house.ask(
        "POST",
        "/payout-destinations",
        HOST,
        "host",
        {"holder": "Host & Co", "account": "6222020000001234"},
    )
    assert named.json["state"] == "active"
    noon = midnight(day_of(house.clock() + WINDOW)) + timedelta(hours=12)
    house.advance(noon - house.clock())
    house.pay_out()
    return Desk(house)
