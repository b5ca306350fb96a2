"""The same promises of the ports, kept by the fakes and by MongoDB."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chassis.kernel.errors import Conflict
from chassis.kernel.money import Money
from chassis.mongo import atomically, collection
from services.catalog.cartridges.domain import Cartridge, CartridgeNotFound, cartridge_id
from services.catalog.cartridges.repositories import MongoCartridges
from services.catalog.lots.domain import ClosingReason, LotNotFound, StockLot
from services.catalog.lots.engine.journal import EntryKind
from services.catalog.lots.engine.photos import Album
from services.catalog.lots.engine.restrictions import Channel, Restrictions
from services.catalog.lots.repositories import MongoLots
from services.catalog.offers.domain import OfferEnd, OfferNotFound
from services.catalog.offers.engine.ramp import Ramp, RampStep
from services.catalog.offers.repositories import MongoOffers
from services.catalog.stock.domain import Order
from services.catalog.stock.repositories import MongoStock
from services.catalog.stock.use_cases import Place
from services.catalog.venues.domain import Calendar, VenueNotFound, Wish
from services.catalog.venues.repositories import MongoVenues
from services.catalog.venues.use_cases import Place as SlotPlace
from tests.unit.catalog.fakes import (
    AUTHOR,
    BRAND,
    HOST,
    NOW,
    FakeLots,
    FakeOffers,
    FakeStock,
    FakeVenues,
    a_line,
    a_manifest,
    a_slot,
    a_venue,
    an_id,
    an_offer,
    some_goods,
)
from tests.unit.catalog.photos.fakes import a_photo

BOTH = pytest.mark.parametrize("kind", ["fake", "mongo"])


def published(goods=None) -> StockLot:
    return StockLot.publish(an_id("lot"), BRAND, goods=goods or some_goods(), at=NOW)


@BOTH
class TestLots:
    def lots(self, kind):
        return FakeLots() if kind == "fake" else MongoLots()

    def test_gives_back_what_was_saved(self, kind, database):
        lots = self.lots(kind)
        restrictions = Restrictions(
            regions=("上海",),
            channels=(Channel.ONLINE,),
            lowest_resale_price=Money(900, "CNY"),
        )
        goods = some_goods(
            a_line(),
            a_line(sku="B", units=40),
            best_before=NOW + timedelta(days=9),
            restrictions=restrictions,
        )

        saved = lots.save(published(goods))
        saved = lots.save(saved.show(Album((a_photo(), a_photo(digest="b"))), at=NOW))

        assert lots.get(saved.id) == saved
        assert lots.find([saved.id, an_id("lot")]) == {saved.id: saved}
        assert (saved.revision.version, saved.revision.last_sequence) == (2, 2)
        assert saved.fresh == ()

    def test_knows_no_lot_that_was_not_saved(self, kind, database):
        with pytest.raises(LotNotFound):
            self.lots(kind).get(an_id("lot"))

    def test_refuses_to_save_over_what_it_has_not_seen(self, kind, database):
        lots = self.lots(kind)
        stale = lots.save(published())
        lots.save(stale.close(ClosingReason.WITHDRAWN, at=NOW))

        with pytest.raises(Conflict):
            lots.save(stale.correct(1, why="x", at=NOW))

        assert lots.get(stale.id).packs == stale.packs
        assert lots.get(stale.id).closed is ClosingReason.WITHDRAWN

    def test_refuses_all_when_one_has_moved(self, kind, database):
        lots = self.lots(kind)
        stale, other = lots.save(published()), lots.save(published())
        lots.save(stale.correct(1, why="x", at=NOW))

        with pytest.raises(Conflict):
            lots.save_all([one.correct(5, why="x", at=NOW) for one in (other, stale)])

        assert lots.get(other.id) == other

    def test_finds_what_is_due_the_longest_overdue_first(self, kind, database):
        lots = self.lots(kind)
        second = lots.save(published(some_goods(closes_at=NOW + timedelta(days=2))))
        first = lots.save(published(some_goods(best_before=NOW + timedelta(days=1))))
        lots.save(published(some_goods(closes_at=NOW + timedelta(days=4))))
        closed = lots.save(published(some_goods(closes_at=NOW + timedelta(days=1))))
        lots.save(closed.close(ClosingReason.WITHDRAWN, at=NOW))

        due = lots.due(NOW + timedelta(days=3), limit=9)

        assert [lot.id for lot in due] == [first.id, second.id]
        assert len(lots.due(NOW + timedelta(days=3), limit=1)) == 1


class TestMongoLots:
    def test_writes_the_journal_beside_the_lot(self, lots):
        lot = lots.save(published())
        lots.save(lot.correct(-2, why="rain", at=NOW))

        rows = list(collection("stock_entries").find({"lot_id": lot.id}).sort("number", 1))

        assert [(row["number"], row["kind"], row["free"]) for row in rows] == [
            (1, "received", 10),
            (2, "counted", -2),
        ]

    def test_writes_nothing_when_the_transaction_fails(self, lots):
        def work():
            lots.save(published())
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            atomically(work)

        assert collection("stock_lots").count_documents({}) == 0
        assert collection("stock_entries").count_documents({}) == 0
        assert collection("outbox").count_documents({}) == 0


class TestMongoOffers:
    def test_keeps_how_the_subsidy_rises(self, offers):
        ramp = Ramp((RampStep(30, 1_000), RampStep(7, 5_000)), Money(70_000, "CNY"))

        rising = offers.save(an_offer(ramp=ramp).open(at=NOW))
        level = offers.save(an_offer().open(at=NOW))

        assert offers.get(rising.id) == rising
        assert offers.get(level.id).ramp is None


@BOTH
class TestOffers:
    def offers(self, kind):
        return FakeOffers() if kind == "fake" else MongoOffers()

    def test_gives_back_what_was_saved(self, kind, database):
        offers = self.offers(kind)

        saved = offers.save(an_offer().open(at=NOW))

        assert offers.get(saved.id) == saved
        assert offers.find([saved.id, an_id("off")]) == {saved.id: saved}
        with pytest.raises(OfferNotFound):
            offers.get(an_id("off"))

    def test_finds_what_is_due(self, kind, database):
        offers = self.offers(kind)
        due = offers.save(an_offer(closes_at=NOW + timedelta(days=1)).open(at=NOW))
        offers.save(an_offer().open(at=NOW))
        closed = offers.save(an_offer(closes_at=NOW + timedelta(days=1)).open(at=NOW))
        offers.save(closed.close(OfferEnd.WITHDRAWN, at=NOW))

        assert offers.due(NOW + timedelta(days=1), limit=9) == [due]


@BOTH
class TestStock:
    def stock(self, kind):
        if kind == "fake":
            lots = FakeLots()
            return FakeStock(lots), lots
        lots = MongoLots()
        return MongoStock(lots), lots

    def test_gives_back_reservations_and_what_hosts_hold(self, kind, database):
        stock, lots = self.stock(kind)
        lot = lots.save(published())
        first, second, offer = an_id("clm"), an_id("clm"), an_offer()
        for claim_id, packs in ((first, 2), (second, 3)):
            place = Place(lot.id, claim_id, HOST)
            shelf = stock.shelves([place])[lot.id]
            order = Order(
                claim_id=claim_id,
                brand_id=BRAND,
                host_id=HOST,
                packs=packs,
                expires_at=NOW + timedelta(hours=packs),
            )
            stock.save_all([shelf.reserve(order, offer, at=NOW)], ())

        shelf = stock.shelves([Place(lot.id, first, HOST), Place(an_id("lot"), second)])[lot.id]

        assert shelf.held == {HOST: 5}
        assert shelf.lot.packs.reserved == 5
        assert shelf.reservations.keys() == {first}
        assert shelf.reservations[first].packs == 2
        assert stock.overdue(NOW + timedelta(hours=3), limit=9) == [
            Place(lot.id, first),
            Place(lot.id, second),
        ]

    def test_keeps_a_note_without_touching_the_lot(self, kind, database):
        stock, lots = self.stock(kind)
        lot = lots.save(published())
        claim_id = an_id("clm")
        shelf = stock.shelves([Place(lot.id, claim_id)])[lot.id]

        stock.save_all([shelf.release(claim_id, why="x", at=NOW)], ())

        assert lots.get(lot.id) == lot
        known = stock.shelves([Place(lot.id, claim_id)])[lot.id].reservations[claim_id]
        assert known.state == "released"
        assert known.is_stored

    def test_refuses_to_save_over_a_lot_that_moved(self, kind, database):
        stock, lots = self.stock(kind)
        lot = lots.save(published())
        shelf = stock.shelves([Place(lot.id, an_id("clm"))])[lot.id]
        lots.save(lot.correct(1, why="x", at=NOW))
        order = Order(
            claim_id=an_id("clm"),
            brand_id=BRAND,
            host_id=HOST,
            packs=1,
            expires_at=NOW + timedelta(hours=1),
        )

        with pytest.raises(Conflict):
            atomically(lambda: stock.save_all([shelf.reserve(order, an_offer(), at=NOW)], ()))

        assert lots.get(lot.id).packs.reserved == 0


@BOTH
class TestVenues:
    def venues(self, kind):
        return FakeVenues() if kind == "fake" else MongoVenues()

    def test_gives_back_venue_slots_and_bookings(self, kind, database):
        venues = self.venues(kind)
        venue = venues.add(a_venue().open(at=NOW))
        slot = a_slot(venue.id)
        venues.save_all([Calendar(venue, {}).open_slot(slot, at=NOW)], ())
        wish = Wish(gathering_id=an_id("gth"), slot_id=slot.id, host_id=HOST, people=9)
        place = SlotPlace(venue.id, slot.id, wish.gathering_id)

        before = venues.calendars([place])[venue.id]
        venues.save_all([before.book(wish, at=NOW)], ())
        after = venues.calendars([place, SlotPlace(an_id("ven"), slot.id, an_id("gth"))])

        assert before.slots == {slot.id: slot}
        assert after.keys() == {venue.id}
        calendar = after[venue.id]
        assert calendar.slots[slot.id].gathering_id == wish.gathering_id
        assert [booking.state for booking in calendar.bookings.values()] == ["booked"]
        assert calendar.venue.revision.last_sequence == 3

    def test_finds_every_slot_that_has_a_moment_between(self, kind, database):
        venues = self.venues(kind)
        venue = venues.add(a_venue().open(at=NOW))
        for hours in ((10, 24), (34, 2), (40, 2)):
            calendar = venues.calendars([SlotPlace(venue.id, "x", an_id("gth"))])[venue.id]
            slot = a_slot(venue.id, starts_in_hours=hours[0], hours=hours[1])
            venues.save_all([calendar.open_slot(slot, at=NOW)], ())

        found = venues.between(venue.id, NOW + timedelta(hours=33), NOW + timedelta(hours=35))
        touching = venues.between(venue.id, NOW + timedelta(hours=36), NOW + timedelta(hours=40))

        assert len(found.slots) == 2
        assert touching.slots == {}
        with pytest.raises(VenueNotFound):
            venues.between(an_id("ven"), NOW, NOW + timedelta(hours=1))

    def test_refuses_to_save_over_a_venue_that_moved(self, kind, database):
        venues = self.venues(kind)
        venue = venues.add(a_venue().open(at=NOW))
        stale = venues.between(venue.id, NOW, NOW + timedelta(hours=9))
        venues.save_all([stale.open_slot(a_slot(venue.id), at=NOW)], ())

        with pytest.raises(Conflict):
            atomically(lambda: venues.save_all([stale.open_slot(a_slot(venue.id), at=NOW)], ()))

        assert len(venues.between(venue.id, NOW, NOW + timedelta(days=9)).slots) == 1


class TestMongoCartridges:
    def test_gives_back_what_was_published(self, database):
        cartridges = MongoCartridges()
        name = a_manifest()["name"]
        key = cartridge_id(AUTHOR, name)
        decision = Cartridge(key, AUTHOR, name).publish(a_manifest(), at=NOW)

        saved = cartridges.save(decision)

        assert cartridges.find(key) == saved
        assert cartridges.version(key, "1.0.0") == decision.state.fresh
        assert cartridges.find(an_id("crt")) is None
        with pytest.raises(CartridgeNotFound):
            cartridges.version(key, "2.0.0")

    def test_refuses_two_first_versions_at_once(self, database):
        cartridges = MongoCartridges()
        name = a_manifest()["name"]
        empty = Cartridge(cartridge_id(AUTHOR, name), AUTHOR, name)
        cartridges.save(empty.publish(a_manifest(), at=NOW))

        with pytest.raises(Conflict):
            cartridges.save(empty.publish(a_manifest(version="2.0.0"), at=NOW))


class TestJournal:
    def test_sums_to_the_packs_after_everything(self, lots):
        lot = lots.save(published())
        for kind, packs in (
            (EntryKind.RESERVED, 4),
            (EntryKind.SHIPPED, 3),
            (EntryKind.RELEASED, 1),
            (EntryKind.RETURNED, 2),
        ):
            lot = lots.save(type(published())(lot.move(kind, packs, reference="x", at=NOW)))

        (sums,) = collection("stock_entries").aggregate(
            [
                {"$match": {"lot_id": lot.id}},
                {
                    "$group": {
                        "_id": None,
                        "free": {"$sum": "$free"},
                        "reserved": {"$sum": "$reserved"},
                        "shipped": {"$sum": "$shipped"},
                    }
                },
            ]
        )

        assert (sums["free"], sums["reserved"], sums["shipped"]) == (9, 0, 1)
        assert lot.packs == replace(lot.packs, free=9, reserved=0, shipped=1)
