"""What hosts were told of lots, kept as long as they would be told the same again."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from services.matching.offers.domain import Explanation, OfferedLot, explain
from services.matching.offers.engine.facts import HostFacts, LotFacts
from services.matching.offers.engine.rules import BrandSubsidy, Room
from services.matching.offers.use_cases.ports import Hosts, Listed, RankingModel, Taken

MOST_TOLD = 2_000
"""Some three kilobytes each."""


class RankedOffer(NamedTuple):
    """A lot for a host, explained; its score is the sum of the explanation's terms.

    ``model`` is the version of the model it is scored by.
    """

    lot: OfferedLot
    explanation: Explanation
    room: Room | None
    model: str


class ToldOffer(NamedTuple):
    """As much of it as a list needs, wherever it stands in it.

    ``points`` are the micro-points of each term by its name; ``written`` is the answer.
    """

    lot_id: str
    brand_id: str
    points: Mapping[str, int]
    written: bytes


class Moment(NamedTuple):
    """When a list is asked for, by which model, and until when time alone changes nothing.

    ``rooms`` are what is left to her of those offers that have caps, by their id.
    """

    now: datetime
    until: datetime
    model: RankingModel
    rooms: Mapping[str, Room]


class Basis(NamedTuple):
    """What a lot is told from, of which some is another when it changes."""

    host: HostFacts
    lot: OfferedLot
    facts: LotFacts
    subsidy: BrandSubsidy
    model: RankingModel
    variety: int
    room: Room | None


class _Known(NamedTuple):
    """What was told, and until when of what."""

    offer: ToldOffer
    basis: Basis
    since: datetime
    until: datetime


class OffersTold:
    """The lots that hosts were told of last, not told anew while nothing they rest on changes.

    ``write`` makes the answer of a lot that is told.
    """

    def __init__(self, write: Callable[[RankedOffer], bytes]) -> None:
        self._write = write
        self._known: OrderedDict[tuple[str, str], _Known] = OrderedDict()
        self._lock = threading.Lock()

    def tell(
        self,
        host: HostFacts,
        listed: Sequence[Listed],
        lots: Mapping[str, OfferedLot],
        at: Moment,
    ) -> list[ToldOffer]:
        """Lots for a host, each as it is explained at its place in her list."""
        bases = [_basis(host, each, lots[each.lot.lot_id], at) for each in listed]
        with self._lock:
            told = [self._known_of(basis, at.now) for basis in bases]
        return [
            self._told_anew(basis, at) if offer is None else offer
            for offer, basis in zip(told, bases, strict=True)
        ]

    def _known_of(self, basis: Basis, now: datetime) -> ToldOffer | None:
        key = (basis.host.host_id, basis.lot.id)
        known = self._known.get(key)
        # Of what has not changed the very objects are compared, which costs next to nothing.
        if known is None or not known.since <= now < known.until or known.basis != basis:
            return None
        self._known.move_to_end(key)
        return known.offer

    def _told_anew(self, basis: Basis, at: Moment) -> ToldOffer:
        offer = self._told(basis, at.now)
        known = _Known(offer, basis, at.now, _until(basis.facts, at))
        with self._lock:
            key = (basis.host.host_id, basis.lot.id)
            self._known[key] = known
            self._known.move_to_end(key)
            while len(self._known) > MOST_TOLD:
                self._known.popitem(last=False)
        return offer

    def _told(self, basis: Basis, now: datetime) -> ToldOffer:
        host, lot, facts, subsidy, model, variety, room = basis
        if room is None and subsidy.best:
            room = Room(total=max(0, subsidy.best.left))
        explained = explain(facts, subsidy, host, now, weights=model.weights).varied(variety)
        points = {term.name: term.points for term in explained.terms}
        written = self._write(RankedOffer(lot, explained, room, model.version))
        return ToldOffer(lot.id, lot.brand_id, points, written)


class HostBook(NamedTuple):
    """What is known of hosts: their people and what they did, what they have, were told."""

    people: Hosts
    taken: Taken
    told: OffersTold


def _basis(host: HostFacts, listed: Listed, lot: OfferedLot, at: Moment) -> Basis:
    shown, facts, subsidy = listed
    room = at.rooms.get(subsidy.best.offer_id) if subsidy.best else None
    return Basis(host, lot, facts, subsidy, at.model, shown.variety, room)


def _until(lot: LotFacts, at: Moment) -> datetime:
    """Until when nothing that is told of a lot changes by time alone."""
    ends = (lot.kept_until, *(each.until for each in lot.held))
    return min((at.until, *(end for end in ends if end is not None and at.now < end)))
