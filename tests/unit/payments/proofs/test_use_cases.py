"""Days are sealed once, in order, without a gap, and the same by whoever does it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.payments.ledger.engine.segments import ChainBroken
from services.payments.proofs.engine.tree import EMPTY
from tests.unit.payments.ledger.books import NOW, OUTSIDE, Desk
from tests.unit.payments.proofs.sealing import MemoryDays, a_sealer

ZONE = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)
FIRST = date(2026, 11, 22)


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def days():
    return MemoryDays()


@pytest.fixture
def sealer(desk, days):
    return a_sealer(desk.log, days, ZONE)


def book(desk, minor=10):
    desk.one(desk.move(OUTSIDE, desk.fund, minor))


class TestSealing:
    def test_waits_for_the_day_to_be_over_by_the_clock_of_the_market(self, sealer, days):
        midnight = NOW.replace(hour=16, minute=0)  # in Shanghai

        assert sealer.run(midnight) == 0
        assert sealer.run(midnight + timedelta(minutes=1)) == 0
        assert sealer.run(midnight + timedelta(minutes=3)) == 1
        assert days.days[0].day == FIRST

    def test_happens_once_however_often_it_is_tried(self, desk, sealer, days):
        sealer.run(NOW + DAY)

        assert sealer.run(NOW + DAY) == 0
        assert a_sealer(desk.log, days, ZONE).run(NOW + DAY) == 0
        assert len(days.facts) == 1

    def test_seals_every_day_between_also_those_without_an_entry(self, desk, sealer, days):
        desk.clock.forward(days=3)
        book(desk)

        sealer.run(NOW + 3 * DAY)

        assert [(day.day.day, day.first, day.end, day.entries) for day in days.days] == [
            (22, 0, 1, 1),
            (23, 1, 1, 0),
            (24, 1, 1, 0),
        ]
        assert days.days[1].head == days.days[0].head
        assert days.days[1].root == EMPTY

    def test_leads_to_the_same_days_whoever_does_it_and_whenever(self, desk, sealer, days):
        for hours in (5, 9, 20, 30, 50):
            desk.clock.forward(hours=hours)
            book(desk)
            sealer.run(desk.clock.now)
        again = MemoryDays()

        a_sealer(desk.log, again, ZONE).run(desk.clock.now)

        assert again.days == days.days
        assert len(days.days) >= 4

    def test_goes_on_after_a_restart_where_it_was(self, desk, sealer, days):
        sealer.run(NOW + DAY)
        desk.clock.forward(days=1)
        book(desk)

        a_sealer(desk.log, days, ZONE).run(NOW + 2 * DAY)

        assert [(day.first, day.end) for day in days.days] == [(0, 1), (1, 2)]

    def test_puts_what_came_late_into_the_day_after(self, desk, sealer, days):
        sealer.run(NOW + DAY)  # by a clock ahead of the writer's
        book(desk)
        sealer.run(NOW + 2 * DAY)

        assert [(day.day.day, day.entries) for day in days.days] == [(22, 1), (23, 1)]

    def test_of_two_at_once_one_is_second_and_does_no_harm(self, desk, sealer, days):
        other = a_sealer(desk.log, days, ZONE)
        other.run(NOW)
        sealer.run(NOW + DAY)

        assert other.run(NOW + DAY) == 0
        assert other.run(NOW + 2 * DAY) == 1
        assert [day.day.day for day in days.days] == [22, 23]

    def test_tells_what_the_accounts_held_by_kind(self, desk, sealer, days):
        desk.one(desk.hold(300))
        sealer.run(NOW + DAY)

        balances = {one.accounts: one.minor for one in days.days[0].balances}
        assert balances["external:provider"] == -1_000
        assert balances["offer:*:fund"] == 1_000
        assert sum(balances.values()) == 0

    def test_stops_at_a_log_that_does_not_hold_together(self, desk, sealer, days):
        book(desk)
        desk.log.segments[1] = replace(desk.log.segments[1], epoch=9)

        with pytest.raises(ChainBroken):
            sealer.run(NOW + DAY)

        assert days.days == []
