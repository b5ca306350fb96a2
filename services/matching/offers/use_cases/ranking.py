"""What can be asked of the offers: a host's list, one lot explained, its place."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from services.matching.exposures.domain import Exposure, ShownLot
from services.matching.offers.domain import (
    OfferedLot,
    as_listed,
    explain,
    unmet_clauses,
)
from services.matching.offers.engine.facts import SubsidyFacts
from services.matching.offers.engine.listing import Bookmark, Shown
from services.matching.offers.engine.rules import Room, brand_subsidy, outlook_of
from services.matching.offers.use_cases.ports import (
    KnownHost,
    OfferBook,
    Ranking,
    RankingModel,
    Taken,
)
from services.matching.offers.use_cases.told import HostBook, Moment, RankedOffer, ToldOffer

MOST_PLACES = 1_000


class ListedOffer(NamedTuple):
    """A lot that a host is told of, at its place in her list."""

    offer: ToldOffer
    shown: Shown


class OfferList(NamedTuple):
    """One page of what a host is shown."""

    model: str
    seed: int
    offers: list[ListedOffer]
    next: Bookmark | None


class PlacedOffer(NamedTuple):
    """A lot for a host, explained, and its place in her ranking from 1.

    None when something stops it, when her list leaves it out, or when more than
    ``MOST_PLACES`` suit her better.
    """

    offer: RankedOffer
    place: int | None


def rank_offers(
    host_id: str,
    *,
    limit: int,
    seed: int,
    after: Bookmark | None,
    hosts: HostBook,
    ranking: Ranking,
    book: OfferBook,
    now: datetime,
) -> OfferList:
    """What suits this host best, varied, with an untried lot that the seed draws."""
    model = ranking.model()
    host = hosts.people.known(host_id).facts(model.weights, model.kinships)
    found = ranking.page(host, model=model, limit=limit, seed=seed, after=after, now=now)
    lots = book.lots([listed.lot.lot_id for listed in found.listed])
    best = (each.subsidy.best for each in found.listed)
    capped = {offer.offer_id: offer for offer in best if offer and offer.caps.are_any}
    rooms = {name: room_for(host_id, offer, hosts.taken, now) for name, offer in capped.items()}
    at = Moment(found.now, found.until, model, rooms)
    listed = [each for each in found.listed if each.lot.lot_id in lots]
    told = hosts.told.tell(host, listed, lots, at)
    offers = [ListedOffer(offer, each.shown) for offer, each in zip(told, listed, strict=True)]
    return OfferList(model.version, found.seed, offers, found.next)


def exposure_of(found: OfferList, exposure_id: str, host_id: str, at: datetime) -> Exposure:
    """What is noted of a page that a host was shown."""
    return Exposure(
        id=exposure_id,
        host_id=host_id,
        at=at,
        model=found.model,
        seed=found.seed,
        shown=tuple(
            ShownLot(
                lot_id=offer.lot_id,
                brand_id=offer.brand_id,
                place=shown.place,
                score=shown.position.score,
                terms=offer.points,
                propensity=shown.propensity,
                explored=shown.explored,
            )
            for offer, shown in found.offers
        ),
    )


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
    known, lot = hosts.people.known(host_id), book.lot(lot_id)
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
    known, lot = hosts.people.known(host_id), book.lot(lot_id)
    found = _explained(known, lot, model=model, hosts=hosts, book=book, now=now)
    if not found.explanation.is_eligible:
        return PlacedOffer(found, None)
    host = known.facts(model.weights, model.kinships)
    best = ranking.best(host, model=model, limit=MOST_PLACES, listed=True, now=now)
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
    room = room_for(known.host_id, subsidy.best, hosts.taken, now) if subsidy.best else None
    paying = [
        offer.eligibility
        for offer, each in zip(running, offers, strict=True)
        if each.is_open(now) and not each.is_exhausted
    ]
    facts, host = lot.facts(), known.facts(model.weights, model.kinships)
    explanation = explain(
        facts,
        subsidy,
        host,
        now,
        room=room,
        outlook=outlook_of(offers, now),
        unmet=unmet_clauses(paying, known.portraits_for(facts), settled=known.settled),
        weights=model.weights,
    )
    told = as_listed(explanation, host, now, model.version)
    return RankedOffer(lot, told, room, model.version)


def room_for(host_id: str, offer: SubsidyFacts, taken: Taken, now: datetime) -> Room:
    """What is left of an offer for a host; claims are looked at only where it has caps."""
    caps, host, period, next_at = offer.caps, None, None, None
    if caps.per_host is not None:
        host = max(0, caps.per_host - taken.of_offer(offer.offer_id, host_id=host_id))
    if caps.per_period is not None:
        since, next_at = caps.period(offer.opens_at, now)
        period = max(0, caps.per_period - taken.of_offer(offer.offer_id, since=since))
    return Room(total=max(0, offer.left), host=host, period=period, next_period_at=next_at)
