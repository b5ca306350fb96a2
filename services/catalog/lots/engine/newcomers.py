"""The share of a lot that is kept for hosts who have no record yet."""

from __future__ import annotations

from datetime import datetime, timedelta

from chassis.kernel.money import WHOLE

LEAST_SHARE = 1_000
"""Basis points of its packs that every lot keeps; a brand may keep more."""

FREED_BEFORE_END = timedelta(days=3)


def packs_kept(total: int, *, share: int, taken: int) -> int:
    """The packs still kept, when newcomers have ``taken`` some; parts of a pack are not."""
    return max(0, total * share // WHOLE - taken)


def kept_until(published_at: datetime, ends_at: datetime) -> datetime:
    """When what is left of the share is freed for all: three days before the end.

    A lot of less than six days keeps it for half its time.
    """
    return ends_at - min(FREED_BEFORE_END, (ends_at - published_at) / 2)
