"""Calendars as text, read again by somebody who knows no more than the text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest

from services.catalog.slots.engine.ics import Entry, calendar_text

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)


def an_entry(days: int, **changes) -> Entry:
    starts_at = NOW + timedelta(days=days)
    given = {
        "uid": f"{days}@teahouse",
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=3),
        "summary": "空闲 · Free; come, all",
        "status": "CONFIRMED",
        "is_busy": True,
    }
    return Entry(**given | changes)


def read(entries, zone: str):
    text = calendar_text("后室, \\ the room", entries, zone=ZoneInfo(zone), at=NOW)
    return icalendar.Calendar.from_ical(text)


class TestCalendarText:
    @pytest.mark.parametrize(
        "zone",
        [
            "Asia/Shanghai",
            "Europe/Paris",
            "Europe/Dublin",
            "America/New_York",
            "Australia/Lord_Howe",
            "Africa/Casablanca",
            "America/Sao_Paulo",
        ],
    )
    def test_tells_its_zone_so_that_others_need_not_know_it(self, zone):
        entries = [an_entry(days) for days in range(0, 400, 9)]

        calendar = read(entries, zone)

        (told,) = calendar.walk("VTIMEZONE")
        by_text = told.to_tz(lookup_tzid=False)
        for event, entry in zip(calendar.walk("VEVENT"), entries, strict=True):
            assert event["DTSTART"].params["TZID"] == zone
            wall = event["DTSTART"].dt.replace(tzinfo=None)
            assert wall.replace(tzinfo=by_text).utctimetuple() == entry.starts_at.utctimetuple()

    def test_tells_hours_that_look_alike_apart(self):
        first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # 02:30 in Paris, and an hour later too
        hour = timedelta(hours=1)
        entries = [
            an_entry(1, starts_at=starts_at, ends_at=starts_at + hour)
            for starts_at in (first, first + hour)
        ]

        events = read(entries, "Europe/Paris").walk("VEVENT")

        assert [event["DTSTART"].dt.astimezone(UTC) for event in events] == [first, first + hour]
        assert "TZID" not in events[1]["DTSTART"].params

    def test_tells_no_more_of_its_zone_than_it_needs(self):
        (told,) = read([an_entry(1)], "Europe/Paris").walk("VTIMEZONE")

        assert len(told.subcomponents) == 6
        assert [part.name for part in told.subcomponents[:3]] == [
            "STANDARD",
            "DAYLIGHT",
            "STANDARD",
        ]

    def test_gives_text_back_as_it_was(self):
        (event,) = read([an_entry(1, description="gth_1; org_2,\nx")], "UTC").walk("VEVENT")

        assert str(event["SUMMARY"]) == "空闲 · Free; come, all"
        assert str(event["DESCRIPTION"]) == "gth_1; org_2,\nx"

    def test_keeps_lines_short_and_ends_them_as_the_format_asks(self):
        text = calendar_text("x" * 300, [an_entry(1)], zone=ZoneInfo("Asia/Shanghai"), at=NOW)

        assert text.endswith("END:VCALENDAR\r\n")
        assert max(len(line.encode()) for line in text.split("\r\n")) <= 75

    def test_needs_no_entry(self):
        assert read([], "Europe/Paris").walk("VEVENT") == []
