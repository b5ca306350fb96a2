"""Listings come and go with their lots."""

from __future__ import annotations

import pytest

from chassis.mongo import atomically, collection
from services.catalog.lots.domain import ClosingReason, EntryKind
from services.catalog.offers.domain import OfferEnd
from tests.integration.catalog.searching import World, a_found_lot, as_published
from tests.unit.catalog.fakes import NOW, an_offer


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
