"""Debts after refunds are paid as soon as there is money, and once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.kernel.money import Money
from services.payments.debts.domain import Debt
from services.payments.debts.use_cases import recover_debts
from tests.builders.payments import FakeLedger, an_id

CNY = "CNY"
ORG = an_id("org")
AVAILABLE, DEBT = f"org:{ORG}:available", f"org:{ORG}:debt"


def a_debt(owed, available, entries=1):
    return Debt(ORG, Money(owed, CNY), AVAILABLE, Money(available, CNY), entries)


class Seen:
    """What a worker saw of debts, however old it is."""

    def __init__(self, *debts):
        self.debts = debts

    def payable(self):
        return self.debts


class TestADebt:
    @given(st.integers(0, 10**9), st.integers(0, 10**9))
    def test_is_paid_with_what_there_is_and_never_beyond_it(self, owed, available):
        entry = a_debt(owed, available).recovery()

        paid = 0 if entry is None else entry.legs[1].minor
        assert paid == min(owed, available)

    def test_is_paid_once_by_two_workers_who_saw_the_same(self):
        ledger = FakeLedger({AVAILABLE: 100, DEBT: -60})

        assert recover_debts(Seen(a_debt(60, 100)), ledger) == 1
        recover_debts(Seen(a_debt(60, 100)), ledger)

        assert (ledger.balances[AVAILABLE], ledger.balances[DEBT]) == (40, 0)

    @pytest.mark.parametrize("seen", [a_debt(60, 100, entries=1), a_debt(60, 90, entries=1)])
    def test_is_not_paid_again_by_one_who_saw_old_figures(self, seen):
        ledger = FakeLedger({AVAILABLE: 50, DEBT: -60})
        recover_debts(Seen(a_debt(60, 50)), ledger)

        assert recover_debts(Seen(seen), ledger) == 0
        assert (ledger.balances[AVAILABLE], ledger.balances[DEBT]) == (0, -10)

    def test_of_the_platform_is_paid_of_its_next_fees_once(self):
        ledger = FakeLedger({"platform:fees": 100, "platform:debt": -60})
        seen = Debt("platform", Money(60, CNY), "platform:fees", Money(100, CNY), 1)

        for _ in range(2):
            recover_debts(Seen(seen), ledger)

        assert (ledger.balances["platform:fees"], ledger.balances["platform:debt"]) == (40, 0)

    def test_of_money_that_is_gone_waits(self):
        ledger = FakeLedger({AVAILABLE: 0, DEBT: -60})

        assert recover_debts(Seen(a_debt(60, 50)), ledger) == 0
        assert ledger.balances[DEBT] == -60
