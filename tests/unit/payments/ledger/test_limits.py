"""Between floor and ceiling: credit lines, changes of limits, and holds that count at once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.payments.ledger.domain import (
    EntryRequest,
    Leg,
    Limits,
    Outcome,
    Status,
    chain,
    hold,
    limit,
    post,
    void,
)
from tests.unit.payments.ledger.books import OUTSIDE, Desk


class Bank(Desk):
    """A desk with an organisation's account that may be given credit."""

    def __init__(self) -> None:
        super().__init__()
        self.account = f"org:{self.ids('org')}:available"
        self.version = 0

    def limits(self, **bounds: int | None) -> EntryRequest:
        self.version += 1
        wanted = Limits(account=self.account, currency="CNY", version=self.version, **bounds)
        return limit(self.ids("ent"), wanted, "credit-line")

    def bound(self, **bounds: int | None) -> Outcome:
        return self.one(self.limits(**bounds)).or_raise()

    def bring(self, minor: int) -> EntryRequest:
        return self.move(OUTSIDE, self.account, minor)

    def take(self, minor: int) -> EntryRequest:
        return self.move(self.account, self.fund, minor)

    def promise(self, minor: int) -> EntryRequest:
        legs = [Leg(OUTSIDE, -minor, "CNY"), Leg(self.account, minor, "CNY")]
        return hold(self.ids("ent"), legs, "escrow")


@pytest.fixture
def bank() -> Bank:
    return Bank()


class TestCreditLines:
    def test_an_account_may_owe_as_much_as_its_line(self, bank):
        bank.bound(floor=-500)

        assert bank.one(bank.take(500)).stands
        refused = bank.refuses(bank.take(1), "floor-broken")
        assert refused.detail == (
            f"{bank.account} has -500 CNY available and 500 of credit, 1 asked"
        )

    def test_a_line_may_be_opened_and_drawn_in_one_chain(self, bank):
        outcomes = bank.writer.book(chain(bank.limits(floor=-500), bank.take(500)))

        assert all(outcome.stands for outcome in outcomes)
        assert len(bank.log.segments) == 2

    def test_nobody_can_cut_it_below_what_is_drawn(self, bank):
        bank.bound(floor=-500)
        bank.one(bank.take(300))

        bank.refuses(bank.limits(floor=-299), "floor-broken")
        bank.version -= 1
        assert bank.bound(floor=-300).stands
        bank.refuses(bank.take(1), "floor-broken")

    def test_what_is_on_hold_is_drawn_already(self, bank):
        bank.bound(floor=-500)
        legs = [Leg(bank.account, -400, "CNY"), Leg(bank.fund, 400, "CNY")]
        bank.one(hold(bank.ids("ent"), legs, "escrow"))

        bank.refuses(bank.limits(floor=-399), "floor-broken")

    def test_all_accounts_together_cannot_owe_without_end(self, bank):
        books = bank.writer.books
        books.accounts.credit = (1 << 61) - 400

        bank.refuses(bank.limits(floor=-500), "bad-limits")

    def test_a_floor_can_keep_money_in(self, bank):
        bank.one(bank.bring(100))
        bank.bound(floor=60)

        assert bank.one(bank.take(40)).stands
        bank.refuses(bank.take(1), "floor-broken")


class TestCeilings:
    def test_nothing_lifts_an_account_above_its_ceiling(self, bank):
        bank.bound(ceiling=100)
        bank.one(bank.bring(70))

        refused = bank.refuses(bank.bring(31), "ceiling-broken")
        assert refused.detail == (
            f"{bank.account} has or is promised 70 CNY of at most 100, 31 would come in"
        )
        assert bank.one(bank.bring(30)).stands

    def test_what_holds_promise_counts_at_once(self, bank):
        bank.bound(ceiling=100)
        promised = bank.promise(70)
        bank.one(promised)

        bank.refuses(bank.bring(31), "ceiling-broken")
        bank.refuses(bank.promise(31), "ceiling-broken")
        assert bank.one(void(bank.ids("ent"), promised.id, "escrow")).stands
        assert bank.one(bank.bring(100)).stands

    def test_a_promise_kept_in_part_frees_the_rest(self, bank):
        bank.bound(ceiling=100)
        promised = bank.promise(100)
        bank.one(promised)
        part = [replace(leg, minor=leg.minor // 4) for leg in promised.legs]

        outcomes = bank.writer.book(
            [
                post(bank.ids("ent"), promised.id, "escrow", legs=part),
                bank.bring(76),
                bank.bring(75),
            ]
        )

        assert [outcome.code for outcome in outcomes] == ["", "ceiling-broken", ""]

    def test_what_goes_out_makes_room_only_when_it_is_gone(self, bank):
        bank.bound(ceiling=100)
        bank.one(bank.bring(100))
        legs = [Leg(bank.account, -50, "CNY"), Leg(bank.fund, 50, "CNY")]
        held = hold(bank.ids("ent"), legs, "escrow")
        bank.one(held)

        bank.refuses(bank.bring(1), "ceiling-broken")
        outcomes = bank.writer.book([post(bank.ids("ent"), held.id, "escrow"), bank.bring(50)])
        assert all(outcome.stands for outcome in outcomes)

    def test_cannot_be_set_below_what_is_there(self, bank):
        bank.one(bank.bring(100))

        bank.refuses(bank.limits(ceiling=99), "ceiling-broken")

    def test_a_lower_one_holds_for_what_follows_in_the_batch(self, bank):
        outcomes = bank.writer.book(
            [bank.bring(50), bank.limits(ceiling=60), bank.bring(11), bank.bring(10)]
        )

        assert [outcome.code for outcome in outcomes] == ["", "", "ceiling-broken", ""]


class TestChangesOfLimits:
    def test_name_the_version_they_make(self, bank):
        bank.bound(floor=-500)
        bank.version = 0

        refused = bank.refuses(bank.limits(floor=-900), "limits-stale")
        assert refused.detail == f"{bank.account} has version 1 of its limits, 1 asked"

    def test_of_two_who_saw_the_same_version_one_is_told(self, bank):
        first = bank.limits(floor=-500)
        bank.version = 0
        second = bank.limits(floor=-900)

        outcomes = bank.writer.book([first, second])

        assert [outcome.code for outcome in outcomes] == ["", "limits-stale"]

    def test_must_leave_room_between_them(self, bank):
        bank.refuses(bank.limits(floor=10, ceiling=9), "bad-limits")

    def test_are_the_same_change_however_often_they_come(self, bank):
        change = bank.limits(floor=-500, ceiling=900)
        bank.one(change)

        assert bank.one(change).status is Status.EXISTS
        other = replace(change, limits=replace(change.limits, floor=-501))
        assert bank.one(other).difference["limits"]["stored"] == {
            "account": bank.account,
            "currency": "CNY",
            "floor": -500,
            "ceiling": 900,
            "version": 1,
        }

    def test_can_be_taken_off_again(self, bank):
        bank.bound(floor=-5, ceiling=9)
        bank.bound()

        assert bank.one(bank.bring(1_000)).stands
        bank.refuses(bank.take(1_001), "floor-broken")
