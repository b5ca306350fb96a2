"""What Stripe alone asks for: ids that keep their answers, refusals by code, messages, bills."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from chassis.kernel.money import Money
from services.payments.providers.domain import (
    Collect,
    Earlier,
    Finish,
    Kind,
    NotificationMalformed,
    ProviderCannot,
    Receiver,
    Refund,
    RegisterParty,
    Retry,
    ReturnSplit,
    State,
    Status,
    intend,
)
from services.payments.providers.use_cases import Desk
from services.payments.stripe.adapters import Account, StripeProvider
from tests.builders.houses import a_split, somebody, stripe_house
from tests.builders.payments import an_id
from tests.builders.providers import CNY, DAY, FakeOperations, a_receiver
from tests.fakes.stripe import KEY, WEBHOOK_SECRET


@pytest.fixture
def house():
    with stripe_house() as made:
        yield made


@pytest.fixture
def provider(house):
    return house.provider


@pytest.fixture
def paid(house):
    """A payout that Stripe has made."""
    own, order = an_id("opn"), house.order(500)
    house.provider.payout(own, order)
    return own, order


def reverse(house, paid, minor):
    """Somebody takes a payout back at Stripe, without us."""
    transfer = house.transfer(paid[0])
    house.fake.answer("POST", f"/v1/transfers/{transfer['id']}/reversals", {"amount": minor})
    return transfer


class TestARequest:
    def test_carries_our_id_and_nothing_about_this_machine(self, house, paid):
        sent = house.fake.heard[-1]
        told = json.loads(sent["X-Stripe-Client-User-Agent"])

        assert sent["Idempotency-Key"] == paid[0]
        assert house.transfer(paid[0])["transfer_group"] == paid[0]
        assert not {"telemetry_id", "platform"} & set(told)

    def test_that_fails_is_not_repeated_by_the_library(self, house, provider):
        order = house.order(500)
        heard = len(house.fake.heard)
        house.fake.faults = ["broken"]

        provider.payout(an_id("opn"), order)

        assert len(house.fake.heard) == heard + 1

    def test_never_travels_in_clear_to_another_machine(self):
        account = Account(key=KEY, webhook_secret=WEBHOOK_SECRET)

        with pytest.raises(ValueError, match="https"):
            StripeProvider(account, base="http://192.0.2.1")
        assert KEY not in repr(account)
        assert WEBHOOK_SECRET not in repr(account)


class TestAnAnswer:
    @pytest.mark.parametrize("fault", ["in-use", "broken", "unheard", "strange", "slow"])
    def test_that_does_not_say_what_happened_leaves_it_open(self, house, provider, fault):
        house.fake.faults = [fault]

        assert provider.payout(an_id("opn"), house.order(500)).status is Status.UNKNOWN

    def test_of_an_id_that_broke_is_the_same_for_ever_and_nothing_moved(self, house, provider):
        own, order = an_id("opn"), house.order(500)
        house.fake.faults = ["broken"]

        answers = [provider.payout(own, order).status for _ in range(2)]

        assert answers == [Status.UNKNOWN] * 2
        assert provider.query(own, order).is_not_received
        assert house.sent(own) == 0

    def test_with_a_key_that_is_not_good_does_not_speak_against_the_receiver(
        self, house, provider
    ):
        order = house.order(500)
        house.fake.key = "sk_test_another"

        refused = provider.payout(an_id("opn"), order)

        assert refused.may_be_sent_again
        assert provider.query(an_id("opn"), order).status is Status.UNKNOWN

    def test_that_we_have_too_little_says_to_try_another_day(self, house, provider):
        house.fake.balance = 499

        refused = provider.payout(an_id("opn"), house.order(500))

        assert (refused.status, refused.code) == (Status.FAILED, "balance-insufficient")
        assert refused.retry is Retry.LATER

    def test_to_a_question_that_is_refused_is_no_refusal_of_the_operation(self, house, paid):
        house.fake.is_busy_to_ask = True

        assert house.provider.query(*paid).status is Status.UNKNOWN


class TestAnAccount:
    @pytest.mark.parametrize(
        ("transfers", "status"),
        [
            ("active", Status.SUCCEEDED),
            ("pending", Status.ACCEPTED),
            ("inactive", Status.FAILED),
        ],
    )
    def test_can_be_paid_to_once_stripe_has_looked_at_it(self, house, provider, transfers, status):
        bare = a_receiver()
        order = RegisterParty(receiver=replace(bare, account=house.fake.open_account(transfers)))

        assert provider.register_party(an_id("opn"), order).status is status
        assert provider.query(an_id("opn"), order).status is status

    def test_of_somebody_else_s_platform_is_refused(self, provider):
        refused = provider.register_party(an_id("opn"), RegisterParty(receiver=a_receiver()))

        assert (refused.status, refused.code) == (Status.FAILED, "account-invalid")
        assert refused.retry is Retry.CHANGED


class TestATransfer:
    def test_is_found_beyond_the_first_page(self, house, provider):
        venue = somebody(house)
        shares = [a_split(house.paid(1_000), venue=(venue, 10 + each)) for each in range(5)]
        ids = [an_id("opn") for _ in shares]
        for own, share in zip(ids, shares, strict=True):
            provider.split(own, share)
        house.fake.largest_page = 2

        found = [provider.query(own, share) for own, share in zip(ids, shares, strict=True)]

        assert [each.amount.minor for each in found] == [10, 11, 12, 13, 14]

    def test_of_a_payout_that_was_all_taken_back_has_failed_after_it_succeeded(self, house, paid):
        reverse(house, paid, 200)
        partly = house.provider.query(*paid)
        reverse(house, paid, 300)
        wholly = house.provider.query(*paid)

        assert (partly.status, partly.amount) == (Status.SUCCEEDED, Money(500, CNY))
        assert (wholly.status, wholly.code) == (Status.FAILED, "transfer-reversed")

    def test_in_a_currency_of_another_smallest_unit_is_not_asked_for(self, house, provider):
        order = replace(house.order(500), amount=Money(500, "ISK"))
        heard = len(house.fake.heard)

        refused = provider.payout(an_id("opn"), order)

        assert (refused.status, refused.code) == (Status.FAILED, "currency-unsupported")
        assert len(house.fake.heard) == heard

    def test_goes_to_one_receiver(self, house, provider):
        two = a_split(house.paid(1_000), one=(somebody(house), 1), two=(somebody(house), 1))

        assert provider.split(an_id("opn"), two).code == "one-receiver-only"


class TestAReversal:
    @pytest.fixture
    def back(self, house):
        done, venue = an_id("opn"), somebody(house)
        result = house.provider.split(done, a_split(house.paid(1_000), venue=(venue, 300)))
        split = Earlier(done, result.reference)
        return ReturnSplit(split=split, receiver=venue, amount=Money(120, CNY))

    @pytest.mark.parametrize("fault", ["lost", "error", "slow"])
    def test_that_was_not_heard_of_is_found_again(self, house, provider, back, fault):
        own = an_id("opn")
        house.fake.faults = [fault]

        lost = provider.return_split(own, back)
        found = provider.query(own, back)

        assert lost.status is Status.UNKNOWN
        assert (found.status, found.amount) == (Status.SUCCEEDED, Money(120, CNY))
        assert house.given(back.receiver) == 180

    def test_beyond_what_was_given_is_refused(self, house, provider, back):
        refused = provider.return_split(an_id("opn"), replace(back, amount=Money(301, CNY)))

        assert refused.status is Status.FAILED
        assert house.given(back.receiver) == 300

    def test_of_a_share_that_never_was_is_refused_and_never_came(self, provider, back):
        nothing = replace(back, split=Earlier(an_id("opn")))

        assert provider.return_split(an_id("opn"), nothing).code == "split-unknown"
        assert provider.query(an_id("opn"), nothing).is_not_received

    def test_is_not_asked_for_when_the_share_cannot_be_looked_for(self, house, provider, back):
        house.fake.is_busy_to_ask = True

        waits = provider.return_split(an_id("opn"), replace(back, split=Earlier(back.split.id)))

        assert waits.may_be_sent_again
        assert house.given(back.receiver) == 300


class TestAMessage:
    def hear(self, house, kind, thing):
        headers, body = house.fake.event(kind, thing, at=house.clock())
        return house.provider.parse_webhook(headers, body, now=house.clock())

    def test_says_that_a_payout_arrived_and_that_it_was_taken_back(self, house, paid):
        first = self.hear(house, "transfer.created", house.transfer(paid[0]))
        then = self.hear(house, "transfer.reversed", reverse(house, paid, 500))

        assert (first.operation_id, then.operation_id) == (paid[0], paid[0])
        assert (first.result.status, first.result.amount) == (Status.SUCCEEDED, Money(500, CNY))
        assert (then.result.status, then.sent_at) == (Status.FAILED, house.clock())

    def test_that_a_share_was_taken_back_leaves_the_share_done(self, house, provider):
        own, venue = an_id("opn"), somebody(house)
        provider.split(own, a_split(house.paid(1_000), venue=(venue, 300)))

        heard = self.hear(house, "transfer.reversed", reverse(house, [own], 300))

        assert heard.result.status is Status.SUCCEEDED

    @pytest.mark.parametrize("kind", ["payout.paid", "account.updated", "sun.risen"])
    def test_of_another_type_is_about_nothing_of_ours(self, house, paid, kind):
        assert self.hear(house, kind, house.transfer(paid[0])) is None

    @pytest.mark.parametrize("metadata", [{}, None, {"operation": "ORDER_95"}])
    def test_about_a_transfer_that_is_not_ours_is_about_nothing(self, house, paid, metadata):
        assert (
            self.hear(house, "transfer.created", house.transfer(paid[0]) | {"metadata": metadata})
            is None
        )

    @pytest.mark.parametrize("broken", [{"amount": "x"}, {"currency": "isk"}, {"metadata": 1}])
    def test_signed_and_unreadable_is_malformed(self, house, paid, broken):
        with pytest.raises(NotificationMalformed):
            self.hear(house, "transfer.created", house.transfer(paid[0]) | broken)


class TestABill:
    def test_names_every_movement_by_our_ids_on_its_day(self, house, paid):
        back = ReturnSplit(split=Earlier(paid[0]), receiver=paid[1].receiver, amount=Money(5, CNY))
        own, today = an_id("opn"), house.clock().date()
        house.provider.return_split(own, back)
        house.fake.largest_page = 1

        bills = [list(house.provider.list_settlement(today)) for _ in range(2)]

        assert bills[0] == bills[1]
        assert {(each.operation_id, each.kind, each.amount.minor) for each in bills[0]} == {
            (paid[0], Kind.PAYOUT, -500),
            (own, Kind.RETURN_SPLIT, 5),
        }
        assert list(house.provider.list_settlement(today - DAY)) == []

    def test_has_what_was_done_without_us_under_nobody_s_id(self, house, paid):
        reverse(house, paid, 500)

        newest, _ = house.provider.list_settlement(house.clock().date())

        assert (newest.operation_id, newest.kind) == ("", None)
        assert (newest.amount, newest.text) == (Money(500, CNY), "transfer_refund")

    def test_that_cannot_be_had_is_no_empty_bill(self, house):
        house.fake.is_busy_to_ask = True

        with pytest.raises(ConnectionError):
            list(house.provider.list_settlement(house.clock().date()))


def test_nothing_is_sent_again_once_stripe_may_have_forgotten_its_id(house):
    desk = Desk(FakeOperations(KeyError), {"stripe": house.provider}, {})
    own, order = an_id("opn"), house.order(500)
    desk.operations.by_id[own] = intend(
        order, operation_id=own, provider="stripe", about="x", at=house.clock()
    )
    house.fake.faults = ["unheard"]

    for wait in (timedelta(minutes=6), 2 * DAY, DAY, DAY):
        call = desk.take(own, now=house.clock())
        desk.note(own, desk.make(call), now=house.clock())
        house.clock.pass_by(wait)

    left = desk.operations.by_id[own]
    assert (left.state, left.alarm) == (State.UNKNOWN, "too-late-to-send-again")
    assert (left.tries, house.sent(own)) == (1, 0)


def test_what_it_does_not_offer_is_refused_before_anything_leaves(house):
    collection, receiver = Earlier(an_id("opn"), "ch_1"), Receiver("p", "person", "acct_1")
    amount = Money(1, CNY)
    orders = [
        (house.provider.collect, Collect(payee=receiver, amount=amount, description="tea")),
        (house.provider.finish, Finish(collection=collection)),
        (house.provider.refund, Refund(collection=collection, amount=amount)),
    ]

    for send, order in orders:
        with pytest.raises(ProviderCannot):
            send(an_id("opn"), order)
        with pytest.raises(ProviderCannot):
            house.provider.query(an_id("opn"), order)
    assert house.fake.heard == []
