"""What WeChat Pay alone asks for: both signatures, hidden names, what a question may not tell."""

from __future__ import annotations

import json

import pytest

from chassis.kernel.money import Money
from services.payments.providers.domain import (
    Collect,
    Earlier,
    Kind,
    NotificationMalformed,
    PayOut,
    ProviderCannot,
    Refund,
    RegisterParty,
    ReturnSplit,
    Status,
)
from tests.builders.houses import a_split, somebody, wechat_house
from tests.builders.payments import an_id
from tests.builders.providers import CNY, DAY, a_receiver


@pytest.fixture
def house():
    with wechat_house() as made:
        yield made


@pytest.fixture
def split(house):
    return a_split(house.paid(1_000), venue=(somebody(house), 300))


class TestAnAnswer:
    def test_signed_by_somebody_else_tells_nothing(self, house, split):
        own = an_id("opn")
        house.fake.faults = ["unsigned"]

        answered = house.provider.split(own, split)

        assert answered.status is Status.UNKNOWN
        assert house.provider.query(own, split).status is Status.ACCEPTED

    def test_to_a_question_that_is_refused_is_no_refusal_of_the_operation(self, house, split):
        own = an_id("opn")
        house.provider.split(own, split)
        house.fake.is_busy_to_ask = True

        assert house.provider.query(own, split).status is Status.UNKNOWN

    def test_to_a_request_of_another_merchant_changes_nothing(self, house, split):
        house.fake.our_key = house.fake.key

        refused = house.provider.split(an_id("opn"), split)

        assert refused.status is Status.FAILED
        assert house.fake.orders == {}


class TestAReceiver:
    def test_has_a_name_that_only_wechat_pay_can_read(self, house):
        receiver = somebody(house)

        assert house.fake.receivers[receiver.account]["name"] == "茶馆有限公司"

    def test_that_is_a_business_needs_a_name(self, house):
        refused = house.provider.register_party(
            an_id("opn"), RegisterParty(receiver=a_receiver(), relation="author")
        )

        assert (refused.status, refused.code) == (Status.FAILED, "param-error")

    def test_may_stand_to_us_as_our_own_word_says(self, house):
        receiver = somebody(house)
        order = RegisterParty(receiver=receiver, relation="theme author")

        house.provider.register_party(an_id("opn"), order)

        known = house.fake.receivers[receiver.account]
        assert (known["relation_type"], known["custom_relation"]) == ("CUSTOM", "theme auth")


class TestARefund:
    def test_is_not_asked_for_when_the_price_cannot_be_read(self, house):
        order = Refund(collection=house.paid(1_000), amount=Money(1, CNY))
        house.fake.is_busy_to_ask = True

        waits = house.provider.refund(an_id("opn"), order)

        assert waits.may_be_sent_again
        assert house.fake.refunds == {}

    def test_is_told_of_when_it_is_done(self, house):
        own = an_id("opn")
        order = Refund(collection=house.paid(1_000), amount=Money(400, CNY))
        reference = house.provider.refund(own, order).reference
        told = {"out_refund_no": own, "refund_id": reference, "refund_status": "SUCCESS"}

        headers, body = house.fake.notice(
            "refund", told | {"amount": {"refund": 400}}, at=house.clock()
        )
        heard = house.provider.parse_webhook(headers, body, now=house.clock())

        assert (heard.operation_id, heard.result.status) == (own, Status.SUCCEEDED)
        assert (heard.result.amount, heard.result.reference) == (Money(400, CNY), reference)


class TestAMessage:
    def test_signed_and_unreadable_is_malformed(self, house):
        headers, body = house.fake.notice("refund", {"unlike": "a refund"}, at=house.clock())

        with pytest.raises(NotificationMalformed):
            house.provider.parse_webhook(headers, body, now=house.clock())

    def test_about_a_number_that_is_not_ours_is_about_nothing(self, house):
        told = {"order_id": "3000", "out_order_no": "P20150806125346"}

        headers, body = house.fake.notice("profitsharing", told, at=house.clock())

        assert house.provider.parse_webhook(headers, body, now=house.clock()) is None

    def test_is_thanked_for_in_json(self, house):
        media_type, text = house.provider.webhook_answer

        assert (media_type, json.loads(text)) == ("application/json", {"code": "SUCCESS"})


class TestABill:
    def test_names_splits_and_returns_by_our_ids_on_their_day(self, house, split):
        done, back, venue = an_id("opn"), an_id("opn"), split.shares[0].receiver
        house.provider.split(done, split)
        house.settle()
        order = ReturnSplit(split=Earlier(done), receiver=venue, amount=Money(120, CNY))
        house.provider.return_split(back, order)

        today = house.clock().date()
        bills = [list(house.provider.list_settlement(today)) for _ in range(2)]

        assert bills[0] == bills[1]
        assert [(line.operation_id, line.kind, line.amount.minor) for line in bills[0]] == [
            (done, Kind.SPLIT, -300),
            (back, Kind.RETURN_SPLIT, 120),
        ]
        assert list(house.provider.list_settlement(today - DAY)) == []

    def test_that_does_not_fit_its_hash_is_not_read(self, house, monkeypatch):
        bills = iter([b"one", b"another"])
        monkeypatch.setattr(house.fake, "bill", lambda _day: next(bills))

        with pytest.raises(ConnectionError, match="hash"):
            list(house.provider.list_settlement(house.clock().date()))

    def test_without_a_column_that_is_needed_is_not_read(self, house, monkeypatch):
        monkeypatch.setattr(house.fake, "bill", lambda _day: "分账时间,备注\r\n".encode())

        with pytest.raises(ConnectionError):
            list(house.provider.list_settlement(house.clock().date()))


def test_what_it_does_not_offer_is_refused_before_anything_leaves(house):
    collect = Collect(payee=a_receiver(), amount=Money(1, CNY), description="tea")
    payout = PayOut(receiver=a_receiver(), amount=Money(1, CNY))

    with pytest.raises(ProviderCannot):
        house.provider.collect(an_id("opn"), collect)
    with pytest.raises(ProviderCannot):
        house.provider.payout(an_id("opn"), payout)
