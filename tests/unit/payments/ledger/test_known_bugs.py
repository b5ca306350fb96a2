"""What broke other ledgers, and does not break this one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chassis.kernel.money import Money
from services.payments.ledger.domain import (
    EntryRequest,
    Leg,
    Outcome,
    hold,
    plain,
    post,
    reverse,
    void,
)
from services.payments.ledger.repositories.writer import Writer
from tests.unit.payments.ledger.books import MARKET, OUTSIDE, Desk


class TwoDesks(Desk):
    """A desk with a second writer, who has read the log up to now and no further."""

    def __init__(self) -> None:
        super().__init__()
        self.held = self.hold(800)
        self.one(self.held)
        self.other = Writer(MARKET, self.log, self.clock)
        self.other.catch_up()

    def at_once(self, first: EntryRequest, second: EntryRequest) -> list[Outcome]:
        """Two writers decide on the same books; one of them is first."""
        (here,) = self.writer.book([first])
        (there,) = self.other.book([second])
        return [here, there]


@pytest.fixture
def desks() -> TwoDesks:
    return TwoDesks()


class TestHolds:
    def test_money_on_hold_is_left_out_of_the_balance_check(self, desks):
        desks.refuses(desks.move(desks.fund, desks.escrow, 201), "floor-broken")

    def test_a_rejected_hold_is_applied_later(self, desks):
        poor = desks.hold(900)
        desks.refuses(poor, "floor-broken")
        desks.one(desks.move(OUTSIDE, desks.fund, 5_000))

        desks.refuses(desks.post(poor), "hold-not-found")

    def test_a_hold_is_committed_twice_at_once(self, desks):
        outcomes = desks.at_once(desks.post(desks.held), desks.post(desks.held))

        assert [outcome.code for outcome in outcomes] == ["", "hold-resolved"]
        assert desks.balances(desks.escrow) == (800, 800)

    def test_concurrent_commits_in_part_commit_too_much(self, desks):
        half = [Leg(desks.fund, -500, "CNY"), Leg(desks.escrow, 500, "CNY")]

        outcomes = desks.at_once(
            *(
                post(desks.ids("ent"), desks.held.id, "escrow", legs=half, final=False)
                for _ in "ab"
            )
        )

        assert [outcome.code for outcome in outcomes] == ["", "exceeds-hold"]

    def test_a_commit_takes_more_than_the_hold(self, desks):
        desks.refuses(desks.post(desks.held, 801), "exceeds-hold")

    def test_a_void_and_a_commit_both_win(self, desks):
        outcomes = desks.at_once(
            void(desks.ids("ent"), desks.held.id, "escrow"), desks.post(desks.held)
        )

        assert [outcome.code for outcome in outcomes] == ["", "hold-resolved"]

    def test_a_commit_is_silently_one_sided(self, desks):
        legs = [Leg(desks.fund, -500, "CNY"), Leg(desks.escrow, 0, "CNY")]

        desks.refuses(post(desks.ids("ent"), desks.held.id, "escrow", legs=legs), "not-balanced")

    def test_a_hold_of_two_currencies_loses_one_of_them(self, desks):
        desks.one(desks.move(OUTSIDE, desks.fund, 70, "USD"))
        legs = [
            Leg(path, sign * minor, currency)
            for minor, currency in ((150, "CNY"), (70, "USD"))
            for path, sign in ((desks.fund, -1), (desks.escrow, 1))
        ]
        held = hold(desks.ids("ent"), legs, "escrow")
        desks.one(held).or_raise()
        assert desks.balances(desks.fund, "USD") == (70, 0)

        desks.one(desks.post(held)).or_raise()

        assert desks.balances(desks.escrow) == (150, 150)
        assert desks.balances(desks.escrow, "USD") == (70, 70)


class TestRefunds:
    def test_two_refunds_at_once_both_go_through(self, desks):
        sale = desks.move(OUTSIDE, desks.escrow, 100)
        desks.one(sale)

        outcomes = desks.at_once(*(reverse(desks.ids("ent"), sale.id, "refund") for _ in "ab"))

        assert [outcome.code for outcome in outcomes] == ["", "exceeds-original"]

    def test_several_refunds_in_part_take_more_than_was_paid(self, desks):
        sale = desks.move(OUTSIDE, desks.escrow, 100)
        desks.one(sale)
        parts = [
            reverse(desks.ids("ent"), sale.id, "refund", part=Money(40, "CNY")) for _ in "abc"
        ]

        outcomes = desks.writer.book(parts)

        assert [outcome.code for outcome in outcomes] == ["", "", "exceeds-original"]

    def test_a_refund_of_an_unknown_charge_is_dropped_without_a_word(self, desks):
        unknown = reverse(desks.ids("ent"), desks.ids("ent"), "refund")

        desks.refuses(unknown, "original-not-found")

    def test_one_fen_split_a_thousand_times_drifts_to_one_party(self, desks):
        parties = [f"org:{desks.ids('org')}:pending" for _ in range(2)]
        legs = [
            Leg(OUTSIDE, -1_000, "CNY"),
            Leg(parties[0], 10, "CNY"),
            Leg(parties[1], 990, "CNY"),
        ]
        paid = plain(desks.ids("ent"), legs, "settlement")
        desks.one(paid)

        for _ in range(500):
            part = Money(1, "CNY")
            desks.one(reverse(desks.ids("ent"), paid.id, "refund", part=part)).or_raise()

        assert [desks.balances(party)[0] for party in parties] == [5, 495]


class TestRepeats:
    def test_a_top_up_is_booked_again_on_retry(self, desks):
        top_up = desks.move(OUTSIDE, desks.fund, 100)

        outcomes = desks.at_once(top_up, top_up)

        assert [(outcome.reply, outcome.segment) for outcome in outcomes] == [("posted", 2)] * 2
        assert desks.balances(desks.fund)[0] == 1_100

    def test_a_settlement_is_booked_twice_in_a_race(self, desks):
        settlement = desks.move(desks.fund, desks.escrow, 200)
        other = replace(settlement, legs=desks.move(desks.fund, desks.escrow, 199).legs)

        outcomes = desks.at_once(settlement, other)

        assert [outcome.code for outcome in outcomes] == ["", "id-conflict"]

    def test_the_last_money_is_spent_twice_at_once(self, desks):
        outcomes = desks.at_once(*(desks.move(desks.fund, desks.escrow, 200) for _ in "ab"))

        assert [outcome.code for outcome in outcomes] == ["", "floor-broken"]


class TestBalances:
    def test_a_balance_is_stale_after_a_reversal_that_took_effect_earlier(self, desks):
        paid = desks.move(OUTSIDE, desks.escrow, 100)
        desks.one(paid)
        desks.clock.forward(days=3)
        assert desks.balances(desks.escrow) == (100, 100)
        earlier = desks.clock() - timedelta(days=2)

        desks.one(reverse(desks.ids("ent"), paid.id, "refund", effective_at=earlier)).or_raise()

        assert desks.balances(desks.escrow) == (0, 0)
        desks.refuses(desks.move(desks.escrow, desks.fund, 1), "floor-broken")
        desks.other.catch_up()
        assert tuple(desks.other.books.accounts.balance(desks.escrow, "CNY")) == (0, 0)


class TestReasons:
    def test_the_reason_is_lost_after_the_first_entry(self, desks):
        entries = [
            replace(desks.move(desks.fund, desks.escrow, 1), reason={"why": {"en": str(number)}})
            for number in range(3)
        ]

        desks.writer.book(entries)

        told = desks.log.segments[-1].reasons
        assert [told[place]["why"]["en"] for place in range(3)] == ["0", "1", "2"]
