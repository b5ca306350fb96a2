"""Whatever the shares and the provider's terms, a plan loses nothing and breaks no limit."""

from __future__ import annotations

import math
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.payments.alipay.domain import TERMS as ALIPAY
from services.payments.providers.domain import (
    Capabilities,
    Earlier,
    Finish,
    Kind,
    PartyKind,
    Receiver,
    RegisterParty,
    Share,
    Split,
    Terms,
    plan_split,
)
from services.payments.sandbox.domain import TERMS as SANDBOX
from services.payments.stripe.domain import TERMS as STRIPE
from services.payments.wechat.domain import TERMS as WECHAT
from tests.builders.payments import NOW

DAYS = st.integers(0, 400).map(lambda days: timedelta(days=days))
RECEIVERS = st.builds(
    lambda number, kind: Receiver(f"org_{number}", kind, f"acc-{number}"),
    st.integers(0, 40),
    st.sampled_from(PartyKind),
)
SHARES = st.lists(
    st.builds(Share, RECEIVERS, st.integers(0, 10**9)), min_size=1, max_size=60
).filter(
    lambda shares: any(
        share.minor and share.receiver.kind is PartyKind.ORGANIZATION for share in shares
    )
)
CAPABILITIES = st.builds(
    Capabilities,
    kinds=st.sets(st.sampled_from([Kind.SPLIT, Kind.RETURN_SPLIT])).map(frozenset),
    currencies=st.sampled_from([{"CNY": 2}, {"EUR": 2}]),
    largest_ratio=st.integers(0, 10_000),
    receivers_per_call=st.integers(1, 50),
    calls_per_order=st.none() | st.integers(1, 50),
    registers_receivers=st.booleans(),
    release_after=st.none() | DAYS,
    alarms_before=DAYS,
    returns_within=st.none() | DAYS,
    cannot_return=st.sets(st.sampled_from(PartyKind)).map(frozenset),
    smallest_share=st.integers(1, 1_000),
) | st.sampled_from([ALIPAY, SANDBOX, STRIPE, WECHAT])
TERMS = DAYS.map(lambda window: Terms("CNY", NOW, NOW + window))


class TestAPlan:
    @given(SHARES, CAPABILITIES, TERMS)
    def test_loses_nothing(self, shares, capabilities, terms):
        plan = plan_split(shares, capabilities, terms)

        reached = {plan.payee: plan.kept}
        for share in (*(s for call in plan.calls for s in call.shares), *plan.elsewhere):
            assert share.receiver not in reached, "nobody is paid in two ways"
            reached[share.receiver] = share.minor
        wanted = {}
        for share in shares:
            wanted[share.receiver] = wanted.get(share.receiver, 0) + share.minor
        assert reached == {receiver: minor for receiver, minor in wanted.items() if minor}
        assert plan.owed_by_payee == sum(share.minor for share in plan.elsewhere)

    @given(SHARES, CAPABILITIES, TERMS)
    def test_breaks_no_limit_of_the_provider(self, shares, capabilities, terms):
        plan = plan_split(shares, capabilities, terms)

        collected = sum(share.minor for share in shares)
        split = sum(share.minor for call in plan.calls for share in call.shares)
        assert split * 10_000 <= collected * capabilities.largest_ratio
        calls = capabilities.calls_per_order or math.inf
        assert not plan.calls or len(plan.calls) + 1 <= calls
        for call in plan.calls:
            assert 1 <= len(call.shares) <= capabilities.receivers_per_call
            assert all(share.minor >= capabilities.smallest_share for share in call.shares)
        if plan.calls:
            assert capabilities.can(Kind.SPLIT)
            assert terms.currency in capabilities.currencies

    @given(SHARES, CAPABILITIES, TERMS)
    def test_pays_nobody_early_who_could_not_give_it_back(self, shares, capabilities, terms):
        plan = plan_split(shares, capabilities, terms)

        for call in plan.calls:
            if call.not_before < terms.window_ends:
                kinds = {share.receiver.kind for share in call.shares}
                assert not kinds & capabilities.cannot_return
                assert capabilities.can(Kind.RETURN_SPLIT)
                within = capabilities.returns_within
                assert within is None or terms.collected_at + within >= terms.window_ends

    @given(SHARES, CAPABILITIES, TERMS)
    def test_ends_before_the_provider_lets_the_money_go(self, shares, capabilities, terms):
        plan = plan_split(shares, capabilities, terms)
        *others, end = plan.steps(Earlier("opn_x"))

        assert isinstance(end.order, Finish)
        if capabilities.release_after is None:
            assert plan.finish_by is None
            return
        release = terms.collected_at + capabilities.release_after
        assert end.due_by == plan.finish_by
        assert plan.finish_by <= max(terms.collected_at, release - timedelta(days=1))
        assert plan.alarm_at <= release
        assert all(step.not_before <= plan.finish_by for step in others)

    @given(SHARES, CAPABILITIES, TERMS)
    def test_registers_every_receiver_before_its_split_and_once(self, shares, capabilities, terms):
        steps = plan_split(shares, capabilities, terms).steps(Earlier("opn_x"))

        known = set()
        for place, step in enumerate(steps):
            assert all(before < place for before in step.after)
            if isinstance(step.order, RegisterParty):
                assert step.order.receiver not in known
                known.add(step.order.receiver)
            elif isinstance(step.order, Split) and capabilities.registers_receivers:
                assert {share.receiver for share in step.order.shares} <= known
                registrations = {
                    n for n, other in enumerate(steps) if isinstance(other.order, RegisterParty)
                }
                assert registrations <= set(step.after)

    @given(SHARES, CAPABILITIES, TERMS)
    def test_lets_the_organisation_with_the_largest_share_collect(
        self, shares, capabilities, terms
    ):
        plan = plan_split(shares, capabilities, terms)

        sums = {}
        for share in shares:
            sums[share.receiver] = sums.get(share.receiver, 0) + share.minor
        able = [minor for who, minor in sums.items() if who.kind is PartyKind.ORGANIZATION]
        assert plan.payee.kind is PartyKind.ORGANIZATION
        assert plan.kept == max(able)
