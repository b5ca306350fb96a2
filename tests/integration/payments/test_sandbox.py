"""What the sandbox provider keeps: the same promises in dictionaries and in MongoDB."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from chassis.kernel.errors import NotFound
from chassis.kernel.money import Money
from services.payments.app import create_app
from services.payments.providers.domain import Earlier, PayOut, RegisterParty, Share, Split
from services.payments.sandbox.adapters import SandboxProvider
from services.payments.sandbox.domain import Fault, FaultRule
from services.payments.sandbox.repositories import MongoFaults, MongoVault
from services.payments.settings import PaymentsSettings
from tests.builders.payments import NOW, an_id
from tests.builders.providers import CNY, DAY, Clock, FakeVault, a_receiver
from tests.tokens import SigningKeys, bearer


@pytest.fixture(params=[FakeVault, MongoVault])
def vault(request, database):
    return request.param()


@pytest.fixture
def clock():
    return Clock(NOW)


@pytest.fixture
def provider(vault, clock):
    return SandboxProvider(vault, clock)


def set_fault(vault, rule):
    if isinstance(vault, FakeVault):
        vault.rules.append(rule)
    else:
        MongoFaults().add(rule)


def a_payout(provider, minor=500):
    receiver = a_receiver()
    provider.register_party(an_id("opn"), RegisterParty(receiver=receiver))
    return PayOut(receiver=receiver, amount=Money(minor, CNY), remark="for you")


class TestAVault:
    def test_takes_an_operation_in_once_and_answers_the_same_afterwards(
        self, vault, provider, clock
    ):
        order, own = a_payout(provider), an_id("opn")

        first = provider.payout(own, order)
        clock.pass_by(timedelta(seconds=2))
        again = provider.payout(own, order)

        assert (first.status, again.status) == ("accepted", "succeeded")
        assert len(vault.due(clock(), limit=10)) == 1

    def test_refuses_another_order_under_the_same_id(self, provider):
        own = an_id("opn")
        provider.payout(own, a_payout(provider))

        assert provider.payout(own, a_payout(provider)).code == "id-used-for-another-order"

    def test_gives_every_part_of_an_order_back_as_it_was(self, vault, provider):
        shares = (Share(a_receiver(), 1), Share(a_receiver(), 2))
        order = Split(collection=Earlier(an_id("opn"), "r"), currency=CNY, shares=shares)
        own = an_id("opn")

        refused = provider.split(own, order)
        entry = vault.find(own)

        assert refused.status == "failed"
        assert (entry.order, entry.started_at) == (order, NOW)

    def test_uses_a_fault_up_and_only_for_whom_it_is_meant(self, vault, provider):
        order = a_payout(provider)
        rule = FaultRule(an_id("flt"), Fault.REFUSED, None, order.receiver.party_id, 2)
        set_fault(vault, rule)

        others = provider.payout(an_id("opn"), a_payout(provider))
        codes = [provider.payout(an_id("opn"), order).code for _ in range(3)]

        assert others.status == "accepted"
        assert codes == ["account-closed", "account-closed", ""]

    def test_puts_what_was_paid_and_what_came_back_on_the_bills_of_their_days(
        self, vault, provider
    ):
        order, own = a_payout(provider), an_id("opn")
        set_fault(vault, FaultRule(an_id("flt"), Fault.RETURNED_AFTER_PAID, None, None, 1))
        provider.payout(own, order)

        today, tomorrow = NOW.date(), (NOW + DAY).date()
        bills = {day: list(provider.list_settlement(day)) for day in (today, tomorrow)}

        assert [line.amount.minor for line in bills[today]] == [-500]
        assert [line.amount.minor for line in bills[tomorrow]] == [500]
        assert {line.operation_id for lines in bills.values() for line in lines} == {own}
        assert list(provider.list_settlement(date(2026, 2, 1))) == []

    def test_sends_a_message_later_and_later_and_counts_it(self, vault, provider, clock):
        provider.payout(an_id("opn"), a_payout(provider))
        clock.pass_by(timedelta(seconds=2))
        (notice,) = vault.due(clock(), limit=10)

        vault.postpone(notice.id, clock() + DAY)

        assert vault.due(clock(), limit=10) == []
        clock.pass_by(DAY)
        assert [each.tries for each in vault.due(clock(), limit=10)] == [1]
        vault.done(notice.id)
        assert vault.due(clock(), limit=10) == []


class TestFaults:
    def test_can_be_set_in_a_sandbox_only(self, database):
        settings = PaymentsSettings(service="payments", mongo_uri=database, sandbox=False)
        keys = SigningKeys()
        client = create_app(settings, keys=keys).test_client()
        headers = bearer(keys.member("org_platform", "platform"), an_id("msg"))

        answer = client.post("/v1/sandbox/faults", json={"fault": "lost"}, headers=headers)

        assert (answer.status_code, answer.json["code"]) == (403, "no-sandbox-provider")
        assert MongoFaults().all() == []

    def test_are_gone_once_they_are_removed(self, database):
        rule = FaultRule(an_id("flt"), Fault.LOST, None, None, 5)
        MongoFaults().add(rule)

        MongoFaults().remove(rule.id)

        assert MongoFaults().all() == []
        with pytest.raises(NotFound):
            MongoFaults().remove(rule.id)
