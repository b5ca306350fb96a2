"""Laws of the clock on the wall, in every zone there is, on the days its clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.plans.domain import Hours, Weekday, WeeklyPlan, Window
from services.catalog.slots.engine import wall as engine
from services.catalog.slots.engine.wall import moment_of, span_of
from tests.unit.catalog.fakes import an_id
from tests.unit.catalog.lending import a_venue

FIRST_YEAR, LAST_YEAR = 2007, 2032
ZONES = sorted(name for name in available_timezones() if "/" in name)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
VENUE_ID = an_id("ven")


@cache
def changes_of(name: str) -> tuple[datetime, ...]:
    """The moments, in UTC, at which the clocks of a zone change in these years."""
    zone = ZoneInfo(name)
    found = []
    before = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)
    while before.year <= LAST_YEAR:
        after = before + timedelta(days=7)
        if offset(before, zone) != offset(after, zone):
            found.append(exactly(before, after, zone))
        before = after
    return tuple(found)


def offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    return moment.astimezone(zone).utcoffset()


def exactly(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before).total_seconds() // 2)
        if offset(middle, zone) == offset(before, zone):
            before = middle
        else:
            after = middle
    return after


def wall(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


@cache
def changing() -> list[str]:
    """The zones whose clocks change in these years; of those that always agree, one."""
    by_history = {}
    for name in ZONES:
        if changes := changes_of(name):
            shown = tuple(wall(change, ZoneInfo(name)) for change in changes)
            by_history.setdefault((changes, shown), name)
    return sorted(by_history.values())


class TestEveryZone:
    def test_is_looked_at(self):
        assert len(changing()) > 100
        assert {"Australia/LHI", "Pacific/Apia", "Africa/Casablanca"} <= set(changing())

    def test_changes_its_clocks_when_it_is_said_to(self):
        first, last = datetime(2022, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
        for name in changing():
            expected = [change for change in changes_of(name) if first < change <= last]

            assert list(engine.changes_of(ZoneInfo(name), first, last)) == expected, name

    def test_reads_what_the_wall_shows_around_every_change(self):
        for name in changing():
            zone = ZoneInfo(name)
            for change in changes_of(name):
                for minutes in range(-180, 181, 15):
                    moment = change + minutes * MINUTE
                    read = moment_of(wall(moment, zone), zone)

                    # The same moment, or the first of the two that look alike.
                    assert wall(read, zone) == wall(moment, zone), (name, moment)
                    assert read <= moment, (name, moment)

    def test_reads_a_skipped_time_as_the_moment_of_the_change(self):
        skipped = 0
        for name in changing():
            zone = ZoneInfo(name)
            for change in changes_of(name):
                gap = offset(change, zone) - offset(change - MINUTE, zone)
                shown = wall(change, zone) - gap  # what the wall would have shown
                for part in range(1, 4):
                    if gap > timedelta(0):
                        read = moment_of(shown + gap * part / 4, zone)
                        assert read == change, (name, change)
                        skipped += 1
        assert skipped > 1000

    def test_never_lets_a_later_time_be_the_earlier_moment(self):
        for name in changing():
            zone = ZoneInfo(name)
            for change in changes_of(name):
                around = wall(change, zone)
                read = [moment_of(around + n * 10 * MINUTE, zone) for n in range(-18, 19)]

                assert read == sorted(read), (name, change)


class TestPlan:
    @given(
        zone=st.deferred(lambda: st.sampled_from(changing())),
        cuts=st.sets(st.integers(0, 24 * 12 - 1), min_size=2, max_size=10),
        pick=st.integers(0, 10_000),
    )
    def test_makes_slots_that_never_overlap_on_the_days_of_a_change(self, zone, cuts, pick):
        changes = changes_of(zone)
        day = wall(changes[pick % len(changes)], ZoneInfo(zone)).date()
        times = [time(cut // 12, cut % 12 * 5) for cut in sorted(cuts)]
        touching = [Hours(*pair) for pair in pairwise(times)]
        windows = [Window(weekday, hours) for weekday in Weekday for hours in touching]
        venue = a_venue(time_zone=zone, venue_id=VENUE_ID)
        plan = WeeklyPlan(
            venue_id=venue.id, organization_id=venue.organization_id, windows=tuple(windows)
        )
        days = (day - timedelta(days=1), day + timedelta(days=1))

        slots = list(plan.slots(venue, *days))

        assert slots == list(plan.slots(venue, *days))
        assert len({slot.id for slot in slots}) == len(slots)
        for earlier, later in pairwise(slots):
            assert earlier.starts_at < earlier.ends_at <= later.starts_at
        for slot in slots:
            assert slot.starts_at.tzinfo is UTC

    @pytest.mark.parametrize(
        ("zone", "day", "starts", "ends", "hours"),
        [
            ("Asia/Shanghai", "2026-03-29", "19:00", "22:00", 3),
            ("Europe/Paris", "2026-03-29", "01:00", "04:00", 2),  # an hour is skipped
            ("Europe/Paris", "2026-10-25", "01:00", "04:00", 4),  # and one comes twice
            ("Europe/Paris", "2026-10-25", "02:00", "02:30", 0.5),  # the first of both
            ("Europe/Paris", "2026-03-29", "02:30", "03:30", 0.5),
            ("Australia/Lord_Howe", "2026-10-04", "01:30", "03:00", 1),  # half an hour
            ("America/New_York", "2026-03-07", "22:00", "04:00", 5),  # over midnight
        ],
    )
    def test_lends_as_long_as_the_wall_says(self, zone, day, starts, ends, hours):
        span = span_of(
            date.fromisoformat(day),
            time.fromisoformat(starts),
            time.fromisoformat(ends),
            ZoneInfo(zone),
        )

        assert span.ends_at - span.starts_at == hours * HOUR

    @pytest.mark.parametrize(
        ("zone", "day"), [("Europe/Paris", "2026-03-29"), ("Pacific/Apia", "2011-12-30")]
    )
    def test_lends_nothing_in_hours_that_never_come(self, zone, day):
        found = span_of(date.fromisoformat(day), time(2), time(2, 45), ZoneInfo(zone))

        assert found is None
