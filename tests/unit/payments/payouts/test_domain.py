"""How much a payout is, and how that is explained."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.kernel.money import Money
from services.payments.destinations.domain import Schedule
from services.payments.payouts.domain import Limits, Line, Payout, Purse, amounts, lines_of
from services.payments.payouts.handlers import executors
from services.payments.payouts.use_cases import HOLD, plan_payout
from services.payments.releases.domain import TERMS, day_of
from tests.builders.payments import an_id
from tests.builders.providers import CNY, Bank


def a_purse(available, reserve=0, owed=0):
    return Purse("org_x", *(Money(minor, CNY) for minor in (available, reserve, owed)))


class TestAmounts:
    def test_are_all_there_is_when_nothing_is_kept(self):
        assert amounts(a_purse(500), Limits(100, None, 0)) == (Money(500, CNY), Money(0, CNY))

    def test_fill_the_reserve_first(self):
        assert amounts(a_purse(500, 40), Limits(1, None, 100)) == (Money(440, CNY), Money(60, CNY))

    def test_pay_out_what_the_reserve_has_beyond_its_measure(self):
        assert amounts(a_purse(500, 100), Limits(1, None, 30)) == (
            Money(570, CNY),
            Money(-70, CNY),
        )

    def test_leave_what_is_owed_and_say_so(self):
        purse = a_purse(500, owed=120)
        found = amounts(purse, Limits(100, None, 0))

        assert found == (Money(380, CNY), Money(0, CNY))
        assert [(line.minor, line.why_en) for line in lines_of(purse, *found, [])][1:] == [
            (-120, "Kept for what is owed")
        ]

    def test_are_none_while_more_is_owed_than_there_is(self):
        assert amounts(a_purse(500, owed=600), Limits(1, None, 0)) is None

    def test_stop_at_the_largest_that_the_provider_takes(self):
        assert amounts(a_purse(500), Limits(1, 300, 0)) == (Money(300, CNY), Money(0, CNY))

    @pytest.mark.parametrize(("available", "reserve"), [(99, 0), (150, 100), (0, 0), (-5, 0)])
    def test_are_none_below_the_minimum_or_below_zero(self, available, reserve):
        assert amounts(a_purse(available), Limits(100, None, reserve)) is None

    @given(st.integers(-(10**9), 10**9), st.integers(0, 10**6), st.integers(0, 10**6))
    def test_never_take_more_than_there_is(self, available, reserve, measure):
        found = amounts(a_purse(available, reserve), Limits(1, None, measure))

        if found is not None:
            paid, kept = found
            assert paid.minor + kept.minor == available
            assert paid.minor > 0

    @given(
        st.integers(1, 10**9), st.integers(0, 10**6), st.integers(1, 10**9), st.integers(0, 10**6)
    )
    def test_are_what_the_lines_add_up_to(self, available, measure, largest, owed):
        purse = a_purse(available, owed=owed)
        found = amounts(purse, Limits(1, largest, measure))

        if found is not None:
            lines = lines_of(purse, *found, [])
            assert sum(line.minor for line in lines) == found[0].minor


class TestSchedule:
    @pytest.mark.parametrize(
        ("schedule", "days"),
        [(Schedule.DAILY, 30), (Schedule.WEEKLY, 4), (Schedule.MONTHLY, 1)],
    )
    def test_falls_on_so_many_days_of_june(self, schedule, days):
        june = [date(2026, 6, day) for day in range(1, 31)]

        assert sum(schedule.falls_on(day) for day in june) == days + (
            schedule is Schedule.WEEKLY  # June 2026 has five Mondays
        )


class TestAReserve:
    def test_is_booked_before_the_payout_and_stays_behind(self):
        who = an_id("org")
        bank = Bank({f"org:{who}:available": 1_000}, reserve=300)
        bank.account_of(who)
        (purse,) = bank.counter.purses.holding(1)

        plan_payout(purse, day_of(bank.clock()), TERMS[0], counter=bank.counter, now=bank.clock())
        bank.settle()

        assert bank.ledger.balances[f"org:{who}:reserve"] == 300
        assert bank.ledger.held[f"org:{who}:available"] == 700

    def test_leaves_a_payout_aside_when_the_money_was_used_meanwhile(self):
        who = an_id("org")
        bank = Bank({f"org:{who}:available": 1_000})
        bank.account_of(who)
        (purse,) = bank.counter.purses.holding(1)

        plan_payout(purse, day_of(bank.clock()), TERMS[0], counter=bank.counter, now=bank.clock())
        bank.ledger.balances[f"org:{who}:available"] = 10
        bank.settle()

        (payout,) = bank.counter.payouts.by_id.values()
        assert (payout.state, payout.code) == ("skipped", "floor-broken")
        assert bank.operations.by_id == {}

    def test_leaves_a_payout_aside_whose_reserve_can_no_longer_be_filled(self):
        who = an_id("org")
        account = f"org:{who}:available"
        bank = Bank({account: 40_000}, reserve=36_000)
        bank.account_of(who)
        (purse,) = bank.counter.purses.holding(1)
        plan_payout(purse, day_of(bank.clock()), TERMS[0], counter=bank.counter, now=bank.clock())

        bank.ledger.balances[account] = 30_000
        bank.settle()

        (payout,) = bank.counter.payouts.by_id.values()
        assert (payout.state, payout.code) == ("skipped", "floor-broken")
        assert (bank.ledger.balances[account], bank.ledger.held[account]) == (30_000, 0)

    @pytest.mark.parametrize("reserve", [0, 900])
    @pytest.mark.parametrize("first", [0, 1])
    def test_sets_nothing_aside_for_a_payout_that_another_process_leaves_aside(
        self, first, reserve
    ):
        who = an_id("org")
        account = f"org:{who}:available"
        bank = Bank({account: 1_000}, reserve=reserve)
        bank.account_of(who)
        (purse,) = bank.counter.purses.holding(1)
        plan_payout(purse, day_of(bank.clock()), TERMS[0], counter=bank.counter, now=bank.clock())
        (payout,) = bank.counter.payouts.by_id.values()
        set_aside = executors(bank.counter, bank.ledger, bank.clock)[HOLD]
        bank.ledger.balances[account] = 10
        heard = [set_aside.submit(payout)]
        bank.ledger.balances[account] = 1_000
        heard.append(set_aside.submit(payout))

        set_aside.record(payout, heard[first])
        set_aside.record(payout, heard[1 - first])

        assert bank.counter.payouts.get(payout.id).state == "skipped"
        assert (bank.ledger.balances[account], bank.ledger.held[account]) == (1_000, 0)


def a_payout(lines):
    made = [Line(1_000, "Released: shares of 3 settlements", "转为可用：3 笔结算的分成")] * lines
    return Payout(
        id=an_id("pay"),
        organization_id=an_id("org"),
        destination_id=an_id("dst"),
        provider="sandbox",
        day=date(2026, 5, 1),
        amount=Money(1_000 * lines, CNY),
        to_reserve=Money(10, CNY),
        lines=tuple(made),
        planned_at=datetime(2026, 5, 1, tzinfo=UTC),
    )


class TestReasons:
    def test_say_line_by_line_how_the_amount_came_about(self):
        _, held = a_payout(3).entries()

        assert [line["minor"] for line in held.reason["lines"]] == [1_000] * 3

    @pytest.mark.parametrize("lines", [1, 100, 120, 5_000])
    def test_never_keep_a_payout_from_being_booked_from_beginning_to_end(self, lines):
        payout = a_payout(lines)

        ends = (payout.post_entry(), payout.void_entry(), payout.return_entry())

        assert {each.reason["payout_id"] for each in (*payout.entries(), *ends)} == {payout.id}
        assert all("lines" not in each.reason for each in ends)
