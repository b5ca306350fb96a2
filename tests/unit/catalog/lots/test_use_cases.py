"""What brands and the clock do to lots."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.catalog.lots.domain import ClosingReason, LotNotFound, NotEnoughPacks, PacksUneven
from services.catalog.lots.use_cases import (
    CloseLot,
    CorrectCount,
    PublishLot,
    close_due_lots,
    close_lot,
    correct_count,
    publish_lot,
    publish_lots,
)
from tests.unit.catalog.fakes import (
    BRAND,
    NOW,
    OTHER_BRAND,
    FakeLots,
    a_lot,
    an_id,
    some_goods,
)


class TestPublishLot:
    def test_stores_the_lot_with_its_journal(self):
        lots = FakeLots()

        lot = publish_lot(
            PublishLot(brand_id=BRAND, goods=some_goods()), lots=lots, ids=an_id, now=NOW
        )

        assert lots.get(lot.id).packs.free == 10
        assert len(lots.entries) == len(lots.events) == 1


class TestPublishLots:
    def test_refuses_all_when_one_breaks_a_rule(self):
        lots = FakeLots()
        commands = [
            PublishLot(brand_id=BRAND, goods=some_goods()),
            PublishLot(brand_id=BRAND, goods=some_goods(units_per_pack=7)),
        ]

        with pytest.raises(PacksUneven):
            publish_lots(commands, lots=lots, ids=an_id, now=NOW)

        assert lots.by_id == {}


class TestCloseLot:
    def test_withdraws_the_brands_own_lot(self):
        lot = a_lot()

        closed = close_lot(CloseLot(lot_id=lot.id, brand_id=BRAND), lots=FakeLots(lot), now=NOW)

        assert closed.closed is ClosingReason.WITHDRAWN

    def test_knows_no_lot_of_another_brand(self):
        lot = a_lot()
        lots = FakeLots(lot)

        with pytest.raises(LotNotFound):
            close_lot(CloseLot(lot_id=lot.id, brand_id=OTHER_BRAND), lots=lots, now=NOW)

        assert lots.get(lot.id) == lot
        assert lots.events == []


class TestCorrectCount:
    def test_knows_no_lot_of_another_brand(self):
        lot = a_lot()
        lots = FakeLots(lot)

        with pytest.raises(LotNotFound):
            correct_count(
                CorrectCount(lot_id=lot.id, brand_id=OTHER_BRAND, packs=1, why="x"),
                lots=lots,
                now=NOW,
            )

        assert lots.get(lot.id) == lot

    def test_leaves_everything_as_it_was_when_refused(self):
        lot = a_lot(packs=1)
        lots = FakeLots(lot)

        with pytest.raises(NotEnoughPacks):
            correct_count(
                CorrectCount(lot_id=lot.id, brand_id=BRAND, packs=-2, why="x"),
                lots=lots,
                now=NOW,
            )

        assert lots.get(lot.id) == lot
        assert lots.entries == []


class TestCloseDueLots:
    def test_closes_what_is_over_and_nothing_else(self):
        stale = a_lot(best_before=NOW + timedelta(days=1))
        ended = a_lot(closes_at=NOW + timedelta(days=1))
        fresh = a_lot(closes_at=NOW + timedelta(days=3))
        lots = FakeLots(stale, ended, fresh)

        closed = close_due_lots(lots=lots, now=NOW + timedelta(days=1))

        assert closed == 2
        assert lots.get(stale.id).closed is ClosingReason.BEST_BEFORE
        assert lots.get(ended.id).closed is ClosingReason.CLOSING_TIME
        assert lots.get(fresh.id).closed is None

    def test_closes_nothing_twice(self):
        lots = FakeLots(a_lot(closes_at=NOW + timedelta(days=1)))
        later = NOW + timedelta(days=2)
        close_due_lots(lots=lots, now=later)

        assert close_due_lots(lots=lots, now=later) == 0
        assert len(lots.events) == 1
