"""What the index needs to know of a lot, of a brand's subsidy and of a host."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

from chassis.kernel.time import CALENDAR
from services.matching.offers.engine.kinships import NONE_KINDRED, Kindred
from services.matching.offers.engine.ramp import Ramp, Worth, worth

NATIONAL = ""
"""The city of a lot that is offered everywhere."""

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)

ANYWHERE: frozenset[str] = frozenset()
"""The places of a lot that may go to people of every city."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Packs of a lot that are held for one host until a moment.

    Those of a newcomer are of the packs kept for newcomers, as far as there are any.
    """

    host_id: str
    packs: int
    until: datetime
    is_newcomer: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """How much more others want a lot than there is of it, as a clearing found.

    ``points`` are the micro-points of a score that one more pack would have been worth, above
    zero; they count until the end of the UTC day of that number. With a reserve ``least`` is the
    least score, by the ``model`` of that version, of those who see the lot in their lists; None
    where all do.
    """

    points: int
    last_day: int
    least: int | None = None
    model: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LotFacts:
    """A surplus lot as far as rules and points look at it.

    ``pack_price`` is in minor units; ``tags`` holds no tag twice, the category first; from
    ``ends_at`` on nobody can claim it; ``claims`` counts the reservations that stand;
    ``capped_hosts`` have taken all the packs one host may take; ``regions`` are where its brand
    lets the goods go. Until ``kept_until`` a host with a record leaves ``packs_kept`` of the
    free ones to newcomers. What is ``held`` is free for nobody but the host it is held for.
    ``demand`` is what the last clearing found that others would give for a pack.
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
    held: tuple[Held, ...] = ()
    demand: Demand | None = None

    @property
    def category(self) -> str:
        """Its category, tidy; empty where it has no tag at all."""
        return self.tags[0] if self.tags else ""

    @property
    def places(self) -> frozenset[str]:
        """The cities whose people may have it: its own, or else its brand's regions."""
        return self.regions if self.city == NATIONAL else frozenset((self.city,))

    def may_go_to(self, city: str, size: int) -> bool:
        """Whether a community of that tidy city and size may have it."""
        return size >= self.min_community_size and (not self.places or city in self.places)

    def differs_only_in_packs(self, other: LotFacts) -> bool:
        """Whether the two, of one brand and tags, differ at most in who may have its packs."""
        return (
            self.ends_at == other.ends_at
            and self.best_before == other.best_before
            and self.published_at == other.published_at
            and self.pack_price == other.pack_price
            and self.min_community_size == other.min_community_size
            and self.places == other.places
            and self.demand == other.demand
        )

    def demanded_on(self, today: int) -> int:
        """The micro-points that others would give for a pack, as far as that counts on a day."""
        return self.demand.points if self.demand and today <= self.demand.last_day else 0

    def least_on(self, today: int, model: str) -> int | None:
        """The least score of those in whose lists it is on a day; None where it is in all.

        By any model but the one that it was found by it is in all.
        """
        demand = self.demand
        if demand is None or today > demand.last_day or demand.model != model:
            return None
        return demand.least

    def keeps_its_rows(self, other: LotFacts) -> bool:
        """Whether the other stays where it is in every list of rows."""
        return self.tags == other.tags and self.brand_id == other.brand_id

    @property
    def shut_until(self) -> datetime | None:
        """Until when newcomers without a hold find none; None unless all that is free is held."""
        return self._none_left_until(has_record=False) if self.held else None

    @property
    def all_kept_until(self) -> datetime | None:
        """The same for a host with a record: what is free is held, or newcomers'."""
        if not self.held:
            return self.kept_until if 0 < self.packs_free <= self.packs_kept else None
        return self._none_left_until(has_record=True)

    def free_for(self, host: HostFacts, now: datetime) -> int:
        """The packs that this host may take, her own limit apart.

        What is held for her is free for her as long as there is so much.
        """
        if not self.held:
            return self.unheld_for(host, now)
        mine = sum(each.packs for each in self.held if _stands(each, now, of=host.host_id))
        others = [each for each in self.held if each.host_id != host.host_id and now < each.until]
        left = self._left(others, now, has_record=host.has_record)
        return max(left, min(mine, self.packs_free), 0)

    def held_until(self, host: HostFacts, now: datetime) -> datetime | None:
        """Until when packs of it are held for this host; None when none are."""
        if not self.held:
            return None
        mine = (each.until for each in self.held if _stands(each, now, of=host.host_id))
        return max(mine, default=None)

    def unheld_for(self, host: HostFacts, now: datetime) -> int:
        """The packs that this host could take if none were held."""
        return max(0, self._left((), now, has_record=host.has_record))

    def _left(self, others: Iterable[Held], now: datetime, *, has_record: bool) -> int:
        """What is free beside these holds; newcomers' holds are of their own share first."""
        recorded = sum(each.packs for each in others if not each.is_newcomer)
        newcomers = sum(each.packs for each in others if each.is_newcomer)
        if has_record and self.kept_until is not None and now < self.kept_until:
            newcomers = max(newcomers, self.packs_kept)
        return self.packs_free - recorded - newcomers

    def _none_left_until(self, *, has_record: bool) -> datetime | None:
        if self.packs_free <= 0:
            return None
        moments = {each.until for each in self.held} | {self.kept_until or _BEGINNING}
        for now in (_BEGINNING, *sorted(moments)):
            standing = [each for each in self.held if now < each.until]
            if self._left(standing, now, has_record=has_record) > 0:
                return None if now == _BEGINNING else now
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """The most that an offer gives one host, and all hosts in each period of so many days.

    In minor units; None is no such cap. Payments keeps them: here they are only shown.
    """

    per_host: int | None = None
    per_period: int | None = None
    period_days: int = 1

    @property
    def are_any(self) -> bool:
        """Whether there is a cap at all."""
        return self.per_host is not None or self.per_period is not None

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
    of her largest community in each city, ``largest`` that of all. ``kindred`` gives the points
    of brands and categories for what she claimed before. She ``has_record`` once a
    gathering of hers was settled; until then she is a newcomer.
    """

    host_id: str
    affinity: Mapping[str, int] = field(default_factory=dict)
    reach: Mapping[str, int] = field(default_factory=dict)
    largest: int = 0
    has_record: bool = False
    kindred: Kindred = NONE_KINDRED

    def reach_of(self, places: frozenset[str]) -> int:
        """The people of her largest community that a lot for these places may go to."""
        if not places:
            return self.largest
        return max(self.reach.get(place, 0) for place in places)


def _stands(held: Held, now: datetime, *, of: str) -> bool:
    return held.host_id == of and now < held.until
