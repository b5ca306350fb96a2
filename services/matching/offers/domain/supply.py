"""What brands have on offer, as the catalog told of it, and who asks for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from sys import intern

from chassis.kernel.errors import Forbidden, NotFound
from chassis.kernel.money import Money
from services.matching.communities.domain import Community, tidy
from services.matching.offers.engine.facts import (
    UNCAPPED,
    Caps,
    Demand,
    Held,
    HostFacts,
    LotFacts,
    SubsidyFacts,
)
from services.matching.offers.engine.kinships import NO_KINSHIPS, Kinships
from services.matching.offers.engine.points import DEFAULT, Weights, affinity_of_tags
from services.matching.offers.engine.ramp import Ramp, Worth
from services.matching.pictures.domain import (
    NOTHING_DONE,
    Conduct,
    HostRecord,
    Picture,
    people_of,
)
from sharing.eligibility import Clause


class LotNotFound(NotFound):
    """No lot has that identifier."""

    code = "lot-not-found"
    hint = "Take the lot from the host's list of offers; a lot just published needs a moment."
    chinese = "没有这个编号的尾货批次；刚发布的批次需要稍候片刻。"


class OfferNotFound(NotFound):
    """No subsidy offer has that identifier."""

    code = "offer-not-found"
    hint = "Take the offer from the host's list of offers; one just opened needs a moment."
    chinese = "没有这个编号的补贴方案；刚开放的方案需要稍候片刻。"


class OffersOfAnotherHost(Forbidden):
    """What is offered to a host is for that host to read."""

    code = "offers-of-another-host"
    hint = "Act for that host's organisation to read its offers."
    chinese = "只有该主理人可以查看为其推荐的货品。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """The packs of a lot that one claim has reserved or been sent."""

    host_id: str
    packs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Restrictions:
    """Where a brand lets its goods go on to; an empty list allows all of its kind.

    ``regions`` are tidy cities; ``lowest_resale_price`` is of one unit.
    """

    regions: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    resale_allowed: bool = True
    lowest_resale_price: Money | None = None

    def allow_region(self, region: str) -> bool:
        """Whether people of this city may have them."""
        return not self.regions or region in self.regions

    def allow_channel(self, channel: str) -> bool:
        """Whether people may get them in this way."""
        return not self.channels or channel in self.channels


UNRESTRICTED = Restrictions()


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedLot:
    """A surplus lot. ``holdings`` are by claim, ``held`` by hold; no city means everywhere.

    Until ``turns_until`` whoever takes packs of it takes turns with whoever holds them.
    ``demand`` is what the last clearing found.
    """

    id: str
    brand_id: str
    title: str
    category: str
    tags: tuple[str, ...]
    city: str
    condition: str
    unit_price: Money
    units_per_pack: int
    packs_total: int
    packs_free: int
    max_packs_per_host: int
    min_community_size: int
    best_before: datetime | None
    closes_at: datetime
    published_at: datetime
    restrictions: Restrictions = UNRESTRICTED
    has_actual_photo: bool = False
    packs_kept: int = 0
    newcomers_until: datetime | None = None
    closed: str | None = None
    holdings: Mapping[str, Holding] = field(default_factory=dict)
    held: Mapping[str, Held] = field(default_factory=dict)
    turns_until: datetime | None = None
    demand: Demand | None = None

    @property
    def pack_price(self) -> Money:
        """What the goods of one pack usually sell for."""
        return self.unit_price * self.units_per_pack

    @property
    def ends_at(self) -> datetime:
        """The moment from which nothing can be claimed."""
        return min(self.closes_at, self.best_before or self.closes_at)

    def takes_turns(self, now: datetime) -> bool:
        """Whether packs of it are held, or about to be."""
        return self.turns_until is not None and now < self.turns_until

    def without(self, claim_ids: Collection[str]) -> OfferedLot:
        """The lot as it will be once it has heard that these claims gave back what they had."""
        gone = self.holdings.keys() & set(claim_ids)
        if not gone:
            return self
        return replace(
            self,
            packs_free=self.packs_free + sum(self.holdings[each].packs for each in gone),
            holdings={key: held for key, held in self.holdings.items() if key not in gone},
        )

    def packs_by_host(self) -> Mapping[str, int]:
        """The packs each host holds by all her claims."""
        packs: Counter[str] = Counter()
        for holding in self.holdings.values():
            packs[holding.host_id] += holding.packs
        return packs

    def facts(self) -> LotFacts:
        """What rules and points look at."""
        # Thousands of lots share a few words: each is kept once.
        tags = (intern(tidy(tag)) for tag in (self.category, *self.tags))
        return LotFacts(
            lot_id=self.id,
            brand_id=intern(self.brand_id),
            tags=tuple(dict.fromkeys(tags)),
            city=intern(tidy(self.city)),
            regions=frozenset(map(intern, self.restrictions.regions)),
            min_community_size=self.min_community_size,
            pack_price=self.pack_price.minor,
            packs_free=self.packs_free,
            claims=sum(holding.packs > 0 for holding in self.holdings.values()),
            published_at=self.published_at,
            best_before=self.best_before,
            ends_at=self.ends_at,
            packs_kept=self.packs_kept,
            kept_until=self.newcomers_until,
            is_closed=self.closed is not None,
            capped_hosts=frozenset(
                host
                for host, packs in self.packs_by_host().items()
                if packs >= self.max_packs_per_host
            ),
            held=tuple(self.held.values()),
            demand=self.demand,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SubsidyOffer:
    """What a brand pays a host for each gathering with its goods, up to a total.

    ``terms`` give each role its share of takings in basis points; ``committed`` is what
    confirmed claims have taken of the total. With a ``ramp`` goods near their best-before
    date get more. ``caps`` are the most for one host and for one period;
    a claim must meet every clause of its ``eligibility``.
    """

    id: str
    brand_id: str
    subsidy: Money
    min_checked_in: int
    total_cap: Money
    terms: Mapping[str, int]
    opens_at: datetime
    closes_at: datetime
    committed: Money
    ramp: Ramp | None = None
    caps: Caps = UNCAPPED
    eligibility: tuple[Clause, ...] = ()
    closed: str | None = None

    @property
    def is_exhausted(self) -> bool:
        """Whether what is left would not pay for one more gathering."""
        return self.total_cap - self.committed < self.subsidy

    def worth(self, best_before: datetime | None, now: datetime) -> Worth:
        """What a claim on goods with this best-before date gets now, in minor units."""
        return self.facts().worth(best_before, now)

    def facts(self) -> SubsidyFacts:
        """What rules and points look at."""
        return SubsidyFacts(
            offer_id=self.id,
            brand_id=self.brand_id,
            subsidy=self.subsidy.minor,
            opens_at=self.opens_at,
            closes_at=self.closes_at,
            is_exhausted=self.is_exhausted,
            ramp=self.ramp,
            left=(self.total_cap - self.committed).minor,
            caps=self.caps,
        )


def host_facts(
    host_id: str,
    communities: Iterable[Community],
    conduct: Conduct = NOTHING_DONE,
    *,
    weights: Weights = DEFAULT,
    kinships: Kinships = NO_KINSHIPS,
) -> HostFacts:
    """A host as the sum of all her communities, by what she says of them and what they showed.

    Her affinity, and what is kindred to her by these kinships, are in points of these weights,
    with which alone she may be scored.
    """
    picture = Picture(
        host_id=host_id,
        people=people_of(communities),
        shown=conduct.shown,
        record=HostRecord(settled=conduct.settled),
        claimed=conduct.claimed,
    )
    return facts_of(picture, weights, kinships)


def facts_of(
    picture: Picture, weights: Weights = DEFAULT, kinships: Kinships = NO_KINSHIPS
) -> HostFacts:
    """As much of a picture as rules and points look at; its points are in these weights."""
    interested = {tag: each.weight for tag, each in picture.interests.items()}
    return HostFacts(
        host_id=picture.host_id,
        affinity=affinity_of_tags([(1, interested)], weights),
        reach=picture.reach,
        largest=picture.largest,
        has_record=picture.conduct.has_record,
        kindred=kinships.kindred(*picture.claimed, weights),
    )
