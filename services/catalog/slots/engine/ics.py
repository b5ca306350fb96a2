"""A calendar as text (RFC 5545), its times in the zone of the room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

PRODUCT = "-//Teahouse//catalog//EN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Some hours; the same ``uid`` is the same entry in every edition of the calendar."""

    uid: str
    starts_at: datetime
    ends_at: datetime
    summary: str
    status: str
    is_busy: bool
    description: str = ""


def calendar_text(name: str, entries: Sequence[Entry], *, zone: ZoneInfo, at: datetime) -> str:
    """Write the entries with the zone's own rules beside them; ``at`` stamps them all."""
    import icalendar  # noqa: PLC0415 - a quarter second that most processes never need

    calendar = icalendar.Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    for entry in entries:
        event = icalendar.Event()
        event.add("uid", entry.uid)
        event.add("dtstamp", at)
        event.add("dtstart", entry.starts_at.astimezone(zone))
        event.add("dtend", entry.ends_at.astimezone(zone))
        event.add("summary", entry.summary)
        event.add("status", entry.status)
        event.add("transp", "OPAQUE" if entry.is_busy else "TRANSPARENT")
        if entry.description:
            event.add("description", entry.description)
        calendar.add_component(event)
    calendar.add_missing_timezones()
    text: bytes = calendar.to_ical()
    return text.decode()
