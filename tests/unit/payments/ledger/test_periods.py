"""When an entry counts, and how a period is closed for good."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.payments.ledger.domain import EntryRequest, Status, close_period, plain
from tests.unit.payments.ledger.books import OUTSIDE, Desk


class Month(Desk):
    """A desk a month after it opened."""

    def __init__(self) -> None:
        super().__init__()
        self.first_day = self.clock()
        self.clock.forward(days=30)

    def late(self, **ago: float) -> EntryRequest:
        entry = self.move(OUTSIDE, self.fund, 5)
        then = self.clock() - timedelta(**ago)
        return plain(entry.id, entry.legs, "deposit", effective_at=then)

    def close(self, **ago: float) -> EntryRequest:
        return close_period(self.ids("ent"), self.clock() - timedelta(**ago))


@pytest.fixture
def month() -> Month:
    return Month()


class TestEffectiveTime:
    def test_is_kept_beside_the_time_of_booking(self, month):
        outcome = month.one(month.late(days=3))

        segment = month.log.segments[outcome.segment]
        assert segment.at - int(segment.entries.effective_at[0]) == 3 * 24 * 60 * 60 * 1000

    def test_is_never_later_than_the_booking(self, month):
        month.refuses(month.late(seconds=-1), "effective-too-late")
        assert month.one(month.late(seconds=0)).stands

    def test_is_part_of_what_an_entry_is(self, month):
        entry = month.late(days=3)
        month.one(entry)
        other = plain(entry.id, entry.legs, "deposit")

        assert month.one(other).difference["effective_at"]["asked"] is None


class TestClosing:
    def test_nothing_takes_effect_in_a_closed_period(self, month):
        month.one(month.close(days=10))

        refused = month.refuses(month.late(days=10, seconds=1), "period-closed")
        assert refused.detail == "the open period begins at 2026-12-12T04:00:00.000000Z"
        assert month.one(month.late(days=10)).stands
        assert month.one(month.move(OUTSIDE, month.fund, 1)).stands

    def test_an_entry_before_it_in_the_batch_is_in_time_and_one_after_it_late(self, month):
        outcomes = month.writer.book(
            [month.late(days=20), month.close(days=10), month.late(days=20)]
        )

        assert [outcome.code for outcome in outcomes] == ["", "", "period-closed"]

    def test_an_entry_that_was_in_time_stays_that_entry(self, month):
        entry = month.late(days=20)
        month.writer.book([entry, month.close(days=10)])

        assert month.one(entry).status is Status.EXISTS

    def test_goes_forward_only(self, month):
        month.one(month.close(days=10))

        for days in (10, 11):
            month.refuses(month.close(days=days), "period-closed")
        assert month.one(month.close(days=9)).stands

    def test_waits_until_the_period_is_over(self, month):
        month.refuses(month.close(seconds=-1), "effective-too-late")

    def test_is_done_once(self, month):
        closing = month.close(days=10)

        outcomes = month.writer.book([closing, closing])

        assert [outcome.status for outcome in outcomes] == [Status.POSTED, Status.EXISTS]
