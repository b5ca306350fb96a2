"""The rules of lots."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chassis.kernel.money import CurrencyMismatch, Money
from services.catalog.lots.domain import (
    ClosesInThePast,
    ClosingReason,
    Condition,
    LotNotOpen,
    Manifest,
    ManifestEmpty,
    NotEnoughPacks,
    PacksUneven,
    PastBestBefore,
    StockLot,
    tidy_tags,
)
from services.catalog.lots.engine.journal import EntryKind, JournalBroken, Packs
from services.catalog.lots.engine.restrictions import Channel, Restrictions
from services.catalog.lots.events import LotClosed, LotPublished, PacksCounted
from tests.unit.catalog.fakes import BRAND, NOW, a_line, a_lot, an_id, some_goods

MOMENT = timedelta(microseconds=1)


class TestManifest:
    def test_computes_its_totals(self):
        manifest = Manifest(
            (
                a_line(units=3, unit_price=Money(100, "CNY")),
                a_line(units=4, unit_price=Money(250, "CNY")),
            )
        )

        assert manifest.units == 7
        assert manifest.retail_value == Money(1300, "CNY")
        assert manifest.unit_price == Money(185, "CNY")  # 1300 / 7 = 185.7

    def test_is_as_poor_as_its_poorest_line(self):
        manifest = Manifest(
            (
                a_line(condition=Condition.NEW),
                a_line(condition=Condition.FAIR),
                a_line(condition=Condition.GOOD),
            )
        )

        assert manifest.condition is Condition.FAIR

    @pytest.mark.parametrize("lines", [(), (a_line(units=0),), (a_line(), a_line(units=-1))])
    def test_refuses_to_be_empty(self, lines):
        with pytest.raises(ManifestEmpty):
            Manifest(lines)

    def test_refuses_two_currencies(self):
        manifest = Manifest((a_line(), a_line(unit_price=Money(1, "USD"))))

        with pytest.raises(CurrencyMismatch):
            _ = manifest.retail_value

    def test_scale_runs_from_new_to_parts(self):
        assert [str(condition) for condition in Condition] == [
            "new",
            "like-new",
            "good",
            "fair",
            "for-parts",
        ]


class TestPublish:
    def test_makes_whole_packs_and_announces_them(self):
        restrictions = Restrictions(
            regions=("上海",),
            channels=(Channel.GATHERING,),
            lowest_resale_price=Money(900, "CNY"),
        )
        goods = some_goods(a_line(units=120), units_per_pack=12, restrictions=restrictions)
        lot_id = an_id("lot")

        lot, (fact,), _ = StockLot.publish(lot_id, BRAND, goods=goods, at=NOW)

        assert lot.packs == Packs(free=10)
        assert fact == LotPublished(
            lot_id=lot_id,
            brand_id=BRAND,
            title="Hair clips",
            category="accessories",
            tags=("hair", "spring"),
            city="上海",
            condition="new",
            unit_price=Money(1250, "CNY"),
            units_per_pack=12,
            packs_total=10,
            packs_free=10,
            max_packs_per_host=5,
            min_community_size=20,
            best_before=None,
            closes_at=goods.terms.closes_at,
            regions=("上海",),
            channels=("gathering",),
            resale_allowed=True,
            lowest_resale_price=Money(900, "CNY"),
            packs_kept=1,
            newcomers_until=NOW + timedelta(days=27),
            occurred_at=NOW,
        )

    def test_opens_the_journal_with_what_was_received(self):
        lot = StockLot.publish(an_id("lot"), BRAND, goods=some_goods(), at=NOW).state

        (entry,) = lot.fresh
        assert (entry.number, entry.kind, entry.free) == (1, EntryKind.RECEIVED, 10)
        assert (entry.reserved, entry.shipped) == (0, 0)

    def test_refuses_units_that_fill_no_whole_packs(self):
        with pytest.raises(PacksUneven, match="leave 4 over") as refused:
            StockLot.publish(an_id("lot"), BRAND, goods=some_goods(units_per_pack=12), at=NOW)

        assert refused.value.members == {"units": 100, "left_over": 4}

    def test_refuses_goods_from_their_best_before_date_on(self):
        StockLot.publish(an_id("lot"), BRAND, goods=some_goods(best_before=NOW), at=NOW - MOMENT)

        with pytest.raises(PastBestBefore):
            StockLot.publish(an_id("lot"), BRAND, goods=some_goods(best_before=NOW), at=NOW)

    def test_refuses_a_closing_time_that_has_come(self):
        with pytest.raises(ClosesInThePast):
            StockLot.publish(an_id("lot"), BRAND, goods=some_goods(closes_at=NOW), at=NOW)


class TestClose:
    def test_takes_no_more_claims_and_says_why(self):
        lot = a_lot()

        closed, (fact,), _ = lot.close(ClosingReason.WITHDRAWN, at=NOW)

        assert not closed.is_open(NOW)
        assert fact == LotClosed(
            lot_id=lot.id, brand_id=BRAND, reason="withdrawn", occurred_at=NOW
        )

    def test_happens_once(self):
        closed = a_lot().close(ClosingReason.WITHDRAWN, at=NOW).state

        with pytest.raises(LotNotOpen, match="withdrawn"):
            closed.close(ClosingReason.BEST_BEFORE, at=NOW)

    def test_time_closes_at_the_earlier_of_both_dates(self):
        early, late = NOW + timedelta(days=1), NOW + timedelta(days=2)

        by_date = a_lot(closes_at=late, best_before=early)
        by_time = a_lot(closes_at=early, best_before=late)

        assert by_date.is_open(early - MOMENT)
        assert not by_date.is_open(early)
        assert by_date.terms.ending is ClosingReason.BEST_BEFORE
        assert by_time.terms.ending is ClosingReason.CLOSING_TIME


class TestCorrect:
    def test_books_the_difference(self):
        lot, (fact,), _ = a_lot(packs=10).correct(-3, why="rain in the store", at=NOW)

        assert lot.packs == Packs(free=7)
        assert isinstance(fact, PacksCounted)
        assert (fact.packs, fact.packs_free) == (-3, 7)
        assert lot.fresh[-1].why == "rain in the store"

    def test_may_leave_none(self):
        assert a_lot(packs=3).correct(-3, why="gone", at=NOW).state.packs.free == 0

    def test_refuses_to_leave_fewer_than_none(self):
        lot = a_lot(packs=3)

        with pytest.raises(NotEnoughPacks, match="4 fewer counted, 3 free"):
            lot.correct(-4, why="gone", at=NOW)

        assert lot.packs == Packs(free=3)


class TestMove:
    def test_keeps_counts_equal_to_the_sum_of_the_journal(self):
        lot = a_lot(packs=10)
        for kind, packs in (
            (EntryKind.RESERVED, 4),
            (EntryKind.RELEASED, 1),
            (EntryKind.SHIPPED, 3),
            (EntryKind.RETURNED, 2),
        ):
            lot = lot.move(kind, packs, reference="x", at=NOW)

        assert lot.packs == Packs(free=9, reserved=0, shipped=1)
        assert lot.packs.on_hand == 9
        assert lot.packs.total == 10
        assert [entry.number for entry in lot.fresh] == [2, 3, 4, 5]
        assert len({entry.id for entry in lot.fresh}) == 4

    def test_stops_at_a_state_that_cannot_be(self):
        with pytest.raises(JournalBroken):
            a_lot(packs=1).move(EntryKind.RESERVED, 2, reference="x", at=NOW)


class TestTidyTags:
    def test_lowers_trims_and_names_each_once(self):
        assert tidy_tags([" Hair  Clip ", "hair clip", "", "春"]) == ("hair clip", "春")
