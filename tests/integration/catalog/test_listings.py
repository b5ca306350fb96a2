"""Listings come and go with their lots."""

from __future__ import annotations

import itertools
import random
import threading

import pytest
from pymongo.collation import Collation

from chassis.mongo import atomically, collection
from services.catalog.listings.engine.names import name_key
from services.catalog.lots.domain import ClosingReason, EntryKind
from services.catalog.lots.repositories import MongoLots
from services.catalog.offers.domain import OfferEnd
from services.catalog.search.repositories import MongoListings
from tests.integration.catalog.conftest import everything
from tests.integration.catalog.searching import SHANGHAI, World, a_found_lot, as_published
from tests.unit.catalog.fakes import NOW, an_id, an_offer


class TestListings:
    def ids(self):
        return World("mongo").ids()

    def test_appear_and_go_with_the_free_packs(self, lots):
        lot = lots.save(as_published(a_found_lot()))
        assert self.ids() == [lot.id]

        sold = lots.save(lot.correct(-2, why="none left", at=NOW))
        assert self.ids() == []

        lots.save(sold.correct(1, why="one found", at=NOW))
        assert self.ids() == [lot.id]

    def test_go_when_the_lot_closes_and_stay_away(self, lots):
        lot = lots.save(as_published(a_found_lot()))

        closed = lots.save(lot.close(ClosingReason.WITHDRAWN, at=NOW))
        lots.save(closed.correct(5, why="found", at=NOW))

        assert self.ids() == []

    def test_are_not_made_for_lots_without_a_pack(self, lots):
        lot = a_found_lot()
        gone = lot.move(EntryKind.RESERVED, 2, reference="x", at=NOW)

        lots.save(as_published(lot)._replace(state=gone))

        assert collection("listings").count_documents({}) == 0

    def test_stand_or_fall_with_their_lots_transaction(self, lots):
        def work():
            lots.save(as_published(a_found_lot()))
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            atomically(work)

        assert collection("listings").count_documents({}) == 0

    def test_tell_how_many_packs_are_free_now(self, lots):
        lot = lots.save(as_published(a_found_lot()))
        lots.save(lot.correct(-1, why="lost", at=NOW))

        (row,) = World("mongo").find().rows

        assert row["free"] == 1

    def test_forget_offers_that_were_withdrawn(self, lots, offers):
        lots.save(as_published(a_found_lot()))
        offer = offers.save(an_offer().open(at=NOW))
        assert len(World("mongo").ids(subsidy_from=1)) == 1

        offers.save(offer.close(OfferEnd.WITHDRAWN, at=NOW))

        assert World("mongo").ids(subsidy_from=1) == []


class TestRebuild:
    def make_anew(self, lots, *, limit=2):
        """As the command does it: step after step, each in its own transaction."""
        after, steps = "", []
        while after is not None:
            step = MongoListings(lots).make_anew(after, limit=limit)
            steps.append(step)
            after = step.after
        return steps

    def kept(self):
        return list(collection("listings").find().sort("_id", 1))

    def test_makes_missing_and_wrong_ones_anew_and_deletes_those_of_no_lot(self, lots):
        some = [lots.save(as_published(a_found_lot(f"茶 {number}"))) for number in range(5)]
        closed = lots.save(some[4].close(ClosingReason.WITHDRAWN, at=NOW))
        right = self.kept()
        collection("listings").delete_one({"_id": some[0].id})
        collection("listings").update_one({"_id": some[1].id}, {"$unset": {"name": ""}})
        collection("listings").update_one({"_id": some[2].id}, {"$set": {"trail": " tea"}})
        collection("listings").insert_one({**right[0], "_id": closed.id})
        collection("listings").insert_one({**right[0], "_id": an_id("lot")})

        steps = self.make_anew(lots)

        assert self.kept() == right
        assert [(step.lots, step.changed) for step in steps] == [(2, 2), (2, 1), (1, 2)]

    def test_finds_nothing_to_do_a_second_time(self, lots):
        for number in range(3):
            lots.save(as_published(a_found_lot(f"茶 {number}", place=SHANGHAI)))
        before = everything()

        steps = self.make_anew(lots)

        assert [step.changed for step in steps] == [0, 0]
        assert everything() == before

    @pytest.mark.parametrize("is_missing", [True, False])
    def test_does_not_bring_back_what_is_sold_out_meanwhile(self, lots, is_missing):
        lot = lots.save(as_published(a_found_lot()))
        if is_missing:
            collection("listings").delete_many({})
        else:
            collection("listings").update_many({}, {"$set": {"trail": ""}})
        reading = MongoLots()
        interrupted = []

        def read_and_be_overtaken(after, *, limit):
            found = MongoLots.after(lots, after, limit=limit)
            if not interrupted:
                interrupted.append(True)
                seller = threading.Thread(
                    target=lambda: lots.save(lot.correct(-2, why="sold", at=NOW))
                )
                seller.start()
                seller.join()
            return found

        reading.after = read_and_be_overtaken

        MongoListings(reading).make_anew("", limit=5)

        assert interrupted
        assert self.kept() == []


class TestNames:
    def test_stand_nearly_as_mongodb_would_put_them(self, database):
        """Of pairs of the commonest characters 998 in a thousand: readings differ of a few."""
        names = collection("names")
        names.insert_many([{"_id": character} for character in commonest_characters()])
        ours = {row["_id"]: name_key(row["_id"]) for row in names.find()}
        theirs = {
            row["_id"]: place
            for place, row in enumerate(names.find().sort("_id", 1).collation(Collation("zh")))
        }
        chance = random.Random(7)

        pairs = [chance.sample(sorted(ours), 2) for _ in range(20_000)]
        alike = [(ours[a] < ours[b]) == (theirs[a] < theirs[b]) for a, b in pairs]

        assert len(ours) == 3_755
        assert sum(alike) / len(alike) > 0.997


def commonest_characters():
    """The first level of GB/T 2312."""
    for row, cell in itertools.product(range(0xB0, 0xD8), range(0xA1, 0xFF)):
        yield from bytes([row, cell]).decode("gb2312", errors="ignore")
