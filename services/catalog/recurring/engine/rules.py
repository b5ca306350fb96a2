"""Recurrence rules: the part of RFC 5545, section 3.3.10, that bookings need."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
MOST = 53  # a year of weeks
_NUMBER = re.compile("[1-9][0-9]?")
_DATE = re.compile("[0-9]{8}")
_PARTS = frozenset({"FREQ", "INTERVAL", "BYDAY", "COUNT", "UNTIL"})


class RuleUnreadable(ValueError):
    """The text is no rule of the part that is read here, for the reason it gives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurrence:
    """Every so many days, or on these days of every so many weeks, until there are enough.

    ``days`` count from 0 for Monday; with none it is the weekday of the first. Of
    ``count`` and ``until``, the last day, one is given.
    """

    weekly: bool
    interval: int = 1
    days: tuple[int, ...] = ()
    count: int | None = None
    until: date | None = None


def read_rule(text: str) -> Recurrence:
    """Read ``FREQ=WEEKLY;BYDAY=TU;COUNT=12``; raise ``RuleUnreadable`` with what is wrong.

    Weekly and daily only, with INTERVAL, COUNT or UNTIL (a date), and BYDAY for weeks.
    """
    parts = _parts(text.upper().removeprefix("RRULE:"))
    if parts.get("FREQ") not in {"WEEKLY", "DAILY"}:
        raise RuleUnreadable("FREQ is WEEKLY or DAILY")
    weekly = parts["FREQ"] == "WEEKLY"
    if "BYDAY" in parts and not weekly:
        raise RuleUnreadable("BYDAY goes with FREQ=WEEKLY")
    if ("COUNT" in parts) == ("UNTIL" in parts):
        raise RuleUnreadable("give one of COUNT and UNTIL")
    count = _number(parts["COUNT"]) if "COUNT" in parts else None
    if count is not None and count > MOST:
        raise RuleUnreadable(f"at most {MOST} times")
    return Recurrence(
        weekly=weekly,
        interval=_number(parts.get("INTERVAL", "1")),
        days=_days(parts["BYDAY"]) if "BYDAY" in parts else (),
        count=count,
        until=_date(parts["UNTIL"]) if "UNTIL" in parts else None,
    )


def times_of(rule: Recurrence, first: datetime) -> tuple[datetime, ...]:
    """When it recurs by the clock on the wall, from ``first`` on, at most ``MOST`` times.

    ``first`` is naive and counts only if it fits the rule. Raises ``RuleUnreadable`` for
    a rule that goes on longer, or never comes.
    """
    from dateutil.rrule import DAILY, WEEKLY, rrule  # noqa: PLC0415 - only for who asks to recur

    found = rrule(
        WEEKLY if rule.weekly else DAILY,
        dtstart=first,
        interval=rule.interval,
        byweekday=rule.days or None,
        count=rule.count,
        until=datetime.combine(rule.until, time.max) if rule.until else None,
    )
    times = tuple(islice(found, MOST + 1))
    if not 0 < len(times) <= MOST:
        raise RuleUnreadable(f"from once to {MOST} times")
    return times


def _parts(text: str) -> dict[str, str]:
    pairs = [part.partition("=") for part in text.strip().split(";") if part]
    parts = {name: value for name, _, value in pairs}
    if len(parts) < len(pairs) or not parts.keys() <= _PARTS:
        raise RuleUnreadable(f"each of {', '.join(sorted(_PARTS))} once at most, no others")
    return parts


def _number(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise RuleUnreadable("INTERVAL and COUNT are from 1 to 99")
    return int(text)


def _date(text: str) -> date:
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise RuleUnreadable("UNTIL is a date: 20270331")


def _days(text: str) -> tuple[int, ...]:
    names = text.split(",")
    if not set(names) <= set(DAYS):
        raise RuleUnreadable(f"BYDAY is a list of {', '.join(DAYS)}")
    return tuple(sorted({DAYS.index(name) for name in names}))
