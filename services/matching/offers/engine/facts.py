"""What the index needs to know of a lot, of a brand's subsidy and of a host."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from chassis.kernel.time import CALENDAR
from services.matching.offers.engine.ramp import Ramp, Worth, worth

NATIONAL = ""
"""The city of a lot that is offered everywhere."""

ANYWHERE: frozenset[str] = frozenset()
"""The places of a lot that may go to people of every city."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LotFacts:
    """A surplus lot as far as rules and points look at it.

    ``pack_price`` is in minor units; ``tags`` holds no tag twice; from ``ends_at`` on nobody
    can claim it; ``claims`` counts the reservations that stand; ``capped_hosts`` have taken
    all the packs one host may take; ``regions`` are where its brand lets the goods go. Until
    ``kept_until`` a host with a record leaves ``packs_kept`` of the free ones to newcomers.
    """

    lot_id: str
    brand_id: str
    tags: tuple[str, ...]
    city: str
    min_community_size: int
    pack_price: int
    packs_free: int
    claims: int
    published_at: datetime
    best_before: datetime | None
    ends_at: datetime
    is_closed: bool = False
    capped_hosts: frozenset[str] = frozenset()
    regions: frozenset[str] = ANYWHERE
    packs_kept: int = 0
    kept_until: datetime | None = None

    @property
    def places(self) -> frozenset[str]:
        """The cities whose people may have it: its own, or else its brand's regions."""
        return self.regions if self.city == NATIONAL else frozenset((self.city,))

    def may_go_to(self, city: str, size: int) -> bool:
        """Whether a community of that tidy city and size may have it."""
        return size >= self.min_community_size and (not self.places or city in self.places)

    @property
    def all_kept_until(self) -> datetime | None:
        """Until when all that is free is newcomers'; None when it is not, or nothing is free."""
        return self.kept_until if 0 < self.packs_free <= self.packs_kept else None

    def keeps_all(self, now: datetime) -> bool:
        """Whether all that is free is kept for newcomers at this moment."""
        until = self.all_kept_until
        return until is not None and now < until

    def free_for(self, host: HostFacts, now: datetime) -> int:
        """The packs that this host may take, her own limit apart."""
        is_kept = host.has_record and self.kept_until is not None and now < self.kept_until
        return max(0, self.packs_free - self.packs_kept) if is_kept else self.packs_free


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """The most that an offer gives one host, and all hosts in each period of so many days.

    In minor units; None is no such cap. Payments keeps them: here they are only shown.
    """

    per_host: int | None = None
    per_period: int | None = None
    period_days: int = 1

    def period(self, opens_at: datetime, now: datetime) -> tuple[datetime, datetime]:
        """When the present period began and when the next begins: midnights in China."""
        first = opens_at.astimezone(CALENDAR).date()
        begun = (now.astimezone(CALENDAR).date() - first).days // self.period_days
        start = datetime.combine(first, time(), CALENDAR)
        return (
            start + timedelta(days=begun * self.period_days),
            start + timedelta(days=(begun + 1) * self.period_days),
        )


UNCAPPED = Caps()


@dataclass(frozen=True, slots=True, kw_only=True)
class SubsidyFacts:
    """One subsidy offer of a brand; ``subsidy`` is what a gathering gets, in minor units.

    With a ``ramp`` goods near their best-before date get more; ``left`` is what claims have
    not taken yet.
    """

    offer_id: str
    brand_id: str
    subsidy: int
    opens_at: datetime
    closes_at: datetime
    is_exhausted: bool = False
    ramp: Ramp | None = None
    left: int = 0
    caps: Caps = UNCAPPED

    def is_open(self, now: datetime) -> bool:
        """Whether the brand takes claims on it at this moment, money apart."""
        return self.opens_at <= now < self.closes_at

    def worth(self, best_before: datetime | None, now: datetime) -> Worth:
        """What a claim on goods with this best-before date gets now."""
        return worth(self.subsidy, self.ramp, best_before, left=self.left, now=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class HostFacts:
    """A host as the sum of her communities.

    ``affinity`` gives the points of each tag her people care about; ``reach`` is the size
    of her largest community in each city, ``largest`` that of all. She ``has_record`` once a
    gathering of hers was settled; until then she is a newcomer.
    """

    host_id: str
    affinity: Mapping[str, int] = field(default_factory=dict)
    reach: Mapping[str, int] = field(default_factory=dict)
    largest: int = 0
    has_record: bool = False

    def reach_of(self, places: frozenset[str]) -> int:
        """The people of her largest community that a lot for these places may go to."""
        if not places:
            return self.largest
        return max(self.reach.get(place, 0) for place in places)
