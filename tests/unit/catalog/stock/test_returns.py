"""What comes back to a shelf, and what goes out in its place."""

from __future__ import annotations

import pytest

from services.catalog.lots.engine.journal import Packs
from services.catalog.stock.domain import (
    MoreThanShipped,
    NoReplacement,
    NothingShipped,
)
from services.catalog.stock.events import (
    PacksReturned,
    PacksShipped,
)
from tests.unit.catalog.fakes import (
    NOW,
    an_id,
)
from tests.unit.catalog.stock.shelves import a_shelf, reserved


class TestGiveBack:
    def test_books_what_came_back(self):
        shelf, claim_id = reserved(a_shelf(packs=10), packs=3)
        shelf = shelf.ship(claim_id, at=NOW).state

        after, (fact,), _ = shelf.give_back(claim_id, refund_id="rfd_1", packs=2, at=NOW)

        assert after.lot.packs == Packs(free=9, shipped=1)
        assert isinstance(fact, PacksReturned)
        assert (fact.packs, fact.packs_free) == (2, 9)

    def test_counts_a_refund_once(self):
        shelf, claim_id = reserved(a_shelf(packs=10), packs=3)
        once = shelf.give_back(claim_id, refund_id="rfd_1", packs=2, at=NOW).state

        twice, facts, _ = once.give_back(claim_id, refund_id="rfd_1", packs=2, at=NOW)

        assert twice == once
        assert facts == ()

    def test_ships_first_when_the_news_of_the_claim_is_late(self):
        shelf, claim_id = reserved(a_shelf(packs=10), packs=3)

        after, facts, _ = shelf.give_back(claim_id, refund_id="rfd_1", packs=1, at=NOW)

        assert after.lot.packs == Packs(free=8, shipped=2)
        assert [type(fact) for fact in facts] == [PacksShipped, PacksReturned]

    def test_refuses_more_than_went_out(self):
        shelf, claim_id = reserved(a_shelf(packs=10), packs=3)
        shelf = shelf.give_back(claim_id, refund_id="rfd_1", packs=2, at=NOW).state

        with pytest.raises(MoreThanShipped, match="2 returned, 1 held"):
            shelf.give_back(claim_id, refund_id="rfd_2", packs=2, at=NOW)

    def test_refuses_what_never_went_out(self):
        shelf, claim_id = reserved(a_shelf(packs=10), packs=3)
        released = shelf.release(claim_id, why="x", at=NOW).state

        for claim in (claim_id, an_id("clm")):
            with pytest.raises(NothingShipped):
                released.give_back(claim, refund_id="rfd_1", packs=1, at=NOW)


class TestSwap:
    def test_ships_as_many_others_and_leaves_what_is_free(self):
        shelf, claim_id = reserved(a_shelf(packs=10), packs=3)
        shelf = shelf.ship(claim_id, at=NOW).state

        after, facts, _ = shelf.swap(claim_id, packs=2, reference="shp_1", at=NOW)

        assert after.lot.packs == shelf.lot.packs == Packs(free=7, shipped=3)
        assert facts == ()
        lines = after.lot.fresh[-3:]
        assert [str(line.kind) for line in lines] == ["returned", "reserved", "shipped"]
        assert {(line.reference, line.why) for line in lines} == {(claim_id, "shp_1")}

    def test_needs_as_many_free_packs_before_any_comes_back(self):
        shelf, claim_id = reserved(a_shelf(packs=4), packs=3)
        shelf = shelf.ship(claim_id, at=NOW).state

        assert shelf.swap(claim_id, packs=1, reference="shp_1", at=NOW).state
        with pytest.raises(NoReplacement, match="2 asked, 1 free"):
            shelf.swap(claim_id, packs=2, reference="shp_1", at=NOW)

    def test_refuses_what_the_claim_does_not_hold(self):
        shelf, claim_id = reserved(a_shelf(packs=10), packs=3)

        with pytest.raises(NothingShipped):
            shelf.swap(claim_id, packs=1, reference="shp_1", at=NOW)
        shipped = shelf.ship(claim_id, at=NOW).state
        with pytest.raises(MoreThanShipped, match="4 exchanged, 3 held"):
            shipped.swap(claim_id, packs=4, reference="shp_1", at=NOW)
