"""What is known of lots and subsidies after their facts came through the inbox."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from chassis import mongo
from chassis.kernel.money import Money
from services.matching.offers.domain import Holding, LotNotFound, OfferNotFound, Restrictions
from services.matching.offers.repositories import MongoOfferBook
from tests.integration.matching.ranking.told import claim_id, lot_id
from tests.unit.matching.offers.builders import BRAND, HOST, NOW, OFFER, an_offer, an_offered_lot

BOOK = MongoOfferBook()
MONTH_END = datetime(2026, 3, 31, 9, tzinfo=UTC)


def holdings(number=1):
    return BOOK.lot(lot_id(number)).holdings


class TestLots:
    def test_are_kept_as_they_were_published(self, told):
        told.take(told.published(1, best_before="2026-03-20T00:00:00.000000Z", city="Suzhou"))

        assert BOOK.lot(lot_id(1)) == an_offered_lot(
            id=lot_id(1),
            title="Tea cups 1",
            tags=("tea",),
            city="Suzhou",
            best_before=datetime(2026, 3, 20, tzinfo=UTC),
            closes_at=MONTH_END,
        )

    def test_are_kept_with_where_their_goods_may_go(self, told):
        price = {"minor": 900, "currency": "CNY"}
        told.take(told.published(1, regions=["suzhou"], lowest_resale_price=price))

        assert BOOK.lot(lot_id(1)).restrictions == Restrictions(
            regions=("suzhou",), lowest_resale_price=Money(900, "CNY")
        )

    def test_are_known_by_a_photo_of_the_very_goods(self, told):
        told.take(told.published(1), told.photographed(1, has_actual_photo=True))
        assert BOOK.lot(lot_id(1)).has_actual_photo

        told.take(told.photographed(1, has_actual_photo=False))
        assert not BOOK.lot(lot_id(1)).has_actual_photo

    def test_are_found_many_at_once(self, told):
        told.take(*(told.published(number) for number in range(1, 121)))

        found = BOOK.lots([lot_id(1), lot_id(120), lot_id(121)])

        assert set(found) == {lot_id(1), lot_id(120)}

    def test_close_for_a_reason(self, told):
        told.take(told.published(1), told.closed(1))

        assert BOOK.lot(lot_id(1)).closed == "withdrawn"

    def test_that_were_never_heard_of_are_refused_by_name(self, told):
        with pytest.raises(LotNotFound):
            BOOK.lot(lot_id(1))


class TestPacks:
    def test_are_held_by_their_claim_from_reservation_to_shipping(self, told):
        told.take(told.published(1), told.packs("reserved", 1, claim=7, packs=2, free=8))

        assert holdings() == {claim_id(7): Holding(host_id=HOST, packs=2)}
        assert BOOK.lot(lot_id(1)).packs_free == 8

        told.take(told.packs("shipped", 1, claim=7, packs=2, free=8))
        assert holdings() == {claim_id(7): Holding(host_id=HOST, packs=2)}

    def test_are_held_again_when_an_expired_reservation_ships(self, told):
        told.take(
            told.published(1),
            told.packs("reserved", 1, claim=7, packs=2, free=8),
            told.packs("released", 1, claim=7, packs=2, free=10),
        )
        assert holdings() == {}

        told.take(told.packs("shipped", 1, claim=7, packs=2, free=8))
        assert holdings() == {claim_id(7): Holding(host_id=HOST, packs=2)}

    def test_come_back_in_part(self, told):
        told.take(
            told.published(1),
            told.packs("reserved", 1, claim=7, packs=2, free=8),
            told.packs("reserved", 1, claim=8, packs=1, free=7),
            told.packs("returned", 1, claim=7, packs=1, free=8),
        )

        assert holdings() == {
            claim_id(7): Holding(host_id=HOST, packs=1),
            claim_id(8): Holding(host_id=HOST, packs=1),
        }
        assert BOOK.lot(lot_id(1)).facts().capped_hosts == {HOST}

    def test_count_once_however_often_they_are_told(self, told):
        returned = told.published(1), told.packs("reserved", 1, claim=7, packs=2, free=8)
        back = told.packs("returned", 1, claim=7, packs=1, free=9)

        told.take(*returned, back, back)
        told.take(back)

        assert holdings() == {claim_id(7): Holding(host_id=HOST, packs=1)}


class TestSubsidies:
    def test_may_be_of_more_than_thirty_one_bits(self, told):
        much = {"minor": 3_000_000_000, "currency": "CNY"}
        steps = [{"days_before": 30, "extra_basis_points": 2_000}]
        told.take(
            told.opened(subsidy=much, total_cap=much, ramp_steps=steps, most_subsidy=much),
            told.published(1, unit_price=much),
        )

        offer = BOOK.offer(OFFER)

        assert offer.worth(NOW, NOW).amount == 3_000_000_000
        assert Money(offer.worth(NOW, NOW).amount, "CNY") == offer.subsidy == offer.total_cap
        assert BOOK.lot(lot_id(1)).unit_price == offer.subsidy

    def test_are_kept_as_they_were_opened(self, told):
        told.take(told.opened())

        expected = an_offer(terms={"brand": 6000, "host": 4000}, closes_at=MONTH_END)
        assert BOOK.offer(OFFER) == expected
        assert BOOK.open_offers_of(BRAND) == [expected]

    def test_close(self, told):
        told.take(told.opened(), told.ended())

        assert BOOK.offer(OFFER).closed == "withdrawn"
        assert BOOK.open_offers_of(BRAND) == []

    def test_are_committed_by_confirmed_claims_and_freed_by_cancelled_ones(self, told):
        told.take(told.opened(), told.claim("confirmed", 7), told.claim("confirmed", 8))
        assert BOOK.offer(OFFER).committed == Money(100_000, "CNY")

        told.take(told.claim("cancelled", 7))
        assert BOOK.offer(OFFER).committed == Money(50_000, "CNY")

    def test_that_were_never_heard_of_are_refused_by_name(self, told):
        with pytest.raises(OfferNotFound):
            BOOK.offer(OFFER)


class TestTransactions:
    def test_leave_nothing_behind_when_they_fail(self, told):
        def work():
            told.take(told.published(1))
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            mongo.atomically(work)

        assert BOOK.lots([lot_id(1)]) == {}
        assert NOW.tzinfo is UTC
