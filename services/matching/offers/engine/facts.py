"""What the index needs to know of a lot, of a brand's subsidy and of a host."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

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
    all the packs one host may take; ``regions`` are where its brand lets the goods go.
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

    @property
    def places(self) -> frozenset[str]:
        """The cities whose people may have it: its own, or else its brand's regions."""
        return self.regions if self.city == NATIONAL else frozenset((self.city,))


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
    of her largest community in each city, ``largest`` that of all.
    """

    host_id: str
    affinity: Mapping[str, int] = field(default_factory=dict)
    reach: Mapping[str, int] = field(default_factory=dict)
    largest: int = 0

    def reach_of(self, places: frozenset[str]) -> int:
        """The people of her largest community that a lot for these places may go to."""
        if not places:
            return self.largest
        return max(self.reach.get(place, 0) for place in places)
