"""Matching's ports in memory; each remembers the events and messages it was given."""

from __future__ import annotations

from dataclasses import replace

from chassis.kernel.errors import Conflict
from services.matching.attendance.domain import InvitationNotFound
from services.matching.claims.domain import ClaimNotFound
from services.matching.claims.use_cases import Docket
from services.matching.communities.domain import CommunityNotFound
from services.matching.gatherings.domain import GatheringNotFound
from services.matching.holds.domain import HoldNotFound, Standing
from services.matching.holds.use_cases import HoldDesk
from services.matching.offers.domain import LotNotFound, OfferNotFound
from services.matching.sales.domain import SaleNotFound
from tests.builders.matching import a_lot


class Kept:
    """Aggregates in a dict, saved by compare-and-swap as the real ones are."""

    missing = KeyError

    def __init__(self, *aggregates) -> None:
        self.by_id = {one.id: one for one in aggregates}
        self.events, self.messages, self.writes = [], [], 0

    def get(self, identifier):
        if identifier not in self.by_id:
            raise self.missing(identifier)
        return self.by_id[identifier]

    def get_all(self, identifiers):
        return {one: self.by_id[one] for one in set(identifiers) if one in self.by_id}

    def save(self, decision):
        state, events, messages = decision
        stored = self.by_id.get(state.id)
        version = stored.revision.version if stored else 0
        if state.revision.version != version:
            raise Conflict(state.id)
        saved = replace(state, revision=state.revision.after(len(events)))
        self.by_id[state.id] = saved
        self.events += events
        self.messages += messages
        self.writes += 1
        return saved

    def save_all(self, decisions):
        for decision in decisions:
            self.save(decision)

    @property
    def told(self):
        """The types of the events, in order."""
        return [event.type for event in self.events]


class FakeClaims(Kept):
    missing = ClaimNotFound


class FakeCommunities(Kept):
    missing = CommunityNotFound


class FakeGatherings(Kept):
    missing = GatheringNotFound


class FakeTickets(Kept):
    def find(self, ticket_id):
        return self.by_id.get(ticket_id)


class FakeSales(Kept):
    missing = SaleNotFound

    def get(self, gathering_id, sale_id):
        found = super().get(sale_id)
        if found.gathering_id != gathering_id:
            raise SaleNotFound(sale_id)
        return found


class FakeBook:
    """``OfferBook`` with some lots and offers."""

    def __init__(self, lots, *offers) -> None:
        self.known = {lot.id: lot for lot in lots}
        self.offers = {offer.id: offer for offer in offers}

    def lot(self, lot_id):
        if lot_id not in self.known:
            raise LotNotFound(lot_id)
        return self.known[lot_id]

    def offer(self, offer_id):
        if offer_id not in self.offers:
            raise OfferNotFound(offer_id)
        return self.offers[offer_id]


class FakeHolds(Kept):
    missing = HoldNotFound

    def on_lots(self, host_id, lot_ids, now):
        return [
            hold
            for hold in self.by_id.values()
            if hold.host_id == host_id
            and hold.lot_id in lot_ids
            and hold.standing(now) is Standing.STANDING
        ]

    def taken_by(self, claim_ids):
        return [hold for hold in self.by_id.values() if hold.claim_id in claim_ids]


class FakeShelf:
    """``Shelf`` over the lots of a ``FakeBook``."""

    def __init__(self, book) -> None:
        self.book, self.turns = book, []

    def announce(self, lot_ids, until):
        for lot_id in lot_ids:
            self.book.known[lot_id] = replace(self.book.known[lot_id], turns_until=until)

    def take_turn(self, lot_ids):
        self.turns += sorted(lot_ids)

    def put(self, held):
        for lot_id, some in held.items():
            lot = self.book.known[lot_id]
            self.book.known[lot_id] = replace(lot, held={**lot.held, **some})

    def take_away(self, hold_ids):
        for lot_id, some in hold_ids.items():
            lot = self.book.known[lot_id]
            left = {name: held for name, held in lot.held.items() if name not in some}
            self.book.known[lot_id] = replace(lot, held=left)


class FakeAsked:
    """``Asked`` with as many packs as it was told, and claims of any host as they are added."""

    def __init__(self, **packs) -> None:
        self.by_lot, self.claims = packs, []

    def packs(self, lots):
        return {lot.id: self.by_lot.get(lot.id, 0) for lot in lots}

    def of_host(self, host_id, lot_id, *, since):
        return self.claims


def a_desk(book, *holds, **asked):
    """A desk of holds over a book's lots."""
    return HoldDesk(FakeHolds(*holds), FakeShelf(book), FakeAsked(**asked))


def a_docket(claims, *holds):
    """What deciding these claims works with, over the lot that they are of."""
    book = FakeBook([a_lot(held={hold.id: hold.held for hold in holds if not hold.claim_id})])
    return Docket(claims, a_desk(book, *holds), book)


class FakeSagas:
    """``Sagas`` that only notes what was started."""

    def __init__(self) -> None:
        self.started = []

    def start(self, kind, saga_id, data):
        self.started.append((kind, saga_id, data))


class FakeBehaviour:
    """``Behaviour`` in a list."""

    def __init__(self) -> None:
        self.records = []

    def append(self, records):
        self.records += records

    def count(self, organization_id, deed):
        told = (line for line in self.records if line.organization_id == organization_id)
        return sum(line.deed is deed for line in told)

    @property
    def deeds(self):
        return [(str(line.deed), line.organization_id, line.amount) for line in self.records]


class FakeOrganizations:
    """``Organizations`` of which all but the named ones are hosts."""

    def __init__(self, *not_hosts) -> None:
        self.not_hosts = set(not_hosts)

    def hosts_among(self, organization_ids):
        return set(organization_ids) - self.not_hosts


class Found:
    """``Slots`` or ``Cartridges``: looks up what it was given."""

    def __init__(self, **by_id) -> None:
        self.by_id = by_id

    def find(self, key):
        return self.by_id.get(key)


class FakeInvitations:
    """``Invitations`` in a dict."""

    def __init__(self, *invitations) -> None:
        self.by_id = {one.id: one for one in invitations}

    def append(self, invitations):
        self.by_id |= {one.id: one for one in invitations}

    def get(self, gathering_id, invitation_id):
        found = self.by_id.get(invitation_id)
        if found is None or found.gathering_id != gathering_id:
            raise InvitationNotFound(invitation_id)
        return found
