"""The part of RFC 5545's recurrence rules that is read."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest

from services.catalog.recurring.engine.rules import (
    MOST,
    Recurrence,
    RuleUnreadable,
    read_rule,
    times_of,
)

TUESDAY = datetime.combine(date(2026, 3, 3), time(19))


def times(text: str, first: datetime = TUESDAY) -> list[str]:
    return [one.isoformat(timespec="minutes") for one in times_of(read_rule(text), first)]


class TestReadRule:
    def test_reads_weeks_and_days(self):
        assert read_rule("FREQ=WEEKLY;BYDAY=TH,TU;INTERVAL=2;COUNT=12") == Recurrence(
            weekly=True, interval=2, days=(1, 3), count=12
        )
        assert read_rule("rrule:freq=daily;until=20260331") == Recurrence(
            weekly=False, until=date(2026, 3, 31)
        )

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "FREQ=MONTHLY;COUNT=2",
            "FREQ=WEEKLY",
            "FREQ=WEEKLY;COUNT=2;UNTIL=20260331",
            "FREQ=WEEKLY;COUNT=0",
            "FREQ=WEEKLY;COUNT=-1",
            "FREQ=WEEKLY;COUNT=54",
            "FREQ=WEEKLY;COUNT=1000000",
            "FREQ=WEEKLY;COUNT=2;COUNT=3",
            "FREQ=WEEKLY;COUNT=2;INTERVAL=0",
            "FREQ=WEEKLY;COUNT=2;BYDAY=1TU",
            "FREQ=WEEKLY;COUNT=2;BYDAY=",
            "FREQ=DAILY;COUNT=2;BYDAY=TU",
            "FREQ=WEEKLY;COUNT=2;BYHOUR=3",
            "FREQ=WEEKLY;UNTIL=20260231",
            "FREQ=WEEKLY;UNTIL=2026-03-31",
            "FREQ=WEEKLY;UNTIL=20260331T190000Z",
        ],
    )
    def test_refuses_all_others(self, text):
        with pytest.raises(RuleUnreadable):
            read_rule(text)


class TestTimesOf:
    def test_recur_on_the_weekday_of_the_first(self):
        assert times("FREQ=WEEKLY;COUNT=3") == [
            "2026-03-03T19:00",
            "2026-03-10T19:00",
            "2026-03-17T19:00",
        ]

    def test_recur_on_the_days_named_from_the_first_on(self):
        assert times("FREQ=WEEKLY;BYDAY=MO,TH;COUNT=3") == [
            "2026-03-05T19:00",
            "2026-03-09T19:00",
            "2026-03-12T19:00",
        ]

    def test_reach_the_last_day_named(self):
        assert times("FREQ=DAILY;INTERVAL=2;UNTIL=20260307") == [
            "2026-03-03T19:00",
            "2026-03-05T19:00",
            "2026-03-07T19:00",
        ]

    def test_are_a_years_weeks_at_most(self):
        assert len(times(f"FREQ=WEEKLY;COUNT={MOST}")) == MOST
        with pytest.raises(RuleUnreadable):
            times("FREQ=DAILY;UNTIL=20270331")

    def test_come_at_least_once(self):
        with pytest.raises(RuleUnreadable):
            times("FREQ=DAILY;UNTIL=20260302")
