"""Payouts through Stripe on a real database and the real books, with Stripe's messages."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chassis.kernel.time import system_clock
from chassis.mongo import collection
from chassis.settings import SettingsError
from services.payments.app import create_app
from services.payments.settings import PaymentsSettings
from services.payments.wiring import reconciler_of
from tests.builders.payments import HOST
from tests.fakes.stripe import KEY, WEBHOOK_SECRET, FakeStripe, served
from tests.integration.payments.house import House, earn

PLATFORM = ("org_platform", "platform")
SECRETS = {"stripe_key": KEY, "stripe_webhook_secret": WEBHOOK_SECRET}
OWED = 180_000


class Stage:
    """Payments, and Stripe beside it."""

    def __init__(self, house, stripe):
        self.house, self.stripe = house, stripe

    def name(self, account):
        body = {"holder": "Host & Co", "account": account}
        answer = self.house.ask("POST", "/payout-destinations", HOST, "host", body)
        self.house.janitor.run()
        return answer

    def knock(self, kind, thing, **more):
        """Stripe brings a message to our door."""
        headers, body = self.stripe.event(kind, thing, at=system_clock(), **more)
        return self.send(headers, body)

    def send(self, headers, body):
        answer = self.house.client.post(
            "/v1/providers/stripe/webhooks",
            data=body,
            headers=headers,
            content_type="application/json",
        )
        self.house.work()
        return answer

    def transfer(self):
        (found,) = self.stripe.transfers.values()
        return found

    def take_back(self):
        transfer = self.transfer()
        path = f"/v1/transfers/{transfer['id']}/reversals"
        self.stripe.answer("POST", path, {"amount": transfer["amount"]})

    def payout(self):
        (found,) = self.house.ask("GET", "/payouts", *PLATFORM).json["items"]
        return found["state"]

    def left(self):
        return self.house.balance(f"org:{HOST}:available")


@pytest.fixture
def stage(database):
    """The host earned something and has an account at Stripe."""
    stripe = FakeStripe(system_clock)
    with served(stripe) as base:
        made = House(database, payout_provider="stripe", stripe_api_base=base, **SECRETS)
        stripe.clock, found = made.clock, Stage(made, stripe)
        earn(made)
        assert found.name(stripe.open_account()).status_code == 201
        yield found
        made.ledger.close()


def in_balance(stage):
    return {row["sum"]["minor"] for row in stage.house.trial()["currencies"]} == {0}


class TestAPayout:
    def test_arrives_at_the_connected_account_and_is_on_the_bill(self, stage):
        stage.house.pay_out()
        reconciler_of(stage.house.counter.desk, stage.house.clock).run()

        (line,) = stage.house.ask("GET", "/reconciliations?provider=stripe", *PLATFORM).json[
            "items"
        ]
        assert (stage.payout(), stage.left()) == ("paid", 0)
        assert stage.transfer()["amount"] == OWED
        assert (line["standing"], line["rule"]) == ("matched", "id")
        assert in_balance(stage)

    @pytest.mark.parametrize("fault", ["lost", "error"])
    def test_whose_answer_is_lost_is_ended_by_the_message(self, stage, fault):
        stage.stripe.faults = [fault]
        stage.house.pay_out()
        before = stage.payout()

        answers = [stage.knock("transfer.created", stage.transfer()) for _ in range(2)]

        assert [answer.status_code for answer in answers] == [200, 200]
        assert (before, stage.payout(), stage.left()) == ("in-transit", "paid", 0)

    @pytest.mark.parametrize("faults", [["lost"], ["error"], ["unheard", "busy", "lost"]])
    def test_whose_answers_and_messages_are_lost_is_asked_about_and_made_once(self, stage, faults):
        stage.stripe.faults = list(faults)
        stage.house.pay_out()
        for _ in range(6):
            stage.house.advance(timedelta(minutes=6))
            stage.house.janitor.run()
        stage.house.work()

        assert (stage.payout(), stage.transfer()["amount"]) == ("paid", OWED)

    @pytest.mark.parametrize("answered", [True, False])
    def test_that_was_taken_back_comes_back_in_the_books_whatever_is_told_first(
        self, stage, answered
    ):
        stage.stripe.faults = [] if answered else ["lost"]
        stage.house.pay_out()
        as_it_was = dict(stage.transfer())
        stage.take_back()

        stage.knock("transfer.reversed", stage.transfer(), own="evt_2")
        stage.knock("transfer.created", as_it_was, own="evt_1")
        stage.knock("transfer.reversed", stage.transfer(), own="evt_2")

        assert stage.payout() == ("returned" if answered else "failed")
        assert stage.left() == OWED
        assert in_balance(stage)

    def test_when_there_is_too_little_at_stripe_leaves_the_account_as_it_is(self, stage):
        stage.stripe.balance = 1

        stage.house.pay_out()

        (named,) = stage.house.ask("GET", "/payout-destinations", HOST, "host").json["items"]
        assert (stage.payout(), named["state"], stage.left()) == ("failed", "active", OWED)


class TestTheDoor:
    def test_thanks_for_a_message_that_is_not_about_us(self, stage):
        answer = stage.knock("customer.created", {"id": "cus_1"})

        assert (answer.status_code, answer.json) == (200, {})

    def test_refuses_what_stripe_did_not_sign_and_what_was_signed_long_ago(self, stage):
        stage.stripe.faults = ["lost"]
        stage.house.pay_out()
        old = system_clock() - timedelta(minutes=6)
        headers, body = stage.stripe.event("transfer.created", stage.transfer(), at=old)

        stale = stage.send(headers, body)
        forged = stage.send(headers | {"stripe-signature": "t=1,v1=00"}, body)

        assert (stale.status_code, stale.json["code"]) == (403, "notification-stale")
        assert (forged.status_code, forged.json["code"]) == (403, "notification-forged")
        assert stage.payout() == "in-transit"


class TestAnAccount:
    def test_that_looks_like_a_bank_s_is_refused_and_nothing_is_kept(self, stage):
        refused = stage.name("6222020000001234")

        assert (refused.status_code, refused.json["code"]) == (422, "account-unfit")
        assert collection("payout_destinations").count_documents({}) == 1

    def test_at_stripe_is_refused_where_a_bank_pays(self, database):
        house = House(database)

        refused = Stage(house, None).name("acct_1MTfjCQ9PRzxEwkZ")

        assert (refused.status_code, refused.json["code"]) == (422, "account-unfit")
        house.ledger.close()

    def test_that_stripe_has_not_looked_at_is_paid_to_once_it_has(self, stage):
        account = stage.stripe.open_account("pending")
        waiting = stage.name(account).json["id"]

        stage.stripe.accounts[account] = "active"
        stage.house.advance(timedelta(hours=1, minutes=1))
        stage.house.janitor.run()

        found = stage.house.ask("GET", f"/payout-destinations/{waiting}", HOST, "host").json
        assert found["state"] == "active"


class TestTheSecrets:
    def test_are_never_stored_or_logged(self, stage, capfd, caplog):
        stage.stripe.faults = ["error"]
        stage.house.pay_out()
        stage.stripe.key = "sk_test_another"
        stage.house.advance(timedelta(minutes=6))
        stage.house.janitor.run()
        stage.knock("transfer.created", {"unlike": "a transfer"})

        database = collection("payouts").database
        kept = [row for name in database.list_collection_names() for row in database[name].find()]
        said = "".join(capfd.readouterr()) + caplog.text
        assert kept
        assert not [word for word in (KEY, WEBHOOK_SECRET) if word in repr(kept) + said]
        assert KEY not in repr(PaymentsSettings(service="payments", **SECRETS))

    @pytest.mark.parametrize(
        "knobs",
        [
            {"stripe_key": KEY},
            {"stripe_webhook_secret": WEBHOOK_SECRET},
            SECRETS | {"stripe_api_base": "http://192.0.2.1"},
        ],
    )
    def test_that_are_not_whole_or_not_safe_start_nothing(self, database, knobs):
        with pytest.raises(SettingsError, match="PAYMENTS_STRIPE"):
            create_app(PaymentsSettings(service="payments", mongo_uri=database, **knobs))

    def test_that_are_not_given_leave_stripe_out(self, database):
        house = House(database)

        answer = Stage(house, None).send({}, b"{}")

        assert (answer.status_code, answer.json["code"]) == (404, "provider-unknown")
        house.ledger.close()
