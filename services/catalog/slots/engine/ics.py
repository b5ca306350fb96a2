"""A calendar as text (RFC 5545), its times in the zone of the room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from services.catalog.slots.engine.wall import changes_of

if TYPE_CHECKING:
    import icalendar

MARGIN = timedelta(days=400)
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
    last = max((entry.ends_at for entry in entries), default=at)
    calendar.add_component(_rules_of(zone, at - MARGIN, last + MARGIN))
    for entry in entries:
        event = icalendar.Event()
        event.add("uid", entry.uid)
        event.add("dtstamp", at)
        event.add("dtstart", _shown(entry.starts_at, zone))
        event.add("dtend", _shown(entry.ends_at, zone))
        event.add("summary", entry.summary)
        event.add("status", entry.status)
        event.add("transp", "OPAQUE" if entry.is_busy else "TRANSPARENT")
        if entry.description:
            event.add("description", entry.description)
        calendar.add_component(event)
    text: bytes = calendar.to_ical()
    return text.decode()


def _shown(moment: datetime, zone: ZoneInfo) -> datetime:
    """By the room's clock; in UTC in the second of two hours that look alike there."""
    local = moment.astimezone(zone)
    return moment.astimezone(UTC) if local.fold else local


def _rules_of(zone: ZoneInfo, first: datetime, last: datetime) -> icalendar.Timezone:
    """The offsets of a zone in that time, one part for each change of its clocks.

    Written here, since icalendar's own search skips changes that last a month or two, as
    for Ramadan in Morocco. A part begins by the clock as it was before (section 3.6.5).
    """
    import icalendar  # noqa: PLC0415 - as above

    rules = icalendar.Timezone()
    rules.add("tzid", zone.key)
    before = first
    for moment in (first, *changes_of(zone, first, last)):
        old, new = before.astimezone(zone).utcoffset(), moment.astimezone(zone)
        part = icalendar.TimezoneDaylight() if new.dst() else icalendar.TimezoneStandard()
        part.add("tzname", new.tzname())
        part.add("tzoffsetfrom", old)
        part.add("tzoffsetto", new.utcoffset())
        part.add("dtstart", (moment.astimezone(UTC) + (old or timedelta())).replace(tzinfo=None))
        rules.add_component(part)
        before = moment
    return rules
