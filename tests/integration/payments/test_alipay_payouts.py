"""Payouts through Alipay on a real database and the real books, with Alipay's messages."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chassis.kernel.time import system_clock
from services.payments.alipay.domain import TRANSFER_MESSAGE
from services.payments.app import reconciler_of
from tests.builders.houses import rsa_keys
from tests.builders.payments import HOST
from tests.fakes.alipay import FakeAlipay, served
from tests.integration.payments.house import House, earn
from tests.integration.payments.test_shared_collections import PLATFORM, alipay_knobs

OWED, ACCOUNT = 180_000, "2088102146225135"


class Stage:
    """Payments, where Alipay pays out, and Alipay beside it."""

    def __init__(self, house, fake):
        self.house, self.fake = house, fake

    def name(self, account):
        body = {"holder": "茶馆有限公司", "account": account}
        answer = self.house.ask("POST", "/payout-destinations", HOST, "host", body)
        self.house.janitor.run()
        return answer

    def knock(self, *, at=None, **changes):
        """Alipay brings a message about our one transfer."""
        (transfer,) = self.fake.transfers.values()
        names = ("out_biz_no", "order_id", "status", "trans_amount")
        told = {name: transfer[name] for name in names} | changes
        headers, body = self.fake.message(TRANSFER_MESSAGE, told, at=at or system_clock())
        answer = self.house.client.post(
            "/v1/providers/alipay/webhooks",
            data=body,
            headers=headers,
            content_type="application/x-www-form-urlencoded",
        )
        self.house.work()
        return answer

    def payout(self):
        (found,) = self.house.ask("GET", "/payouts", *PLATFORM).json["items"]
        return found["state"]

    def left(self):
        return self.house.balance(f"org:{HOST}:available")

    def sent(self):
        return [transfer["trans_amount"] for transfer in self.fake.transfers.values()]


@pytest.fixture
def stage(database):
    """The host earned something and has an account at Alipay."""
    fake = FakeAlipay(system_clock, *rsa_keys())
    with served(fake) as base:
        fake.base = base
        made = House(database, payout_provider="alipay", **alipay_knobs(base))
        fake.clock, found = made.clock, Stage(made, fake)
        earn(made)
        assert found.name(ACCOUNT).status_code == 201
        yield found
        made.ledger.close()


class TestAPayout:
    def test_arrives_and_is_on_the_bill(self, stage):
        stage.house.pay_out()
        reconciler_of(stage.house.counter.desk, stage.house.clock).run()

        found = stage.house.ask("GET", "/reconciliations?provider=alipay", *PLATFORM).json
        (line,) = found["items"]
        assert (stage.payout(), stage.left(), stage.sent()) == ("paid", 0, ["1800.00"])
        assert (line["standing"], line["rule"]) == ("matched", "id")
        assert {row["sum"]["minor"] for row in stage.house.trial()["currencies"]} == {0}

    @pytest.mark.parametrize(
        "faults", [["lost"], ["error"], ["open"], ["unheard", "busy", "lost"]]
    )
    def test_whose_answers_are_lost_is_asked_about_and_made_once(self, stage, faults):
        stage.fake.faults = list(faults)
        stage.house.pay_out()
        for _ in range(6):
            stage.house.advance(timedelta(minutes=6))
            stage.house.janitor.run()
        stage.house.work()

        assert (stage.payout(), stage.sent()) == ("paid", ["1800.00"])

    def test_whose_answer_is_lost_is_ended_by_the_message_however_often_it_comes(self, stage):
        stage.fake.faults = ["lost"]
        stage.house.pay_out()
        before = stage.payout()

        answers = [stage.knock() for _ in range(3)]

        assert [(each.status_code, each.text) for each in answers] == [(200, "success")] * 3
        assert (before, stage.payout(), stage.left()) == ("in-transit", "paid", 0)

    def test_that_alipay_sends_back_comes_back_in_the_books_whatever_is_told_first(self, stage):
        stage.fake.faults = ["lost"]
        stage.house.pay_out()

        stage.knock(status="REFUND")
        stage.knock(status="SUCCESS")
        stage.knock(status="REFUND")

        assert (stage.payout(), stage.left()) == ("failed", OWED)

    def test_for_which_we_have_too_little_there_leaves_the_account_as_it_is(self, stage):
        stage.fake.balance = 1

        stage.house.pay_out()

        (named,) = stage.house.ask("GET", "/payout-destinations", HOST, "host").json["items"]
        assert (stage.payout(), named["state"], stage.left()) == ("failed", "active", OWED)


class TestTheDoor:
    def test_refuses_a_message_of_another_amount_by_calling_a_person(self, stage):
        stage.fake.faults = ["lost"]
        stage.house.pay_out()

        stage.knock(trans_amount="1800.01")

        (alarmed,) = stage.house.ask("GET", "/provider-operations?alarmed=true", *PLATFORM).json[
            "items"
        ]
        assert (alarmed["alarm"], alarmed["state"]) == ("amount-differs", "unknown")
        assert stage.payout() == "in-transit"

    def test_refuses_a_message_that_was_signed_long_ago(self, stage):
        stage.fake.faults = ["lost"]
        stage.house.pay_out()

        stale = stage.knock(at=system_clock() - timedelta(minutes=6))

        assert (stale.status_code, stale.json["code"]) == (403, "notification-stale")
        assert stage.payout() == "in-transit"


@pytest.mark.parametrize(
    "account", ["6222020000001234", "208810214622513", "acct_1MTfjCQ9PRzxEwkZ"]
)
def test_an_account_that_is_not_alipay_s_is_refused(stage, account):
    refused = stage.name(account)

    assert (refused.status_code, refused.json["code"]) == (422, "account-unfit")
