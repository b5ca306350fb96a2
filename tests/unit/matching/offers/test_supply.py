"""Lots, subsidy offers and hosts, as far as offers look at them."""

from __future__ import annotations

from datetime import timedelta

from chassis.kernel.money import Money
from services.matching.communities.domain import Community, Portrait
from services.matching.offers.domain import Holding, host_facts
from tests.unit.matching.offers.builders import (
    HOST,
    NOW,
    OTHER_HOST,
    an_offer,
    an_offered_lot,
)


def a_community(**portrait):
    usual = {"name": "Tea friends", "city": "Suzhou", "size": 60, "tags": {"tea": 80}}
    return Community("com_1", HOST, Portrait(**usual | portrait), NOW)


class TestOfferedLot:
    def test_counts_its_category_among_its_tags_once(self):
        lot = an_offered_lot(category=" Porcelain  Cups", tags=("tea", "porcelain cups"))

        assert lot.facts().tags == ("porcelain cups", "tea")

    def test_ends_at_its_best_before_date_or_its_closing_time(self):
        soon, late = NOW + timedelta(days=1), NOW + timedelta(days=2)

        assert an_offered_lot(best_before=soon, closes_at=late).facts().ends_at == soon
        assert an_offered_lot(best_before=late, closes_at=soon).facts().ends_at == soon
        assert an_offered_lot(best_before=None, closes_at=late).facts().ends_at == late

    def test_prices_a_pack(self):
        lot = an_offered_lot(unit_price=Money(250, "CNY"), units_per_pack=12)

        assert lot.facts().pack_price == 3_000

    def test_caps_a_host_by_all_her_claims_together(self):
        lot = an_offered_lot(
            max_packs_per_host=3,
            holdings={
                "clm_1": Holding(host_id=HOST, packs=2),
                "clm_2": Holding(host_id=HOST, packs=1),
                "clm_3": Holding(host_id=OTHER_HOST, packs=2),
            },
        )

        assert lot.facts().capped_hosts == {HOST}

    def test_counts_claims_that_still_hold_something(self):
        lot = an_offered_lot(
            holdings={
                "clm_1": Holding(host_id=HOST, packs=0),
                "clm_2": Holding(host_id=OTHER_HOST, packs=1),
            }
        )

        assert lot.facts().claims == 1


class TestSubsidyOffer:
    def test_is_exhausted_when_one_more_gathering_is_too_much(self):
        assert not an_offer(committed=Money(50_000, "CNY")).is_exhausted
        assert an_offer(committed=Money(50_001, "CNY")).is_exhausted


class TestPictureOf:
    def test_adds_up_all_communities_of_a_host(self):
        host = host_facts(
            HOST,
            [
                a_community(size=20, city="Suzhou", tags={"tea": 100}),
                a_community(size=50, city="suzhou ", tags={"tea": 20, "hair": 40}),
                a_community(size=30, city="Beijing", tags={"toys": 10}),
            ],
        )

        assert host.reach == {"suzhou": 50, "beijing": 30}
        assert host.largest == 50
        # tea 2,000 + 1,000, hair 2,000, toys 300; together 5,300
        assert host.affinity == {
            "tea": 500_000 * 3_000 // 5_300,
            "hair": 500_000 * 2_000 // 5_300,
            "toys": 500_000 * 300 // 5_300,
        }

    def test_is_empty_without_communities(self):
        host = host_facts(HOST, [])

        assert (host.affinity, host.reach, host.largest) == ({}, {}, 0)
