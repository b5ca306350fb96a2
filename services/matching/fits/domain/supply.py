"""Rooms that can be had, as a host looks for one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple


class IdleSlot(NamedTuple):
    """A time at which a room can be had."""

    slot_id: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class IdleRoom:
    """A venue with the first of its slots that nobody has yet."""

    venue_id: str
    venue_org_id: str
    city: str
    capacity: int
    slots: tuple[IdleSlot, ...]
