"""Catalog's ports in memory, and valid things to start a test from."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from chassis.kernel.errors import Conflict
from chassis.kernel.ids import make_id
from chassis.kernel.money import Money
from services.catalog.lots.domain import (
    Condition,
    Description,
    Goods,
    LotNotFound,
    Manifest,
    ManifestLine,
    StockLot,
    Terms,
)
from services.catalog.offers.domain import OfferNotFound, SubsidyOffer
from services.catalog.shipments.domain import Shipment, ShipmentNotFound, ShipmentState
from services.catalog.stock.domain import Reservation, ReservationState, Shelf
from services.catalog.stock.use_cases import Place, ReservePacks

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
_numbers = itertools.count(1)


def an_id(prefix: str) -> str:
    """A fresh id; unlike real ones the same in every run of a test on its own."""
    number = next(_numbers)
    return make_id(prefix, now=NOW, random=lambda bits: number % (1 << bits))


BRAND, OTHER_BRAND = an_id("org"), an_id("org")
HOST, OTHER_HOST = an_id("org"), an_id("org")
VENUE_OWNER, OTHER_VENUE_OWNER = an_id("org"), an_id("org")
AUTHOR, OTHER_AUTHOR = an_id("org"), an_id("org")


def a_line(**changes) -> ManifestLine:
    given = {
        "sku": "HC-204",
        "name": "Hair clip",
        "units": 100,
        "unit_price": Money(1250, "CNY"),
        "condition": Condition.NEW,
    }
    return ManifestLine(**given | changes)


def some_goods(*lines: ManifestLine, **terms) -> Goods:
    """100 hair clips in packs of 10, unless said otherwise."""
    given = {
        "units_per_pack": 10,
        "closes_at": NOW + timedelta(days=30),
        "max_packs_per_host": 5,
        "min_community_size": 20,
        "best_before": None,
    }
    return Goods(
        Description("Hair clips", "accessories", ("hair", "spring"), "上海"),
        Manifest(lines or (a_line(),)),
        Terms(**given | terms),
    )


def a_lot(*, packs: int = 10, brand_id: str = BRAND, lot_id: str | None = None, **terms):
    """A published lot with so many free packs of ten."""
    goods = some_goods(a_line(units=packs * 10), **terms)
    lot = StockLot.publish(lot_id or an_id("lot"), brand_id, goods=goods, at=NOW).state
    return replace(lot, fresh=())


def an_offer(**changes) -> SubsidyOffer:
    given = {
        "id": an_id("off"),
        "brand_id": BRAND,
        "subsidy": Money(50_000, "CNY"),
        "min_checked_in": 10,
        "total_cap": Money(5_000_000, "CNY"),
        "terms": some_terms(),
        "opens_at": NOW - timedelta(days=1),
        "closes_at": NOW + timedelta(days=60),
    }
    return SubsidyOffer(**given | changes)


def some_terms(**changes) -> dict[str, int]:
    shares = {
        "brand": 6000,
        "host": 2000,
        "venue": 800,
        "co_host": 500,
        "platform": 500,
        "author": 200,
    }
    return shares | changes


def a_reserve(lot_id: str, offer_id: str, **changes) -> ReservePacks:
    given = {
        "id": an_id("msg"),
        "correlation_id": an_id("sag"),
        "claim_id": an_id("clm"),
        "lot_id": lot_id,
        "offer_id": offer_id,
        "brand_id": BRAND,
        "host_id": HOST,
        "packs": 1,
        "expires_at": NOW + timedelta(minutes=30),
    }
    return ReservePacks(**given | changes)


def a_manifest(**changes) -> dict:
    given = {
        "format": "teahouse-cartridge/1",
        "machine": ">=1.0.0 <2.0.0",
        "name": "brush-making-evening",
        "version": "1.0.0",
        "languages": ["zh", "en"],
        "title": {"zh": "制笔之夜", "en": "An evening of brush making"},
        "summary": {"zh": "跟着师傅做一支笔。", "en": "Make a brush with a master."},
        "license": "CC-BY-4.0",
        "people": {"min": 8, "max": 24},
        "roles": [{"id": "master", "title": {"zh": "师傅", "en": "Master"}, "count": 1}],
        "programme": [
            {"starts_minute": 0, "minutes": 30, "title": {"zh": "茶", "en": "Tea"}},
            {
                "starts_minute": 30,
                "minutes": 60,
                "title": {"zh": "制笔", "en": "Making"},
                "role": "master",
            },
        ],
        "materials": [{"title": {"zh": "竹", "en": "Bamboo"}, "quantity": 1, "per": "person"}],
        "venue": {"equipment": ["tables"], "indoor": True},
        "checklist": [{"when": "before", "text": {"zh": "摆桌", "en": "Set the tables"}}],
        "evidence": [
            {"kind": "photo", "text": {"zh": "合影", "en": "All together"}, "required": True}
        ],
        "royalty_basis_points": 200,
    }
    return given | changes


class FakeLots:
    """``Lots`` in a dict; remembers entries and events."""

    def __init__(self, *lots: StockLot) -> None:
        self.by_id = {lot.id: lot for lot in lots}
        self.entries = []
        self.events = []

    def get(self, lot_id):
        try:
            return self.by_id[lot_id]
        except KeyError:
            raise LotNotFound(f"no lot {lot_id}") from None

    def find(self, lot_ids):
        return {lot_id: self.by_id[lot_id] for lot_id in lot_ids if lot_id in self.by_id}

    def numbered(self, brand_id, numbers):
        mine = list(self.of_brand(brand_id))
        known = {lot.number: lot for lot in mine if lot.number} | {lot.id: lot for lot in mine}
        return {number: known[number] for number in numbers if number in known}

    def of_brand(self, brand_id):
        return iter([lot for lot in self.by_id.values() if lot.brand_id == brand_id])

    def due(self, at, *, limit):
        found = [lot for lot in self.by_id.values() if not lot.closed and lot.terms.ends_at <= at]
        return sorted(found, key=lambda lot: lot.terms.ends_at)[:limit]

    def save(self, decision):
        self.save_all([decision])
        return self.by_id[decision.state.id]

    def save_all(self, decisions):
        for lot, _, _ in decisions:
            known = self.by_id.get(lot.id)
            if lot.revision.version != (known.revision.version if known else 0):
                raise Conflict(f"{lot.id} moved on")
            same = self.numbered(lot.brand_id, [lot.number]).get(lot.number)
            if lot.number and same is not None and same.id != lot.id:
                raise Conflict(f"{lot.number} is taken")
        for lot, events, _ in decisions:
            self.entries += lot.fresh
            self.events += events
            after = lot.revision.after(len(events))
            self.by_id[lot.id] = replace(lot, fresh=(), revision=after)


class FakeOffers:
    """``Offers`` in a dict."""

    def __init__(self, *offers: SubsidyOffer) -> None:
        self.by_id = {offer.id: offer for offer in offers}
        self.events = []

    def get(self, offer_id):
        try:
            return self.by_id[offer_id]
        except KeyError:
            raise OfferNotFound(f"no offer {offer_id}") from None

    def find(self, offer_ids):
        return {key: self.by_id[key] for key in offer_ids if key in self.by_id}

    def due(self, at, *, limit):
        found = [one for one in self.by_id.values() if not one.closed and one.closes_at <= at]
        return sorted(found, key=lambda offer: offer.closes_at)[:limit]

    def save(self, decision):
        self.save_all([decision])
        return self.by_id[decision.state.id]

    def save_all(self, decisions):
        for offer, events, _ in decisions:
            known = self.by_id.get(offer.id)
            if known and offer.revision.version != known.revision.version:
                raise Conflict(f"{offer.id} moved on")
            self.events += events
            self.by_id[offer.id] = replace(offer, revision=offer.revision.after(len(events)))


class FakeStock:
    """``Stock`` in a dict beside fake lots; remembers answers."""

    def __init__(self, lots: FakeLots) -> None:
        self.lots = lots
        self.reservations: dict[tuple[str, str], Reservation] = {}
        self.answers = []

    def shelves(self, places):
        wanted = {place.lot_id for place in places}
        return {lot_id: self._shelf(lot, places) for lot_id, lot in self.lots.find(wanted).items()}

    def has_shipped(self, lot_id, host_id):
        return any(
            one.state is ReservationState.SHIPPED and one.packs > one.returned
            for one in self.reservations.values()
            if (one.lot_id, one.host_id) == (lot_id, host_id)
        )

    def overdue(self, at, *, limit):
        found = [
            one
            for one in self.reservations.values()
            if one.state is ReservationState.RESERVED and one.expires_at <= at
        ]
        found.sort(key=lambda reservation: reservation.expires_at)
        return [Place(one.lot_id, one.claim_id) for one in found[:limit]]

    def save_all(self, decisions, answers):
        moved = [type(d)(d.state.lot, d.events) for d in decisions if d.state.lot.fresh]
        self.lots.save_all(moved)
        for shelf, _, _ in decisions:
            for claim_id in shelf.changed:
                reservation = replace(shelf.reservations[claim_id], is_stored=True)
                self.reservations[shelf.lot.id, claim_id] = reservation
        self.answers += answers

    def _shelf(self, lot, places):
        mine = [one for (lot_id, _), one in self.reservations.items() if lot_id == lot.id]
        claims = {place.claim_id for place in places if place.lot_id == lot.id}
        held: dict[str, int] = {}
        for reservation in mine:
            held[reservation.host_id] = held.get(reservation.host_id, 0) + reservation.held
        hosts = {place.host_id for place in places if place.host_id}
        return Shelf(
            lot,
            {one.claim_id: one for one in mine if one.claim_id in claims},
            {host: packs for host, packs in held.items() if host in hosts},
        )


class FakeHosts:
    """``Hosts`` in a dict, by when their record began."""

    def __init__(self, *experienced: str) -> None:
        self.since = dict.fromkeys(experienced, NOW)

    def with_record(self, host_ids):
        return frozenset(host_ids) & self.since.keys()

    def note(self, records):
        for record in records:
            known = self.since.get(record.host_id, record.since)
            self.since[record.host_id] = min(known, record.since)


class FakeShipments:
    """``Shipments`` in a dict, of lots that may be given; remembers events."""

    def __init__(self, *shipments: Shipment, lots: FakeLots | None = None) -> None:
        self.lots = lots or FakeLots()
        self.by_id = {shipment.id: shipment for shipment in shipments}
        self.events = []

    def get(self, shipment_id):
        try:
            return self.by_id[shipment_id]
        except KeyError:
            raise ShipmentNotFound(f"no shipment {shipment_id}") from None

    def find(self, shipment_ids):
        return {key: self.by_id[key] for key in shipment_ids if key in self.by_id}

    def of_claims(self, claim_ids):
        found = [one for one in self.by_id.values() if one.claim_id in claim_ids]
        return sorted(found, key=lambda shipment: shipment.id)

    def ripe(self, *, limit):
        found = [one for one in self.by_id.values() if one.state is ShipmentState.WAITING]
        lots = {one.lot_id for one in found if self._committed(one.lot_id) >= one.waits_for}
        states = {ShipmentState.UNDECIDED, ShipmentState.WAITING}
        ripe = [one for one in self.by_id.values() if one.lot_id in lots and one.state in states]
        return sorted(ripe, key=lambda shipment: (shipment.state, shipment.id))[:limit]

    def stranded(self, *, limit):
        found = [one for one in self.by_id.values() if one.state is ShipmentState.WAITING]
        found = [one for one in found if self._committed(one.lot_id) < one.waits_for]
        closed = [one for one in found if self.lots.get(one.lot_id).closed]
        return sorted(closed, key=lambda shipment: shipment.id)[:limit]

    def unanswered(self, decide_by, *, limit):
        found = [
            one
            for one in self.by_id.values()
            if one.state is ShipmentState.UNDECIDED and one.decide_by <= decide_by
        ]
        return sorted(found, key=lambda shipment: shipment.decide_by)[:limit]

    def uncounted(self, dispatched_by, *, limit):
        found = [
            one
            for one in self.by_id.values()
            if one.state is ShipmentState.DISPATCHED and one.dispatched_at <= dispatched_by
        ]
        return sorted(found, key=lambda shipment: shipment.dispatched_at)[:limit]

    def save(self, decision):
        self.save_all([decision])
        return self.by_id[decision.state.id]

    def save_all(self, decisions):
        for shipment, events, _ in decisions:
            known = self.by_id.get(shipment.id)
            if (known.revision.version if known else 0) != shipment.revision.version:
                raise Conflict(f"{shipment.id} moved on")
            self.events += events
            revision = shipment.revision.after(len(events))
            self.by_id[shipment.id] = replace(shipment, revision=revision)

    def _committed(self, lot_id):
        return sum(
            one.lot_id == lot_id
            and one.waits_for > 0
            and one.state is not ShipmentState.CALLED_OFF
            for one in self.by_id.values()
        )
