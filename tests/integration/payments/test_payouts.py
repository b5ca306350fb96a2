"""From a pending share to the bank, and what happens when the provider fails on the way."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from chassis.kernel.money import Money
from chassis.kernel.time import system_clock
from chassis.mongo import collection
from services.payments.debts.domain import recovery
from services.payments.ledger.domain import debt_of
from services.payments.providers.domain import Kind
from services.payments.sandbox.domain import Fault
from services.payments.sandbox.engine import sign
from services.payments.sandbox.repositories import MongoVault
from tests.builders.payments import BRAND, HOST, VENUE, an_id
from tests.integration.payments.house import an_evening, money, settle

WINDOW, DAY = timedelta(days=9), timedelta(days=1)
PLATFORM = ("org_platform", "platform")
ACCOUNT = {"holder": "Host & Co", "account": "6222020000001234"}


def pending(who):
    return f"org:{who}:pending"


def available(who):
    return f"org:{who}:available"


def name_account(house, who, kind, **changes):
    answer = house.ask("POST", "/payout-destinations", who, kind, ACCOUNT | changes)
    assert answer.status_code == 201, answer.json
    house.janitor.run()
    found = house.ask("GET", f"/payout-destinations/{answer.json['id']}", who, kind)
    assert found.json["state"] == "active"
    return found.json


def payouts(house, who=PLATFORM[0], kind=PLATFORM[1]):
    return house.ask("GET", "/payouts", who, kind).json["items"]


def fail(house, fault, **more):
    answer = house.ask("POST", "/sandbox/faults", *PLATFORM, {"fault": fault.value, **more})
    assert answer.status_code == 201, answer.json


@pytest.fixture
def settled(house, evening):
    """Everybody's share is booked, and the host has an account at a bank."""
    settle(house, evening)
    name_account(house, HOST, "host")
    return evening


@pytest.fixture
def released(house, settled):
    """The guests can return nothing any more; payouts of the day have not been decided."""
    house.end_returns()
    return settled


class TestManyReleases:
    def test_are_paid_out_although_no_entry_can_tell_them_all(self, house, released):
        house.release()
        row = collection("releases").find_one({"organization_id": HOST})
        collection("releases").insert_many(
            {**row, "_id": an_id("rel"), "amount_minor": 1_000} for _ in range(140)
        )

        house.pay_out()
        house.advance(DAY)
        while house.post():
            pass

        (payout,) = payouts(house, HOST, "host")
        assert payout["state"] == "paid"
        told = house.ask("GET", f"/payouts/{payout['id']}/explanation", HOST, "host").json
        assert len(told["lines"]) > 140
        assert sum(line["minor"] for line in told["lines"]) == payout["amount"]["minor"]
        assert house.balance(available(HOST)) == 0


class TestShares:
    def test_wait_until_returns_are_over(self, house, settled):
        house.pay_out()

        assert house.balance(pending(HOST)) == 180_000
        assert house.balance(available(HOST)) == 0

    def test_can_be_paid_out_after_that_in_one_entry_an_organisation(self, house, released):
        house.pay_out()

        assert house.balance(pending(HOST)) == 0
        assert house.balance(pending(VENUE)) == 0
        assert house.balance(available(VENUE)) == 40_000
        rows = list(collection("releases").find({"organization_id": VENUE}))
        assert [(row["amount_minor"], row["shares"]) for row in rows] == [(40_000, 1)]

    def test_are_lessened_by_a_refund_that_comes_in_time(self, house, settled):
        refund(house, settled)

        house.advance(WINDOW)
        house.pay_out()

        assert house.balance(available(VENUE)) == 40_000 - 2_500
        assert house.balance(pending(VENUE)) == 0

    def test_are_taken_back_from_what_may_be_paid_out_once_they_are_released(
        self, house, released
    ):
        house.release()

        refund(house, released)

        assert house.balance(available(BRAND)) == 300_000 - 18_750
        assert house.balance(pending(BRAND)) == 0
        assert {row["sum"]["minor"] for row in house.trial()["currencies"]} == {0}

    def test_that_were_paid_out_become_debts_and_the_guest_never_waits(self, house, released):
        house.pay_out()

        refund(house, released)

        assert house.balance(available(HOST)) >= 0
        assert house.balance(f"org:{HOST}:debt") == -6_250
        assert house.replies()[-1] == "sale-refunded"
        assert {row["sum"]["minor"] for row in house.trial()["currencies"]} == {0}

    def test_that_come_later_pay_such_a_debt_before_anything_is_paid_out(self, house, released):
        house.pay_out()
        refund(house, released)
        settle(house, an_evening(house))
        house.advance(WINDOW)
        house.release()

        paid = [house.recover(), house.recover()]
        house.pay_out()

        assert paid == [1, 0]
        assert house.balance(f"org:{HOST}:debt") == 0
        paid_out = sorted(payouts(house, HOST, "host"), key=lambda each: each["day"])
        assert [each["amount"]["minor"] for each in paid_out] == [180_000, 180_000 - 6_250]

    def test_never_pay_such_a_debt_twice(self, house, released):
        house.pay_out()
        refund(house, released)
        settle(house, an_evening(house))
        house.advance(WINDOW)
        house.release()
        house.recover()
        left = house.balance(available(HOST))
        again = recovery(
            available(HOST),
            debt_of(HOST),
            Money(6_250, "CNY"),
            entry_id=an_id("ent"),
            about=an_id("rfd"),
        )

        (outcome,) = house.ledger.submit([again])

        assert outcome.code == "ceiling-broken"
        assert house.recover() == 0
        assert (house.balance(f"org:{HOST}:debt"), house.balance(available(HOST))) == (0, left)

    def test_leave_a_payout_what_is_owed_even_before_it_is_paid(self, house, released):
        house.pay_out()
        refund(house, released)
        settle(house, an_evening(house))
        house.advance(WINDOW)

        house.pay_out()

        payout = max(payouts(house, HOST, "host"), key=lambda each: each["day"])
        assert payout["amount"] == money(180_000 - 6_250)
        assert (house.recover(), house.balance(f"org:{HOST}:debt")) == (1, 0)


def refund(house, evening):
    house.hear(
        "payments.command.refund-sale.v1",
        gathering_id=evening["gathering"],
        claim_id=evening["claim"],
        sale_id=evening["sales"][0],
        refund_id=an_id("rfd"),
        amount=money(31_250),
    )
    house.work()


class TestPayout:
    def test_is_set_aside_then_paid_and_explained_to_the_fen(self, house, released):
        house.pay_out()
        (on_its_way,) = payouts(house)
        account = house.ask("GET", f"/accounts/{available(HOST)}", HOST, "host").json
        held = account["balances"][0]["held"]

        house.advance(timedelta(seconds=3))
        assert house.post() == 1

        (paid,) = payouts(house, HOST, "host")
        why = house.ask("GET", f"/payouts/{paid['id']}/explanation", HOST, "host").json
        assert (on_its_way["state"], held) == ("in-transit", money(180_000))
        assert (paid["state"], paid["amount"]) == ("paid", money(180_000))
        assert sum(line["minor"] for line in why["lines"]) == 180_000
        assert all(line["why_en"] and line["why_zh"] for line in why["lines"])
        assert house.balance(available(HOST)) == 0
        assert {row["sum"]["minor"] for row in house.trial()["currencies"]} == {0}
        types = collection("outbox").distinct("type", {"topic": "teahouse.payments.payout"})
        assert types == ["payments.payout.instructed.v1", "payments.payout.paid.v1"]

    def test_is_seen_by_its_organisation_and_the_platform_only(self, house, released):
        house.pay_out()
        (payout,) = payouts(house)

        others = house.ask("GET", f"/payouts/{payout['id']}", BRAND, "brand")

        assert (others.status_code, others.json["code"]) == (404, "payout-not-found")
        assert payouts(house, BRAND, "brand") == []

    def test_happens_once_a_day_however_often_the_batch_is_run(self, house, released):
        house.pay_out()
        collection("payout_batches").delete_many({})  # as if the run had died before its end
        house.pay_out()

        assert len(payouts(house)) == 1

    def test_goes_where_its_day_s_account_was_and_the_next_to_the_new_one(self, house, released):
        first = house.ask("GET", "/payout-destinations", HOST, "host").json["items"][0]
        house.pay_out()

        second = name_account(house, HOST, "host", account="6222020000009999")
        house.advance(timedelta(seconds=3))
        house.post()

        (payout,) = payouts(house)
        assert (payout["state"], payout["destination_id"]) == ("paid", first["id"])
        before = house.ask("GET", f"/payout-destinations/{first['id']}", HOST, "host").json
        assert (before["state"], second["account"][-4:]) == ("replaced", "9999")

    @pytest.mark.parametrize(
        ("fault", "state", "left"),
        [
            (Fault.TIMEOUT_THEN_SUCCESS, "paid", 0),
            (Fault.ERROR_THEN_SUCCESS, "paid", 0),
            (Fault.NEVER_RECEIVED, "paid", 0),
            (Fault.TOO_MANY_REQUESTS, "paid", 0),
            (Fault.DUPLICATES, "paid", 0),
            (Fault.OUT_OF_ORDER, "paid", 0),
            (Fault.LOST, "paid", 0),
            (Fault.EARLY, "paid", 0),
            (Fault.VANISHES, "paid", 0),
            (Fault.REFUSED, "failed", 180_000),
            (Fault.RETURNED_AFTER_PAID, "returned", 180_000),
        ],
        ids=str,
    )
    def test_ends_as_the_provider_ended_it(self, house, released, fault, state, left):
        fail(house, fault, kind=Kind.PAYOUT.value)
        house.pay_out()

        for span in (timedelta(seconds=3), timedelta(minutes=6), timedelta(hours=2), DAY):
            house.advance(span)
            house.post()
            house.janitor.run()
            house.work()

        payout = min(payouts(house), key=lambda each: each["day"])
        assert payout["state"] == state
        assert house.balance(available(HOST)) == left
        assert {row["sum"]["minor"] for row in house.trial()["currencies"]} == {0}
        assert len(list(collection("sandbox_entries").find({"kind": "payout"}))) == 1

    def test_that_a_bank_refuses_ends_the_account_until_another_is_named(self, house, released):
        fail(house, Fault.REFUSED, kind=Kind.PAYOUT.value)
        house.pay_out()
        (refused,) = house.ask("GET", "/payout-destinations", HOST, "host").json["items"]
        house.advance(DAY)
        house.pay_out()
        nothing_new = payouts(house)

        name_account(house, HOST, "host", account="6222020000009999")
        house.advance(DAY)
        house.pay_out()

        assert (refused["state"], refused["code"]) == ("refused", "account-closed")
        assert [each["state"] for each in nothing_new] == ["failed"]
        assert sorted(each["state"] for each in payouts(house)) == ["failed", "in-transit"]

    def test_of_a_wrong_amount_is_not_believed_and_calls_for_a_person(self, house, released):
        fail(house, Fault.WRONG_AMOUNT, kind=Kind.PAYOUT.value)
        house.pay_out()
        house.advance(timedelta(seconds=3))
        house.post()

        (payout,) = payouts(house)
        alarmed = house.ask("GET", "/provider-operations?alarmed=true", *PLATFORM).json["items"]
        assert payout["state"] == "in-transit"
        assert [each["alarm"] for each in alarmed] == ["amount-differs"]
        assert collection("outbox").count_documents({"type": "payments.provider.alarmed.v1"}) == 1


class TestTheDoorForProviders:
    def operation(self):
        return collection("provider_operations").find_one({"kind": "payout"})

    def message(self):
        said = {"operation_id": self.operation()["_id"], "reference": "r", "status": "succeeded"}
        said |= {"code": "", "retry": "never", "amount": None, "parts": []}
        return json.dumps(said | {"at": "2026-03-01T09:00:00Z"}).encode()

    def test_refuses_a_forged_signature_and_writes_nothing(self, house, released):
        house.pay_out()
        before = self.operation()

        body = self.message()
        forged = sign(b"some other secret", "msg_1", body, at=system_clock())
        answer = house.knock(body, forged)

        assert (answer.status_code, answer.json["code"]) == (403, "notification-forged")
        assert self.operation() == before

    def test_refuses_a_body_that_was_changed_after_it_was_signed(self, house, released):
        house.pay_out()
        before = self.operation()

        signed = sign(MongoVault().secret(), "msg_1", self.message(), at=system_clock())
        answer = house.knock(self.message().replace(b"succeeded", b"failed"), signed)

        assert (answer.status_code, answer.json["code"]) == (403, "notification-forged")
        assert self.operation() == before

    @pytest.mark.parametrize("minutes", [-6, 6])
    def test_refuses_a_message_out_of_its_time(self, house, released, minutes):
        house.pay_out()
        before = self.operation()

        at = system_clock() + timedelta(minutes=minutes)
        signed = sign(MongoVault().secret(), "msg_1", self.message(), at=at)
        answer = house.knock(self.message(), signed)

        assert (answer.status_code, answer.json["code"]) == (403, "notification-stale")
        assert self.operation() == before

    def test_takes_the_same_message_any_number_of_times(self, house, released):
        house.pay_out()
        signed = sign(MongoVault().secret(), "msg_1", self.message(), at=system_clock())

        answers = [house.knock(self.message(), signed).status_code for _ in range(3)]
        house.work()

        assert answers == [200, 200, 200]
        assert house.balance(available(HOST)) == 0
        assert [each["state"] for each in payouts(house)] == ["paid"]

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            (b"no json", "notification-malformed"),
            (b"[]", "notification-malformed"),
            (b'{"operation_id":"opn_1"}', "notification-malformed"),
        ],
    )
    def test_says_what_is_wrong_with_a_message_that_is_signed(self, house, body, code):
        signed = sign(MongoVault().secret(), "msg_1", body, at=system_clock())

        answer = house.knock(body, signed)

        assert (answer.status_code, answer.json["code"]) == (422, code)

    def test_knows_no_other_provider(self, house):
        answer = house.client.post(
            "/v1/providers/nobody/webhooks", data=b"{}", content_type="application/json"
        )

        assert (answer.status_code, answer.json["code"]) == (404, "provider-unknown")
