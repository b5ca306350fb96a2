"""What the planner makes of the terms of WeChat Pay and of Alipay, to the day and the fen."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.payments.alipay.domain import TERMS as ALIPAY
from services.payments.providers.domain import (
    Earlier,
    PartyKind,
    RegisterParty,
    Share,
    Split,
    Terms,
    plan_split,
)
from services.payments.wechat.domain import TERMS as WECHAT
from tests.builders.payments import NOW
from tests.builders.providers import CNY, DAY, a_receiver

BOTH = {"wechat": WECHAT, "alipay": ALIPAY}
WHOLE, WINDOW = 1_000_000, NOW + 7 * DAY


@pytest.fixture(params=BOTH.values(), ids=BOTH)
def terms(request):
    return request.param


def a_plan(terms, *shares):
    payee = Share(a_receiver(), WHOLE - sum(share.minor for share in shares))
    return plan_split([payee, *shares], terms, Terms(CNY, NOW, WINDOW))


@pytest.mark.parametrize(
    ("terms", "alarm", "end"), [(WECHAT, 150, 179), (ALIPAY, 25, 29)], ids=BOTH
)
def test_a_person_is_told_and_the_rest_is_freed_before_the_provider_lets_the_money_go(
    terms, alarm, end
):
    plan = a_plan(terms, Share(a_receiver(), 1_000))

    assert (plan.alarm_at - NOW, plan.finish_by - NOW) == (alarm * DAY, end * DAY)
    assert plan.steps(Earlier("opn_x"))[-1].alarm_at == plan.alarm_at


def test_the_payee_keeps_the_largest_share_and_others_get_three_tenths_at_most(terms):
    fits, too_much = Share(a_receiver(), 300_000), Share(a_receiver(), 1)

    plan = a_plan(terms, fits, too_much)

    assert plan.kept == 699_999
    assert [call.shares for call in plan.calls] == [(fits,)]
    assert (plan.elsewhere, plan.owed_by_payee) == ((too_much,), 1)


def test_fifty_receivers_go_into_one_call_and_each_is_registered_first(terms):
    plan = a_plan(terms, *(Share(a_receiver(), 1_000) for _ in range(120)))
    steps = plan.steps(Earlier("opn_x"))

    assert [len(call.shares) for call in plan.calls] == [50, 50, 20]
    registered = {n for n, step in enumerate(steps) if isinstance(step.order, RegisterParty)}
    splits = [step for step in steps if isinstance(step.order, Split)]
    assert len(registered) == 120
    assert all(registered <= set(step.after) for step in splits)


@pytest.mark.parametrize(("terms", "waits"), [(WECHAT, True), (ALIPAY, False)], ids=BOTH)
def test_a_person_s_share_waits_until_returns_are_over_where_it_could_not_come_back(terms, waits):
    person = Share(a_receiver(PartyKind.PERSON), 1_000)

    plan = a_plan(terms, person, Share(a_receiver(), 1_000))

    times = {share.receiver: call.not_before for call in plan.calls for share in call.shares}
    assert times.pop(person.receiver) == (WINDOW if waits else NOW)
    assert set(times.values()) == {NOW}


def test_what_could_only_be_given_after_the_provider_let_the_money_go_goes_elsewhere():
    late = Terms(CNY, NOW, NOW + timedelta(days=200))
    person = Share(a_receiver(PartyKind.PERSON), 1_000)

    plan = plan_split([Share(a_receiver(), WHOLE), person], WECHAT, late)

    assert (plan.calls, plan.elsewhere) == ((), (person,))
