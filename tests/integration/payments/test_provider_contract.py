"""What every payment provider promises, whatever it speaks, over real HTTP where it has any."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chassis.kernel.money import Money
from services.payments.providers.domain import (
    Earlier,
    Finish,
    Kind,
    NotificationForged,
    NotificationStale,
    PartyKind,
    Refund,
    RegisterParty,
    ReturnSplit,
    State,
    Status,
    Timing,
    intend,
)
from services.payments.providers.use_cases import Desk
from services.payments.sandbox.domain import Fault
from tests.builders.houses import (
    a_split,
    alipay_house,
    paying_bank,
    paying_sandbox,
    sandbox_house,
    somebody,
    stripe_house,
    wechat_house,
)
from tests.builders.payments import an_id
from tests.builders.providers import CNY, FakeOperations, a_receiver

LOST = (Fault.TIMEOUT_THEN_SUCCESS, Fault.ERROR_THEN_SUCCESS)


# What was paid waits there until it is shared out.
FREEZING = (sandbox_house, wechat_house, alipay_house)
NAMES = {
    sandbox_house: "sandbox",
    wechat_house: "wechat",
    stripe_house: "stripe",
    alipay_house: "alipay",
    paying_sandbox: "sandbox",
    paying_bank: "bank",
}


@pytest.fixture(params=[*FREEZING, stripe_house], ids=NAMES.get)
def house(request):
    with request.param() as made:
        yield made


def first_answer(provider, kind):
    """How an order stands by the answer to it, as the provider's terms have it."""
    later = provider.capabilities().timing.get(kind) is Timing.ASYNCHRONOUS
    return Status.ACCEPTED if later else Status.SUCCEEDED


@pytest.fixture
def provider(house):
    return house.provider


@pytest.fixture
def venue(house):
    return somebody(house)


@pytest.fixture
def split(house, venue):
    return a_split(house.paid(1_000), venue=(venue, 300))


class TestTheSameIdAgain:
    def test_is_the_same_operation_and_moves_nothing_twice(self, house, provider, venue, split):
        own = an_id("opn")

        first = provider.split(own, split)
        house.settle()
        again = provider.split(own, split)

        assert first.status is first_answer(provider, Kind.SPLIT)
        assert again.status in {first.status, Status.SUCCEEDED}
        assert first.reference in {"", again.reference}
        assert provider.query(own, split).status is Status.SUCCEEDED
        assert house.given(venue) == 300

    def test_is_refused_for_another_order(self, house, provider, venue, split):
        own = an_id("opn")
        provider.split(own, split)

        other = provider.split(own, a_split(split.collection, venue=(venue, 1)))
        house.settle()

        assert other.status is Status.FAILED
        assert not other.may_be_sent_again
        assert house.given(venue) == 300

    def test_registers_a_receiver_that_is_known_already(self, provider, venue):
        order = RegisterParty(receiver=venue)

        results = [provider.register_party(an_id("opn"), order) for _ in range(2)]

        assert [result.status for result in results] == [Status.SUCCEEDED] * 2


class TestAnAnswerThatIsLost:
    @pytest.mark.parametrize("fault", LOST)
    def test_leaves_it_open_until_it_is_asked_about(self, house, provider, venue, split, fault):
        own = an_id("opn")
        house.fail(fault)

        lost = provider.split(own, split)
        house.settle()
        asked = provider.query(own, split)

        assert lost.status is Status.UNKNOWN
        assert asked.status is Status.SUCCEEDED
        assert house.given(venue) == 300

    def test_is_not_a_refusal_when_the_call_never_came(self, house, provider, venue, split):
        own = an_id("opn")
        house.fail(Fault.NEVER_RECEIVED)

        lost = provider.split(own, split)
        asked = provider.query(own, split)
        sent = provider.split(own, split)
        house.settle()

        assert (lost.status, asked.is_not_received) == (Status.UNKNOWN, True)
        assert sent.status is first_answer(provider, Kind.SPLIT)
        assert house.given(venue) == 300

    def test_says_that_nothing_was_done_when_there_were_too_many(self, house, provider, split):
        own = an_id("opn")
        house.fail(Fault.TOO_MANY_REQUESTS)

        busy = provider.split(own, split)

        assert busy.may_be_sent_again
        assert provider.query(own, split).is_not_received


class TestLimits:
    def test_refuse_a_receiver_nobody_registered(self, house, provider):
        stranger = a_receiver()

        refused = provider.split(an_id("opn"), a_split(house.paid(1_000), one=(stranger, 1)))

        assert refused.status is Status.FAILED
        assert house.given(stranger) == 0

    def test_hold_for_all_splits_of_a_collection_together(self, house, provider, venue):
        most = 1_000 * provider.capabilities().largest_ratio // 10_000
        whole = a_split(house.paid(1_000), venue=(venue, most))
        provider.split(an_id("opn"), whole)

        refused = provider.split(an_id("opn"), a_split(whole.collection, venue=(venue, 1)))
        house.settle()

        assert (refused.status, house.given(venue)) == (Status.FAILED, most)

    @pytest.mark.parametrize("house", FREEZING, ids=NAMES.get, indirect=True)
    def test_let_no_split_follow_the_end(self, house, provider, venue, split):
        finish, own = Finish(collection=split.collection), an_id("opn")
        provider.finish(own, finish)
        house.settle()

        refused = provider.split(an_id("opn"), split)

        assert provider.query(own, finish).status is Status.SUCCEEDED
        assert (refused.status, house.given(venue)) == (Status.FAILED, 0)


class TestASplit:
    @pytest.mark.parametrize("house", FREEZING, ids=NAMES.get, indirect=True)
    def test_tells_of_every_receiver_when_one_gets_nothing(self, house, provider, venue):
        author, own = somebody(house), an_id("opn")
        order = a_split(house.paid(1_000), venue=(venue, 100), author=(author, 50))
        house.fail(Fault.PARTIAL)

        provider.split(own, order)
        house.settle()
        result = provider.query(own, order)

        assert result.status is Status.SUCCEEDED
        assert [(part.minor, part.status, part.code) for part in result.parts] == [
            (100, Status.FAILED, "receiver-high-risk"),
            (50, Status.SUCCEEDED, ""),
        ]
        assert (house.given(venue), house.given(author)) == (0, 50)

    def test_is_taken_back_from_a_business_once(self, house, provider, venue, split):
        done, own = an_id("opn"), an_id("opn")
        provider.split(done, split)
        house.settle()
        back = ReturnSplit(
            split=Earlier(done),
            receiver=venue,
            amount=Money(120, CNY),
            collection=split.collection,
        )

        results = [provider.return_split(own, back) for _ in range(2)]

        assert [(each.status, each.amount) for each in results] == [
            (Status.SUCCEEDED, Money(120, CNY))
        ] * 2
        assert provider.query(own, back).status is Status.SUCCEEDED
        assert house.given(venue) == 180

    @pytest.mark.parametrize("house", [sandbox_house, wechat_house], ids=NAMES.get, indirect=True)
    def test_is_never_taken_back_from_a_person(self, house, provider):
        person, done = somebody(house, PartyKind.PERSON), an_id("opn")
        provider.split(done, a_split(house.paid(1_000), person=(person, 10)))
        house.settle()
        back = ReturnSplit(split=Earlier(done), receiver=person, amount=Money(10, CNY))

        refused = provider.return_split(an_id("opn"), back)

        assert PartyKind.PERSON in provider.capabilities().cannot_return
        assert (refused.status, house.given(person)) == (Status.FAILED, 10)


class TestARefund:
    @pytest.mark.parametrize("house", FREEZING, ids=NAMES.get, indirect=True)
    def test_gives_back_up_to_what_was_paid(self, house, provider):
        collection, own = house.paid(1_000), an_id("opn")
        order = Refund(collection=collection, amount=Money(700, CNY))

        provider.refund(own, order)
        house.settle()
        more = provider.refund(an_id("opn"), order)

        done = provider.query(own, order)
        assert (done.status, done.amount) == (Status.SUCCEEDED, Money(700, CNY))
        assert more.status is Status.FAILED


class TestAMessage:
    @pytest.fixture
    def own(self, provider, split):
        own = an_id("opn")
        provider.split(own, split)
        return own

    def test_is_about_the_operation_it_names(self, house, provider, own):
        headers, body = house.message(own)

        heard = provider.parse_webhook(headers, body, now=house.clock())

        assert heard.operation_id == own
        assert heard.result.status in {Status.ACCEPTED, Status.SUCCEEDED}

    def test_is_refused_when_one_byte_of_it_is_changed(self, house, provider, own):
        headers, body = house.message(own)

        for place in range(0, len(body), 40):
            changed = body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]
            with pytest.raises(NotificationForged):
                provider.parse_webhook(headers, changed, now=house.clock())
        for name in headers:
            fewer = {key: value for key, value in headers.items() if key != name}
            with pytest.raises(NotificationForged):
                provider.parse_webhook(fewer, body, now=house.clock())

    @pytest.mark.parametrize("late", [timedelta(minutes=6), -timedelta(minutes=6)])
    def test_is_refused_long_after_it_was_signed_and_before(self, house, provider, own, late):
        headers, body = house.message(own)

        with pytest.raises(NotificationStale):
            provider.parse_webhook(headers, body, now=house.clock() + late)


class TestAPayout:
    @pytest.fixture(
        params=[paying_sandbox, paying_bank, stripe_house, alipay_house], ids=NAMES.get
    )
    def house(self, request):
        with request.param() as made:
            yield made

    def test_is_taken_on_and_done_when_the_terms_say(self, house):
        order, own = house.order(500), an_id("opn")

        first = house.provider.payout(own, order)
        asked = house.provider.query(own, order)
        house.settle()
        done = house.provider.query(own, order)

        at_first = first_answer(house.provider, Kind.PAYOUT)
        assert (first.status, asked.status) == (at_first, at_first)
        assert (done.status, done.amount) == (Status.SUCCEEDED, Money(500, CNY))
        assert house.sent(own) == 500

    def test_with_the_same_id_leaves_once(self, house):
        order, own = house.order(500), an_id("opn")

        for _ in range(3):
            house.provider.payout(own, order)
            house.settle()

        assert house.provider.payout(own, order).status is Status.SUCCEEDED
        assert house.sent(own) == 500

    def test_with_the_same_id_and_another_amount_is_refused(self, house):
        order, own = house.order(500), an_id("opn")
        house.provider.payout(own, order)

        other = house.provider.payout(own, replace(order, amount=Money(501, CNY)))
        house.settle()

        assert other.status is Status.FAILED
        assert not other.may_be_sent_again
        assert house.sent(own) == 500

    def test_that_never_came_may_be_sent(self, house):
        order, own = house.order(500), an_id("opn")

        assert house.provider.query(own, order).is_not_received

    def test_of_nothing_is_refused(self, house):
        refused = house.provider.payout(an_id("opn"), house.order(0))

        assert refused.status is Status.FAILED
        assert not refused.may_be_sent_again

    def test_is_on_the_bill_of_its_day_with_what_left(self, house):
        order, own = house.order(500), an_id("opn")
        day = house.clock().date()
        house.provider.payout(own, order)
        house.settle()

        bills = [list(house.provider.list_settlement(day)) for _ in range(2)]

        assert bills[0] == bills[1]
        assert [(line.operation_id, line.amount) for line in bills[0]] == [(own, Money(-500, CNY))]

    def test_is_never_ended_by_a_message_that_nobody_signed(self, house):
        with pytest.raises(NotificationForged):
            house.provider.parse_webhook({}, b"{}", now=house.clock())


class TestTheDesk:
    @pytest.mark.parametrize(
        "faults",
        [
            (Fault.NEVER_RECEIVED, Fault.TOO_MANY_REQUESTS, Fault.ERROR_THEN_SUCCESS),
            (Fault.TOO_MANY_REQUESTS, Fault.TIMEOUT_THEN_SUCCESS),
            (Fault.NEVER_RECEIVED, Fault.NEVER_RECEIVED),
        ],
    )
    def test_brings_a_split_to_its_end_once_through_any_faults(
        self, house, provider, venue, split, faults
    ):
        desk = Desk(FakeOperations(KeyError), {provider.name: provider}, {})
        own, clock = an_id("opn"), house.clock
        start = intend(split, operation_id=own, provider=provider.name, about="x", at=clock())
        desk.operations.by_id[own] = start
        house.fail(*faults)

        for _ in range(30):
            call = desk.take(own, now=clock())
            if call is not None:
                desk.note(own, desk.make(call), now=clock())
            house.settle()
            clock.pass_by(timedelta(minutes=20))

        assert desk.operations.by_id[own].state is State.SUCCEEDED
        assert (house.given(venue), desk.operations.by_id[own].alarm) == (300, "")
