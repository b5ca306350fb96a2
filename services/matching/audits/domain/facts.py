"""What an audit is made of: what was listed, shown and claimed in its window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

Places = Mapping[int, int]
"""How often something was shown at each place; places count from 1."""


class Window(NamedTuple):
    """A time from its first moment on until, and without, its last."""

    since: datetime
    until: datetime


class Listing(NamedTuple):
    """What a brand had on offer in the window."""

    lots: int
    packs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of it for one brand or host: claims confirmed, gatherings settled.

    ``subsidy`` is that of the claims in the currency of the facts, in minor units.
    """

    claims: int = 0
    packs: int = 0
    settled: int = 0
    subsidy: int = 0


class Blocking(NamedTuple):
    """The blocking pairs of the last clearing that was stored."""

    clearing_id: str
    pairs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All of a window. Places and pages are by brand or host; ``founded`` by host.

    ``records`` are the hosts with a gathering settled before the window began;
    ``packs_kept`` are kept for newcomers when it is counted. Subsidies are in ``currency``,
    that of most claims, None without any; ``other_subsidies`` are those of claims in other
    currencies, in minor units by currency, and in no other figure.
    """

    listed: Mapping[str, Listing]
    founded: Mapping[str, datetime]
    records: frozenset[str]
    brand_places: Mapping[str, Places] = field(default_factory=dict)
    host_places: Mapping[str, Places] = field(default_factory=dict)
    host_pages: Mapping[str, int] = field(default_factory=dict)
    brand_outcomes: Mapping[str, Outcome] = field(default_factory=dict)
    host_outcomes: Mapping[str, Outcome] = field(default_factory=dict)
    packs_kept: int = 0
    currency: str | None = None
    other_subsidies: Mapping[str, int] = field(default_factory=dict)
    blocking: Blocking | None = None
