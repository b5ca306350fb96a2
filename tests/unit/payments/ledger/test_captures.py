"""A hold used up bit by bit, and a hold that lasts longer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.payments.ledger.domain import EntryRequest, Leg, Status, extend, post, void
from tests.unit.payments.ledger.books import Desk


class Tab(Desk):
    """A desk with a hold of 800 for an hour."""

    def __init__(self) -> None:
        super().__init__()
        self.held = self.hold(800, expires_at=self.clock() + timedelta(hours=1))
        self.one(self.held)

    def capture(self, minor: int, *, final: bool = False) -> EntryRequest:
        legs = [Leg(self.fund, -minor, "CNY"), Leg(self.escrow, minor, "CNY")]
        return post(self.ids("ent"), self.held.id, "escrow", legs=legs, final=final)

    def prolong(self, **by: float) -> EntryRequest:
        until = self.held.expires_at + timedelta(**by)
        return extend(self.ids("ent"), self.held.id, until, "escrow")


@pytest.fixture
def tab() -> Tab:
    return Tab()


class TestCaptures:
    def test_follow_each_other_until_the_hold_is_used_up(self, tab):
        outcomes = tab.writer.book([tab.capture(300), tab.capture(300), tab.capture(200)])

        assert all(outcome.stands for outcome in outcomes)
        assert tab.balances(tab.fund) == (200, 200)
        assert tab.balances(tab.escrow) == (800, 800)
        tab.refuses(tab.capture(1), "hold-resolved")

    def test_leave_the_rest_on_hold(self, tab):
        tab.one(tab.capture(300))

        assert tab.balances(tab.fund) == (700, 200)
        tab.refuses(tab.move(tab.fund, tab.escrow, 201), "floor-broken")

    def test_never_take_more_than_is_left(self, tab):
        tab.one(tab.capture(300))

        tab.refuses(tab.capture(501), "exceeds-hold")
        assert tab.one(tab.capture(500)).stands

    def test_two_at_once_cannot_take_the_same_rest(self, tab):
        outcomes = tab.writer.book([tab.capture(500), tab.capture(500)])

        assert [outcome.code for outcome in outcomes] == ["", "exceeds-hold"]

    def test_the_final_one_lets_go_of_the_rest(self, tab):
        tab.writer.book([tab.capture(300), tab.capture(100, final=True)])

        assert tab.balances(tab.fund) == (600, 600)
        tab.refuses(tab.capture(1), "hold-resolved")

    def test_posting_without_legs_takes_all_that_is_left(self, tab):
        tab.writer.book([tab.capture(300), tab.post(tab.held)])

        assert tab.balances(tab.escrow) == (800, 800)

    def test_voiding_lets_go_of_what_is_left(self, tab):
        tab.writer.book([tab.capture(300), void(tab.ids("ent"), tab.held.id, "escrow")])

        assert tab.balances(tab.fund) == (700, 700)
        assert tab.balances(tab.escrow) == (300, 300)

    def test_expiry_lets_go_of_what_is_left(self, tab):
        tab.one(tab.capture(300))
        tab.clock.forward(hours=1)

        assert tab.one(tab.capture(1)).code == "hold-expired"
        assert tab.balances(tab.fund) == (700, 700)

    def test_one_is_the_same_however_often_it_comes(self, tab):
        first = tab.capture(300)
        tab.writer.book([first, tab.capture(500)])

        assert tab.one(first).status is Status.EXISTS
        final = tab.capture(300, final=True)
        assert tab.one(post(first.id, tab.held.id, "escrow", legs=final.legs)).difference == {
            "final": {"stored": False, "asked": True}
        }


class TestExtension:
    def test_lets_a_hold_end_later(self, tab):
        tab.one(tab.prolong(hours=1))
        tab.clock.forward(minutes=119)

        assert tab.one(tab.capture(300)).stands
        tab.clock.forward(minutes=1)
        assert tab.one(tab.capture(300)).code == "hold-expired"

    @pytest.mark.parametrize("by", [{"hours": 0}, {"minutes": -1}])
    def test_is_to_a_later_time(self, tab, by):
        tab.refuses(tab.prolong(**by), "not-an-extension")

    def test_ends_within_366_days_of_the_placing(self, tab):
        tab.refuses(tab.prolong(days=366), "hold-too-long")
        assert tab.one(tab.prolong(days=366, hours=-1)).stands

    def test_counts_for_what_follows_in_the_batch(self, tab):
        outcomes = tab.writer.book([tab.prolong(hours=2), tab.prolong(hours=1)])

        assert [outcome.code for outcome in outcomes] == ["", "not-an-extension"]

    def test_comes_too_late_when_the_time_is_over(self, tab):
        tab.clock.forward(hours=1)

        assert tab.one(tab.prolong(hours=1)).code == "hold-expired"

    def test_is_not_for_a_hold_without_an_end(self, tab):
        endless = tab.hold(1)
        tab.one(endless)
        until = tab.clock() + timedelta(hours=1)

        tab.refuses(extend(tab.ids("ent"), endless.id, until, "escrow"), "not-an-extension")

    def test_a_hold_itself_is_not_longer_either(self, tab):
        tab.refuses(
            tab.hold(1, expires_at=tab.clock() + timedelta(days=366, seconds=1)), "hold-too-long"
        )
