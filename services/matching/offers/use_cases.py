"""What can be asked of the offers, where they are looked up, and what is noted of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import NamedTuple, Protocol

from chassis.kernel.money import Money
from services.matching.communities.domain import Portrait, tidy
from services.matching.communities.use_cases import Communities
from services.matching.offers.domain import (
    Explanation,
    OfferedLot,
    SubsidyOffer,
    explain,
    picture_of,
    unmet_clauses,
)
from services.matching.offers.engine.facts import Held, HostFacts, LotFacts, SubsidyFacts
from services.matching.offers.engine.points import Weights
from services.matching.offers.engine.rules import BrandSubsidy, Room, brand_subsidy, outlook_of
from services.matching.offers.engine.search import Position
from services.matching.pictures.use_cases import Pictures

MOST_PLACES = 1_000


class Closure(NamedTuple):
    """A lot or an offer takes no more claims, for this reason."""

    id: str
    reason: str


class Turn(Enum):
    """What a fact about packs does to what a claim holds."""

    TAKEN = auto()
    GIVEN_BACK = auto()
    RETURNED = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class PacksMoved:
    """Packs of a lot went to a claim or came back from it: ``packs_free`` are left.

    ``packs_kept`` are of the newcomers' share, which none of them has taken.
    """

    lot_id: str
    packs_free: int
    turn: Turn
    claim_id: str
    host_id: str
    packs: int
    packs_kept: int = 0


class PacksCounted(NamedTuple):
    """Counting found this many free packs."""

    lot_id: str
    packs_free: int
    packs_kept: int = 0


class PhotosChanged(NamedTuple):
    """A lot's photos changed: whether one of them is of the very goods."""

    lot_id: str
    has_actual_photo: bool


class Commitment(NamedTuple):
    """A claim took subsidy of an offer, or, when negative, gave it back."""

    offer_id: str
    subsidy: Money


class OfferBook(Protocol):
    """The lots and subsidy offers, as far as matching has heard."""

    def lot(self, lot_id: str) -> OfferedLot:
        """The lot; raise ``LotNotFound`` for one never heard of."""
        ...

    def lots(self, lot_ids: Collection[str]) -> dict[str, OfferedLot]:
        """Those of these lots that are known, by id, without their holdings."""
        ...

    def offer(self, offer_id: str) -> SubsidyOffer:
        """The subsidy offer; raise ``OfferNotFound`` for one never heard of."""
        ...

    def open_offers_of(self, brand_id: str) -> list[SubsidyOffer]:
        """The subsidy offers of a brand that are not closed."""
        ...


class Shelf(Protocol):
    """What is held of lots, and the one who takes or holds packs of them at a time."""

    def announce(self, lot_ids: Collection[str], until: datetime) -> None:
        """Have everybody who begins to take packs of these lots from now on take turns."""
        ...

    def take_turn(self, lot_ids: Collection[str]) -> None:
        """Keep others from taking or holding packs of these lots until this transaction ends.

        Of two at once one is run again from its start, and then reads what the other wrote.
        """
        ...

    def put(self, held: Mapping[str, Mapping[str, Held]]) -> None:
        """Note by lot and hold what is held; saying it twice does no harm."""
        ...

    def take_away(self, hold_ids: Mapping[str, Collection[str]]) -> None:
        """Forget holds, by lot; those not there are passed over."""
        ...


class OfferNotes(Protocol):
    """Where facts about lots and offers are noted, in the order they happened."""

    def publish_lots(self, lots: Sequence[OfferedLot]) -> None: ...

    def close_lots(self, closures: Sequence[Closure]) -> None: ...

    def move_packs(self, moves: Sequence[PacksMoved]) -> None: ...

    def count_packs(self, counts: Sequence[PacksCounted]) -> None: ...

    def change_photos(self, changes: Sequence[PhotosChanged]) -> None: ...

    def open_offers(self, offers: Sequence[SubsidyOffer]) -> None: ...

    def close_offers(self, closures: Sequence[Closure]) -> None: ...

    def commit_subsidies(self, commitments: Sequence[Commitment]) -> None: ...


class Ranked(NamedTuple):
    """A lot at its place, with the subsidy that counted when it was ranked."""

    position: Position
    lot: LotFacts
    subsidy: BrandSubsidy


class RankingModel(NamedTuple):
    """What scores are made with: the version it is told by, and its weights."""

    version: str
    weights: Weights


class RankingModels(Protocol):
    """The models of which one ranks."""

    def ranking(self) -> RankingModel:
        """The one that is promoted, as stored."""
        ...

    def named(self, version: str) -> RankingModel:
        """The model of that version; raise ``ModelNotFound``."""
        ...


class Ranking(Protocol):
    """All open lots, ready to be ranked for any host."""

    def model(self) -> RankingModel:
        """The promoted model, as far as it was heard of here."""
        ...

    def best(
        self,
        host: HostFacts,
        *,
        model: RankingModel,
        limit: int,
        after: Position | None,
        now: datetime,
    ) -> list[Ranked]:
        """The exact best lots for a host, those after a position if one is given.

        By this model, with whose weights the host's affinity was made.
        """
        ...


class Taken(Protocol):
    """What claims have of the offers, whether they are decided yet or not."""

    def of_offer(
        self, offer_id: str, *, host_id: str | None = None, since: datetime | None = None
    ) -> int:
        """Minor units that claims hold of an offer: of one host, of those made since then."""
        ...


class HostBook(NamedTuple):
    """What is known of hosts: their people, what they did, what they have of the offers."""

    communities: Communities
    pictures: Pictures
    taken: Taken


class KnownHost(NamedTuple):
    """A host as ranking sees her, her communities, and how many gatherings were settled."""

    facts: HostFacts
    portraits: tuple[Portrait, ...]
    settled: int

    def portraits_for(self, lot: LotFacts) -> tuple[Portrait, ...]:
        """Those communities that a lot may go to; if none may, all, to tell of its conditions."""
        fit = tuple(each for each in self.portraits if lot.may_go_to(tidy(each.city), each.size))
        return fit or self.portraits


class RankedOffer(NamedTuple):
    """A lot for a host, explained; its score is the sum of the explanation's terms.

    ``model`` is the version of the model it is scored by.
    """

    lot: OfferedLot
    explanation: Explanation
    room: Room | None
    model: str


class PlacedOffer(NamedTuple):
    """A lot for a host, explained, and its place in her ranking from 1.

    None when something stops it, or when more than ``MOST_PLACES`` suit her better.
    """

    offer: RankedOffer
    place: int | None


def rank_offers(
    host_id: str,
    *,
    limit: int,
    after: Position | None,
    hosts: HostBook,
    ranking: Ranking,
    book: OfferBook,
    now: datetime,
) -> list[RankedOffer]:
    """What suits this host best, best first."""
    model = ranking.model()
    host = _known(host_id, hosts, model.weights).facts
    found = ranking.best(host, model=model, limit=limit, after=after, now=now)
    lots = book.lots([ranked.position.lot_id for ranked in found])
    best = {each.subsidy.best.offer_id: each.subsidy.best for each in found if each.subsidy.best}
    rooms = {name: room_for(host_id, offer, hosts.taken, now) for name, offer in best.items()}
    return [
        RankedOffer(
            lots[ranked.position.lot_id],
            explain(ranked.lot, ranked.subsidy, host, now, weights=model.weights),
            rooms[ranked.subsidy.best.offer_id] if ranked.subsidy.best else None,
            model.version,
        )
        for ranked in found
        if ranked.position.lot_id in lots
    ]


def explain_offer(
    host_id: str,
    lot_id: str,
    *,
    model: RankingModel,
    hosts: HostBook,
    book: OfferBook,
    now: datetime,
) -> RankedOffer:
    """Why this lot is for this host by this model, or why not and what would change it."""
    known, lot = _known(host_id, hosts, model.weights), book.lot(lot_id)
    return _explained(known, lot, model=model, hosts=hosts, book=book, now=now)


def place_offer(
    host_id: str,
    lot_id: str,
    *,
    hosts: HostBook,
    ranking: Ranking,
    book: OfferBook,
    now: datetime,
) -> PlacedOffer:
    """What stops a lot from being this host's, or else its place among what suits her best."""
    model = ranking.model()
    known, lot = _known(host_id, hosts, model.weights), book.lot(lot_id)
    found = _explained(known, lot, model=model, hosts=hosts, book=book, now=now)
    if not found.explanation.is_eligible:
        return PlacedOffer(found, None)
    best = ranking.best(known.facts, model=model, limit=MOST_PLACES, after=None, now=now)
    places = (n for n, each in enumerate(best, 1) if each.position.lot_id == lot_id)
    return PlacedOffer(found, next(places, None))


def _explained(
    known: KnownHost,
    lot: OfferedLot,
    *,
    model: RankingModel,
    hosts: HostBook,
    book: OfferBook,
    now: datetime,
) -> RankedOffer:
    running = book.open_offers_of(lot.brand_id)
    offers = [offer.facts() for offer in running]
    subsidy = brand_subsidy(offers, now)
    room = room_for(known.facts.host_id, subsidy.best, hosts.taken, now) if subsidy.best else None
    paying = [
        offer.eligibility
        for offer, each in zip(running, offers, strict=True)
        if each.is_open(now) and not each.is_exhausted
    ]
    facts = lot.facts()
    explanation = explain(
        facts,
        subsidy,
        known.facts,
        now,
        room=room,
        outlook=outlook_of(offers, now),
        unmet=unmet_clauses(paying, known.portraits_for(facts), settled=known.settled),
        weights=model.weights,
    )
    return RankedOffer(lot, explanation, room, model.version)


def room_for(host_id: str, offer: SubsidyFacts, taken: Taken, now: datetime) -> Room:
    """What is left of an offer for a host; claims are looked at only where it has caps."""
    caps, host, period, next_at = offer.caps, None, None, None
    if caps.per_host is not None:
        host = max(0, caps.per_host - taken.of_offer(offer.offer_id, host_id=host_id))
    if caps.per_period is not None:
        since, next_at = caps.period(offer.opens_at, now)
        period = max(0, caps.per_period - taken.of_offer(offer.offer_id, since=since))
    return Room(total=max(0, offer.left), host=host, period=period, next_period_at=next_at)


def _known(host_id: str, hosts: HostBook, weights: Weights) -> KnownHost:
    conduct = hosts.pictures.conduct_of(host_id)
    communities = hosts.communities.of_host(host_id)
    return KnownHost(
        picture_of(host_id, communities, conduct, weights=weights),
        tuple(community.portrait for community in communities),
        conduct.settled,
    )
