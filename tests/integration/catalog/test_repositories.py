"""The same promises of the ports, kept by the fakes and by MongoDB."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from cartridges.package import Package
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
from services.catalog.venues.domain import PolicyName, VenueNotFound
from services.catalog.venues.repositories import MongoVenues
from tests.unit.catalog.fakes import (
    AUTHOR,
    BRAND,
    HOST,
    NOW,
    OTHER_AUTHOR,
    FakeLots,
    FakeOffers,
    FakeStock,
    a_line,
    a_manifest,
    an_id,
    an_offer,
    some_goods,
)
from tests.unit.catalog.lending import FakeVenues, a_venue
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

    def test_gives_back_what_was_saved(self, kind, database):
        venues = self.venues(kind)
        venue = a_venue(
            rules=({"zh": "请脱鞋", "en": "Shoes off"},),
            indoor=False,
            policy=PolicyName.STRICT,
            accepts_at_once=False,
        )

        saved = venues.save(venue.open(at=NOW))

        assert venues.get(venue.id) == saved
        assert venues.find([venue.id, an_id("ven")]) == {venue.id: saved}
        assert (saved.revision.version, saved.revision.last_sequence) == (1, 1)
        with pytest.raises(VenueNotFound):
            venues.get(an_id("ven"))

    def test_refuses_to_save_over_a_venue_that_moved(self, kind, database):
        venues = self.venues(kind)
        stale = venues.save(a_venue().open(at=NOW))
        venues.save(stale.change(replace(stale.room, capacity=9), at=NOW))

        with pytest.raises(Conflict):
            venues.save(stale.change(replace(stale.room, capacity=8), at=NOW))

        assert venues.get(stale.id).room.capacity == 9


MINE = {AUTHOR: 7_000, OTHER_AUTHOR: 3_000}


class TestMongoCartridges:
    @pytest.fixture
    def cartridges(self, database):
        return MongoCartridges()

    def empty(self, author_id=AUTHOR) -> Cartridge:
        name = a_manifest()["name"]
        return Cartridge(cartridge_id(author_id, name), author_id, name)

    def test_gives_back_what_was_published(self, cartridges):
        empty, package = self.empty(), Package(a_manifest())
        decision = empty.publish(package, MINE, at=NOW)

        saved = cartridges.save(decision)

        assert cartridges.find(empty.id) == saved
        assert cartridges.version(empty.id, "1.0.0") == decision.state.fresh
        assert cartridges.pinned(package.digest) == decision.state.fresh
        assert cartridges.pinned("sha256:" + "0" * 64) is None
        assert cartridges.find(an_id("crt")) is None
        with pytest.raises(CartridgeNotFound):
            cartridges.version(empty.id, "2.0.0")

    def test_remembers_what_was_yanked_and_why(self, cartridges):
        saved = cartridges.save(self.empty().publish(Package(a_manifest()), MINE, at=NOW))

        cartridges.save(saved.yank("1.0.0", "a burnt finger", at=NOW))

        assert cartridges.find(saved.id).yanked == {"1.0.0": "a burnt finger"}
        assert cartridges.version(saved.id, "1.0.0").yanked_because == "a burnt finger"

    def test_refuses_two_first_versions_at_once(self, cartridges):
        empty = self.empty()
        cartridges.save(empty.publish(Package(a_manifest()), MINE, at=NOW))

        with pytest.raises(Conflict):
            cartridges.save(empty.publish(Package(a_manifest(version="2.0.0")), MINE, at=NOW))

    def test_refuses_the_very_same_by_two_authors_at_once(self, cartridges):
        cartridges.save(self.empty().publish(Package(a_manifest()), MINE, at=NOW))
        copied = self.empty(OTHER_AUTHOR).publish(Package(a_manifest()), MINE, at=NOW)

        with pytest.raises(Conflict):
            atomically(lambda: cartridges.save(copied))

        assert cartridges.find(copied.state.id) is None


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
