"""What is owed for how long, and what the platform earned. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from chassis.kernel.errors import NotFound

DAY_SECONDS = 86_400
# The last day of each band; what is older stands in a band of its own.
BANDS = (7, 30, 60, 90)


class DayNotClosed(NotFound):
    """No trial balance was taken at the end of that day, at least not yet."""

    code = "day-not-closed"
    hint = "A day is closed minutes after it is over; leave the day out for the balance as of now."
    chinese = "该日尚未结账；如需当前余额，请勿指定日期。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """What one account is owed, in minor units, by age: a figure a band, then the oldest."""

    account: str
    currency: str
    minor: int
    bands: tuple[int, ...]
    oldest_days: int


def aged(
    account: str,
    currency: str,
    balance: int,
    received: Iterable[tuple[datetime, int]],
    now: datetime,
) -> Owed:
    """Tell a balance apart by age: what came in first is taken to have gone out first.

    ``received`` are what came in, the newest first; only as many are read as the balance
    needs. What they do not cover counts as the oldest.
    """
    bands, left, oldest = [0] * (len(BANDS) + 1), balance, 0
    for at, minor in received:
        if left <= 0:
            break
        part = min(left, minor)
        oldest = max(0, int((now - at).total_seconds()) // DAY_SECONDS)
        bands[band_of(oldest)] += part
        left -= part
    bands[-1] += max(0, left)
    return Owed(
        account=account,
        currency=currency,
        minor=balance,
        bands=tuple(bands),
        oldest_days=oldest,
    )


def band_of(days: int) -> int:
    """Which band an age in whole days belongs to."""
    return sum(days > last for last in BANDS)
