"""What a gathering is put together from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class Actor(NamedTuple):
    """For which organisation somebody acts, and whether that is the platform."""

    organization_id: str
    is_platform: bool = False


class Status(StrEnum):
    """Where a gathering stands."""

    PLANNED = "planned"
    OPENED = "opened"
    REFUSED = "refused"
    HELD = "held"
    DISPUTED = "disputed"
    APPROVED = "approved"
    SETTLED = "settled"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cartridge:
    """A published version of a theme, known by the digest of its manifest."""

    id: str
    digest: str
    author_id: str
    min_people: int
    max_people: int
    royalties: Mapping[str, int]  # basis points of the author's share by organisation


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A time at which a venue can be had."""

    id: str
    venue_id: str
    venue_org_id: str
    starts_at: datetime
    ends_at: datetime
    capacity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What shows that a gathering took place: words, or the digest of a file kept elsewhere.

    ``answers`` is the path of the step, the point or the wanted evidence that it shows.
    """

    id: str
    kind: str
    text: str | None
    digest: str | None
    added_by: str
    added_at: datetime
    answers: str | None = None
