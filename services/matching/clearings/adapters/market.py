"""The market as it stands: what every host may claim at this moment, the best of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from chassis.kernel.errors import DomainError
from services.matching.behaviour.domain import Deed
from services.matching.behaviour.queries import BehaviourQueries
from services.matching.claims.domain import claim
from services.matching.claims.queries import MongoAsked, MongoClaimLists, MongoTaken
from services.matching.clearings.domain import (
    DEMAND_DAYS,
    PACKS,
    PRICE_DAYS,
    Asker,
    Candidate,
    Gathered,
    Order,
    Valuation,
    within_caps,
)
from services.matching.clearings.engine.market import MOST_VALUE
from services.matching.clearings.use_cases import Told
from services.matching.communities.domain import Community
from services.matching.communities.repositories import MongoCommunities
from services.matching.fits.domain import Acceptance
from services.matching.fits.queries import LOTS_OF_A_BRAND
from services.matching.holds.domain import Hold
from services.matching.holds.queries import MongoHoldLists
from services.matching.offers.adapters import load_index
from services.matching.offers.domain import OfferedLot, SubsidyOffer, host_facts
from services.matching.offers.engine.breakdown import day
from services.matching.offers.engine.facts import HostFacts, LotFacts, SubsidyFacts
from services.matching.offers.engine.index import OfferIndex
from services.matching.offers.engine.rules import Room
from services.matching.offers.repositories import MongoOfferBook
from services.matching.offers.use_cases import RankingModel, Taken, room_for
from services.matching.pictures.repositories import MongoPictures

BEST_PER_HOST = 50
MOST_CAPACITY = 20
TELL_EVERY = 50
MICRO, CERTAIN = 1_000, 1_000_000
"""A milli-point has so many micro-points; and a likelihood is in millionths."""
NEWCOMERS = ":newcomers"
"""Marks the part of a lot that is kept for newcomers: in the market a lot of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MongoMarket:
    """The ``Gather`` port: the offers of every host, from an index made for this once.

    How much a host wants a lot is its score by the model that ``promoted`` answers, which ranks
    the lists of offers; how likely its brand accepts her is what ``fits`` makes of that lot.
    A host may take on as many claims as she had gatherings settled in the order's horizon,
    ``claims_each`` at least and twenty at most, less her claims that wait for their gathering
    and what is held for her. Packs kept for newcomers are for newcomers alone, and they take
    no others while there are any.
    """

    promoted: Callable[[], RankingModel]
    claims_each: int

    def __call__(self, order: Order, now: datetime, told: Told) -> Gathered:
        """All that hosts may claim at this moment, the best for each, within every rule."""
        model = self.promoted()
        # What the last clearing charged is no part of what a lot is worth to anybody.
        index = load_index(now, model.weights, with_demand=False)
        return _Gathering(index, model, order, now, self.claims_each).run(told)


@dataclass(frozen=True, slots=True)
class _Counted:
    """The ``Taken`` port, each question asked once: many hosts face the same offers."""

    known: dict[tuple[str, str | None, datetime | None], int] = field(default_factory=dict)

    def of_offer(
        self, offer_id: str, *, host_id: str | None = None, since: datetime | None = None
    ) -> int:
        """What claims hold of an offer, as of when it was first asked."""
        key = (offer_id, host_id, since)
        if key not in self.known:
            self.known[key] = MongoTaken().of_offer(offer_id, host_id=host_id, since=since)
        return self.known[key]


@dataclass(slots=True)
class _Gathering:
    """One run through all hosts; lots and offers are read once."""

    index: OfferIndex
    model: RankingModel
    order: Order
    now: datetime
    claims_each: int
    askers: dict[str, Asker] = field(default_factory=dict)
    hosts_full: int = 0
    candidates: list[Candidate] = field(default_factory=list)
    held_money: Counter[str] = field(default_factory=Counter)
    lots: dict[str, OfferedLot] = field(default_factory=dict)
    offers: dict[str, SubsidyOffer] = field(default_factory=dict)
    taken: _Counted = field(default_factory=_Counted)
    shelves: dict[str, list[LotFacts]] = field(default_factory=dict)

    def run(self, told: Told) -> Gathered:
        self.shelves = _by_brand(self.index)
        hosts = list(MongoCommunities().by_host())
        for done, (host_id, communities) in enumerate(hosts, 1):
            self._ask(host_id, communities)
            if not done % TELL_EVERY or done == len(hosts):
                told(done, len(hosts))
        packs = self._packs()
        kept = [each for each in self.candidates if packs[each.shelf] > 0]
        return Gathered(
            askers=self.askers,
            packs={shelf: packs[shelf] for shelf in {each.shelf for each in kept}},
            money={offer.brand_id: self._money(offer) for offer in self.offers.values()},
            candidates=kept,
            model=self.model.version,
            hosts_full=self.hosts_full,
            counted=self._counted(),
        )

    def _ask(self, host_id: str, communities: Sequence[Community]) -> None:
        """Put up what one host may claim, and note what is held for her already."""
        holds = MongoHoldLists().of_host(
            host_id, standing_at=self.now, before=None, limit=MOST_CAPACITY
        )
        for hold in holds:
            self.held_money[hold.offer_id] += hold.subsidy.minor
        settled = BehaviourQueries().count(host_id, Deed.SETTLED)
        asker = Asker(self._capacity(host_id) - len(holds), settled > 0)
        if asker.capacity <= 0:
            self.hosts_full += 1
            return
        # Whether she has a record decides what she may have: counted now, and not when drawn.
        picture = MongoPictures().drawn(host_id)
        conduct = picture.conduct._replace(settled=settled)
        host = host_facts(
            host_id,
            communities,
            conduct,
            weights=self.model.weights,
            kinships=self.model.kinships,
        )
        accepted = Acceptance(picture, host, self.now) if self._asks_brands else None
        facing = _Facing(host, communities, settled, holds, accepted)
        found = within_caps(list(self._claimable(facing)))
        if found:
            self.askers[host_id] = asker
            self.candidates += found

    @property
    def _asks_brands(self) -> bool:
        return self.order.valuation is Valuation.RECIPROCAL

    def _capacity(self, host_id: str) -> int:
        since = self.now - timedelta(days=self.order.horizon_days)
        rhythm = BehaviourQueries().count(host_id, Deed.SETTLED, since=since)
        wanted = min(max(self.claims_each, rhythm), MOST_CAPACITY)
        return wanted - MongoClaimLists().count_open(host_id)

    def _claimable(self, facing: _Facing) -> Iterator[Candidate]:
        """Her best lots, those that she could claim at this moment."""
        host, taken = facing.host, {hold.lot_id for hold in facing.holds}
        positions = self.index.top(host, BEST_PER_HOST)
        self._learn([position.lot_id for position in positions])
        for position in positions:
            facts, subsidy = self.index.lot(position.lot_id)
            if subsidy.best is None or facts.lot_id in taken or facts.lot_id not in self.lots:
                continue
            lot, offer = self.lots[facts.lot_id], self._offer(subsidy.best.offer_id)
            amount = subsidy.amount_for(facts, self.now)
            room = facing.room(subsidy.best, self.taken, self.now)
            # One offer out of all reason must not keep the market from being cleared.
            if amount >= MOST_VALUE or room.reasons_against(amount):
                continue
            if not facing.may_claim(lot, offer, self.now):
                continue
            accepts = facing.accepts(facts, self.shelves)
            yield Candidate(
                host_id=host.host_id,
                lot_id=lot.id,
                shelf=self._shelf(facts, host),
                brand_id=lot.brand_id,
                offer_id=offer.id,
                title=lot.title,
                value=_worth(position.score, accepts),
                subsidy=amount,
                currency=offer.subsidy.currency,
                host_wants=position.score // MICRO,
                brand_accepts=None if accepts is None else accepts // MICRO,
                host_left=room.host,
            )

    def _learn(self, lot_ids: Sequence[str]) -> None:
        unknown = [lot_id for lot_id in lot_ids if lot_id not in self.lots]
        self.lots |= MongoOfferBook().whole_lots(unknown)

    def _offer(self, offer_id: str) -> SubsidyOffer:
        if offer_id not in self.offers:
            self.offers[offer_id] = MongoOfferBook().offer(offer_id)
        return self.offers[offer_id]

    def _shelf(self, lot: LotFacts, host: HostFacts) -> str:
        """The part of a lot that is for such hosts."""
        is_for_newcomers = not host.has_record and _kept_of(lot, self.now)[0] > 0
        return lot.lot_id + (NEWCOMERS if is_for_newcomers else "")

    def _packs(self) -> Counter[str]:
        """By shelf, what is free and neither held nor asked for by claims."""
        asked = MongoAsked().packs(self.lots.values())
        packs: Counter[str] = Counter()
        for lot in self.lots.values():
            kept, rest = _kept_of(lot.facts(), self.now)
            packs[lot.id] = max(0, rest - asked.get(lot.id, 0))
            packs[lot.id + NEWCOMERS] = max(0, min(kept, kept + rest - asked.get(lot.id, 0)))
        return packs

    def _counted(self) -> dict[str, int]:
        """By lot the demand that lists have counted for some days, as far as they still do."""
        today = day(self.now)
        return {
            lot.id: lot.facts().demanded_on(today)
            for lot in self.lots.values()
            if lot.demand and today - lot.demand.last_day + DEMAND_DAYS >= PRICE_DAYS
        }

    def _money(self, offer: SubsidyOffer) -> int:
        """What an offer has left now: by its total and its period, less claims and holds."""
        facts = offer.facts()
        left = min(facts.left, offer.total_cap.minor - self.taken.of_offer(offer.id))
        period = room_for("", facts, self.taken, self.now).period
        left = left if period is None else min(left, period)
        return max(0, left - self.held_money[offer.id])


class _Facing(NamedTuple):
    """A host as lots and offers look at her."""

    host: HostFacts
    communities: Sequence[Community]
    settled: int
    holds: Sequence[Hold]
    acceptance: Acceptance | None

    def accepts(self, lot: LotFacts, shelves: Mapping[str, Sequence[LotFacts]]) -> int | None:
        """Millionths: how likely the brand accepts her for a lot; None where nobody asked."""
        if self.acceptance is None:
            return None
        return self.acceptance.of(lot, shelves[lot.brand_id])

    def room(self, offer: SubsidyFacts, taken: Taken, now: datetime) -> Room:
        """What is left of an offer for her beside what is held for her of it."""
        room = room_for(self.host.host_id, offer, taken, now)
        if room.host is None:
            return room
        held = sum(hold.subsidy.minor for hold in self.holds if hold.offer_id == offer.offer_id)
        return replace(room, host=max(0, room.host - held))

    def may_claim(self, lot: OfferedLot, offer: SubsidyOffer, now: datetime) -> bool:
        """Whether a claim for any of her communities would be taken as things are."""
        return any(self._may_claim_for(each, lot, offer, now) for each in self.communities)

    def _may_claim_for(
        self, community: Community, lot: OfferedLot, offer: SubsidyOffer, now: datetime
    ) -> bool:
        try:
            claim(
                community.id,
                community=community,
                lot=lot,
                offer=offer,
                packs=PACKS,
                settled=self.settled,
                now=now,
            )
        except DomainError:
            return False
        return True


def _worth(score: int, accepts: int | None) -> int:
    """Milli-points of a pair, of how much she wants it in micro-points and the brand her."""
    return score // MICRO if accepts is None else score * accepts // (CERTAIN * MICRO)


def _by_brand(index: OfferIndex) -> dict[str, list[LotFacts]]:
    """As many of each brand's lots, the latest, as its fits are made of."""
    found: dict[str, list[LotFacts]] = {}
    _, lots = index.facts()
    for lot in sorted(lots, key=lambda lot: lot.lot_id, reverse=True):
        shelf = found.setdefault(lot.brand_id, [])
        if len(shelf) < LOTS_OF_A_BRAND:
            shelf.append(lot)
    return found


def _kept_of(lot: LotFacts, now: datetime) -> tuple[int, int]:
    """What is free for newcomers alone, and what is free for everybody, beside all holds."""
    held = [each for each in lot.held if now < each.until]
    newcomers = sum(each.packs for each in held if each.is_newcomer)
    kept = lot.packs_kept if lot.kept_until is not None and now < lot.kept_until else 0
    left = lot.packs_free - sum(each.packs for each in held)
    for_newcomers = min(max(0, kept - newcomers), max(0, left))
    return for_newcomers, max(0, left - for_newcomers)
