"""Which tax is in the platform's fee: a table of rates by region and day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

WHOLE = 10_000


@dataclass(frozen=True, slots=True)
class Rate:
    """The rate of a region from a day on, in basis points of the price without tax."""

    region: str
    since: date
    basis_points: int


def rates_of(text: str) -> tuple[Rate, ...]:
    """Read ``CN 2016-05-01 600; HK 1997-07-01 0``; raise ``ValueError`` for anything else."""
    return tuple(_rate(row) for row in text.split(";") if row.strip())


def rate_on(rates: Sequence[Rate], region: str, day: date) -> int:
    """The basis points of a region on a day; zero where nothing is said of it."""
    known = [rate for rate in rates if rate.region == region and rate.since <= day]
    return max(known, key=lambda rate: rate.since).basis_points if known else 0


def _rate(row: str) -> Rate:
    try:
        region, since, points = row.split()
        found = Rate(region, date.fromisoformat(since), int(points))
    except ValueError:
        raise ValueError(f"no rate of tax: {row!r}") from None
    if not 0 <= found.basis_points <= WHOLE:
        raise ValueError(f"no rate of tax: {row!r}")
    return found
