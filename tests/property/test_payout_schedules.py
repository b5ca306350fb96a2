"""Faults, lost and doubled messages, deaths at any line: one end, and money for money."""

from __future__ import annotations

import random
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.payments.payouts.domain import PayoutState
from services.payments.payouts.use_cases import plan_payout
from services.payments.providers.domain import Kind, State, Status
from services.payments.releases.domain import TERMS, day_of
from services.payments.sandbox.domain import Fault, FaultRule
from tests.builders.payments import an_id
from tests.builders.providers import DAY, Bank

ENDS = {PayoutState.PAID, PayoutState.FAILED, PayoutState.RETURNED, PayoutState.SKIPPED}
FAULTS = st.lists(st.none() | st.sampled_from(Fault), min_size=1, max_size=4)


class Play:
    """One payout for each fault, in a random order of everything that can happen."""

    def __init__(self, faults, seed):
        self.chance = random.Random(seed)
        self.owners = {an_id("org"): fault for fault in faults}
        self.heard = []
        self.bank = bank = Bank(
            {f"org:{who}:available": 1_000 + n for n, who in enumerate(self.owners)}
        )
        for who, fault in self.owners.items():
            bank.account_of(who, account=who[-12:].upper())
            if fault is not None:
                bank.vault.rules.append(FaultRule(an_id("flt"), fault, Kind.PAYOUT, who, 1))
        now = bank.clock()
        for purse in bank.counter.purses.holding(1):
            plan_payout(purse, day_of(now), TERMS[0], counter=bank.counter, now=now)

    def run(self):
        happenings = (self.book, self.ask, self.tell, self.repeat, self.wait)
        for _ in range(self.chance.randrange(20, 80)):
            self.chance.choice(happenings)()
        # Whoever sends is quiet from here on: what was lost stays lost, and the janitor goes on.
        self.bank.vault.notices.clear()
        for _ in range(12):
            self.bank.settle()
            self.bank.clock.pass_by(DAY)
        self.bank.settle()
        return self.bank, self.owners

    def book(self):
        if self.bank.intentions.open:
            place = self.chance.randrange(len(self.bank.intentions.open))
            self.bank.carry_out(place, dies=self.chance.random() < 0.3)

    def ask(self):
        for operation_id in self.bank.operations.due(self.bank.clock(), limit=10):
            self.bank.step(operation_id, dies=self.chance.random() < 0.3)

    def tell(self):
        due = self.bank.vault.due(self.bank.clock(), limit=10)
        if due:
            notice = self.chance.choice(due)
            self.bank.vault.done(notice.id)
            if self.chance.random() < 0.7:
                self.bank.hear(notice)
                self.heard.append(notice)

    def repeat(self):
        if self.heard:
            self.bank.hear(self.chance.choice(self.heard))

    def wait(self):
        seconds = self.chance.choice([1, 3, 400, 4_000, 90_000])
        self.bank.clock.pass_by(timedelta(seconds=seconds))


def play(faults, seed):
    return Play(faults, seed).run()


class TestWhateverHappens:
    @given(FAULTS, st.integers(0, 2**32))
    def test_every_payout_ends_or_calls_for_a_person(self, faults, seed):
        bank, owners = play(faults, seed)

        assert len(bank.counter.payouts.by_id) == len(owners)
        for payout in bank.counter.payouts.by_id.values():
            operation = bank.operations.by_id[payout.operation_id]
            assert payout.state in ENDS or operation.alarm

    @given(FAULTS, st.integers(0, 2**32))
    def test_what_we_believe_is_what_the_provider_did(self, faults, seed):
        bank, owners = play(faults, seed)

        for operation in bank.operations.by_id.values():
            entry = bank.vault.find(operation.id)
            if operation.alarm or entry is None:
                continue
            end = entry.beats[-1].result.status
            assert operation.state is State(end.value), owners[operation.order.receiver.party_id]

    @given(FAULTS, st.integers(0, 2**32))
    def test_no_money_is_made_lost_or_paid_twice(self, faults, seed):
        bank, owners = play(faults, seed)

        for payout in bank.counter.payouts.by_id.values():
            operation = bank.operations.by_id[payout.operation_id]
            path, fault = payout.account, owners[payout.organization_id]
            before = payout.amount.minor
            gone = before - bank.ledger.balances[path]
            assert gone == (before if payout.state is PayoutState.PAID else 0), fault
            assert bank.ledger.held[path] == (0 if payout.state in ENDS else before)
            paid = [
                entry
                for entry in bank.vault.entries.values()
                if entry.order.kind is Kind.PAYOUT
                and entry.order.receiver.party_id == payout.organization_id
            ]
            assert len(paid) == 1, "the provider saw one payout, under one id"
            if not operation.alarm:
                did_pay = paid[0].beats[-1].result.status is Status.SUCCEEDED
                assert did_pay == (payout.state is PayoutState.PAID)
        assert sum(bank.ledger.balances.values()) == sum(
            payout.amount.minor for payout in bank.counter.payouts.by_id.values()
        )
