"""What Alipay alone asks for: answers about the right thing, its codes, messages, its bill."""

from __future__ import annotations

from dataclasses import replace

import pytest
from alipay import AliPay

from chassis.kernel.money import Money
from services.payments.alipay.domain import TRANSFER_MESSAGE
from services.payments.providers.domain import (
    Collect,
    Earlier,
    Finish,
    NotificationForged,
    NotificationMalformed,
    ProviderCannot,
    Refund,
    RegisterParty,
    Retry,
    ReturnSplit,
    Status,
    intend,
)
from tests.builders.houses import a_split, alipay_house, pem, public_pem, somebody
from tests.builders.payments import an_id
from tests.builders.providers import CNY, DAY, a_receiver
from tests.fakes import alipay


@pytest.fixture
def house():
    with alipay_house() as made:
        yield made


@pytest.fixture
def split(house):
    return a_split(house.paid(1_000), venue=(somebody(house), 300))


def test_the_server_is_understood_by_a_client_that_others_wrote(house):
    fake = house.fake
    client = AliPay(
        appid=alipay.APP,
        app_private_key_string=pem(fake.our_key),
        alipay_public_key_string=public_pem(fake.key),
        sign_type="RSA2",
    )
    client._gateway = fake.base
    receiver, trade = somebody(house), house.paid(1_000).reference
    detail = {"trans_in": receiver.account, "trans_in_type": "userId", "amount": "3.00"}
    asked = {"out_request_no": "1", "trade_no": trade, "royalty_parameters": [detail]}

    taken = client.server_api("alipay.trade.order.settle", asked)
    fake.settle()
    told = client.server_api("alipay.trade.order.settle.query", asked)

    assert taken["trade_no"] == trade
    assert [line["state"] for line in told["royalty_detail_list"]] == ["SUCCESS"]
    assert house.given(receiver) == 300


class TestAnAnswer:
    @pytest.mark.parametrize("fault", ["unsigned", "mixed", "open", "error", "slow"])
    def test_that_does_not_surely_tell_of_this_leaves_it_open(self, house, split, fault):
        own = an_id("opn")
        house.fake.faults = [fault]

        answered = house.provider.split(own, split)

        assert answered.status is Status.UNKNOWN
        assert house.provider.query(own, split).status is Status.ACCEPTED

    def test_to_a_question_that_is_refused_is_no_refusal_of_the_operation(self, house, split):
        own = an_id("opn")
        house.provider.split(own, split)
        house.fake.is_busy_to_ask = True

        assert house.provider.query(own, split).status is Status.UNKNOWN

    def test_to_a_request_of_another_app_changes_nothing_and_may_be_sent_again(self, house, split):
        house.fake.our_key = house.fake.key

        refused = house.provider.split(an_id("opn"), split)

        assert (refused.code, refused.may_be_sent_again) == ("not-authorized", True)
        assert house.fake.settles == {}


class TestAnEnd:
    @pytest.mark.parametrize("fault", ["lost", "unheard"])
    def test_whose_answer_is_lost_is_seen_by_what_is_still_frozen(self, house, split, fault):
        own, finish = an_id("opn"), Finish(collection=split.collection)
        house.fake.faults = [fault]

        lost = house.provider.finish(own, finish)
        asked = house.provider.query(own, finish)

        assert lost.status is Status.UNKNOWN
        assert asked.is_not_received == (fault == "unheard")


class TestAShareTakenBack:
    @pytest.fixture
    def back(self, house, split):
        done = an_id("opn")
        house.provider.split(done, split)
        house.settle()
        return ReturnSplit(
            split=Earlier(done),
            receiver=split.shares[0].receiver,
            amount=Money(120, CNY),
            collection=split.collection,
        )

    @pytest.mark.parametrize("fault", ["lost", "error", "open"])
    def test_with_its_answer_lost_is_asked_about_and_taken_once(self, house, back, fault):
        own = an_id("opn")
        house.fake.faults = [fault]

        lost = house.provider.return_split(own, back)
        asked = house.provider.query(own, back)

        assert lost.status is Status.UNKNOWN
        assert (asked.status, asked.amount) == (Status.SUCCEEDED, Money(120, CNY))
        assert house.given(back.receiver) == 180

    def test_gives_the_buyer_nothing(self, house, back):
        house.provider.return_split(an_id("opn"), back)

        assert house.fake.trades[back.collection.reference].refunded == 0

    def test_of_more_than_there_is_is_refused(self, house, back):
        refused = house.provider.return_split(an_id("opn"), replace(back, amount=Money(301, CNY)))

        assert (refused.status, house.given(back.receiver)) == (Status.FAILED, 300)

    def test_of_an_unknown_collection_is_refused_before_anything_leaves(self, house, back):
        refused = house.provider.return_split(
            an_id("opn"), replace(back, collection=Earlier("opn_x"))
        )

        assert refused.code == "collection-unknown"

    def test_is_not_told_from_a_refund_of_nothing(self, house, back):
        order = Refund(collection=back.collection, amount=Money(400, CNY))

        first = house.provider.refund(an_id("opn"), order)
        second = house.provider.refund(an_id("opn"), order)

        assert [each.amount for each in (first, second)] == [Money(400, CNY)] * 2
        assert house.given(back.receiver) == 300


class TestAPayout:
    @pytest.mark.parametrize(
        ("spoil", "code", "retry"),
        [
            ({"account": "2088999999999999"}, "payee-not-exist", Retry.CHANGED),
            ({"name": "别人"}, "payee-user-info-error", Retry.CHANGED),
        ],
    )
    def test_to_nobody_or_to_another_name_speaks_against_the_account(
        self, house, spoil, code, retry
    ):
        order = house.order(500)
        order = replace(order, receiver=replace(order.receiver, **spoil))

        refused = house.provider.payout(an_id("opn"), order)

        assert (refused.code, refused.retry) == (code, retry)

    def test_for_which_we_have_too_little_does_not(self, house):
        house.fake.balance = 1

        refused = house.provider.payout(an_id("opn"), house.order(500))

        assert (refused.code, refused.retry) == ("payer-balance-not-enough", Retry.LATER)


class TestAMessage:
    def told(self, house, own, **changes):
        transfer = house.fake.transfers[own]
        names = ("out_biz_no", "order_id", "status", "trans_amount")
        return {name: transfer[name] for name in names} | changes

    def hear(self, house, told, **more):
        headers, body = house.fake.message(TRANSFER_MESSAGE, told, at=house.clock(), **more)
        return house.provider.parse_webhook(headers, body, now=house.clock())

    @pytest.fixture
    def own(self, house):
        own = an_id("opn")
        house.provider.payout(own, house.order(500))
        return own

    def test_about_a_payout_tells_how_it_ended_and_how_much(self, house, own):
        heard = self.hear(house, self.told(house, own))

        assert (heard.operation_id, heard.result.status) == (own, Status.SUCCEEDED)
        assert heard.result.amount == Money(500, CNY)

    def test_of_another_amount_than_was_asked_calls_for_a_person(self, house, own):
        heard = self.hear(house, self.told(house, own, trans_amount="5.01"))
        asked = intend(
            house.order(500), operation_id=own, provider="alipay", about="x", at=house.clock()
        ).send(at=house.clock())

        alarmed = asked.hear(
            heard.result, at=house.clock(), capabilities=house.provider.capabilities()
        )

        assert (alarmed.state.state, alarmed.state.alarm) == ("unknown", "amount-differs")

    def test_for_another_app_is_forged(self, house, own):
        with pytest.raises(NotificationForged):
            self.hear(house, self.told(house, own), app="2021000000000009")

    def test_signed_and_unreadable_is_malformed(self, house):
        with pytest.raises(NotificationMalformed):
            self.hear(house, {"unlike": "a transfer"})

    def test_about_a_number_that_is_not_ours_is_about_nothing(self, house, own):
        assert self.hear(house, self.told(house, own, out_biz_no="20260301")) is None

    def test_of_another_kind_is_about_nothing(self, house, own):
        headers, body = house.fake.message("alipay.open.auth", {}, at=house.clock())

        assert house.provider.parse_webhook(headers, body, now=house.clock()) is None


class TestABill:
    def test_has_our_transfers_of_its_day_and_nothing_of_buyers(self, house):
        own = an_id("opn")
        house.provider.payout(own, house.order(500))
        today = house.clock().date()

        (line,) = house.provider.list_settlement(today)

        assert (line.operation_id, line.amount, line.id) == (own, Money(-500, CNY), "90")
        assert list(house.provider.list_settlement(today - DAY)) == []

    @pytest.mark.parametrize("content", [b"no zip", b""])
    def test_that_cannot_be_read_is_not_read(self, house, monkeypatch, content):
        monkeypatch.setattr(house.fake, "bill", lambda _day: content)

        with pytest.raises(ConnectionError):
            list(house.provider.list_settlement(house.clock().date()))

    def test_is_never_fetched_where_others_could_listen(self, house):
        house.fake.base = "http://192.0.2.1"

        with pytest.raises(ConnectionError):
            list(house.provider.list_settlement(house.clock().date()))


def test_a_receiver_is_registered_by_the_name_that_is_its_own(house):
    receiver = somebody(house)

    assert house.fake.receivers[receiver.account]["name"] == "茶馆有限公司"


def test_a_receiver_that_alipay_does_not_know_is_refused(house):
    order = RegisterParty(receiver=replace(a_receiver(), account="1234567890123456"))

    assert house.provider.register_party(an_id("opn"), order).status is Status.FAILED


def test_what_it_does_not_offer_is_refused_before_anything_leaves(house):
    collect = Collect(payee=a_receiver(), amount=Money(1, CNY), description="tea")

    with pytest.raises(ProviderCannot):
        house.provider.collect(an_id("opn"), collect)
