"""The offer index, fact by fact; its laws are in tests/property/test_ranking.py."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from services.matching.offers.engine.breakdown import day
from services.matching.offers.engine.facts import Demand
from services.matching.offers.engine.index import OfferIndex
from services.matching.offers.engine.points import DEFAULT, MILLION
from services.matching.offers.engine.ramp import Ramp, Step
from services.matching.offers.engine.search import Position
from tests.unit.matching.offers.builders import (
    BRAND,
    HOST,
    NOW,
    OTHER_HOST,
    a_hold,
    a_host,
    a_subsidy,
    lot_id,
    some_lot,
)


def an_index(*lots, subsidies=None):
    index = OfferIndex(NOW)
    for offer in [a_subsidy()] if subsidies is None else subsidies:
        index.put_subsidy(offer)
    for lot in lots:
        index.put(lot)
    return index


def ids(found):
    return [position.lot_id for position in found]


class TestDemand:
    def test_counts_as_soon_as_it_is_heard_of_and_until_it_is_forgotten(self):
        index = an_index(some_lot(1))
        (before,) = index.top(a_host(), 1)
        found = Demand(points=30_000, last_day=NOW.toordinal())

        index.put(replace(some_lot(1), demand=found))

        assert index.top(a_host(), 1) == [Position(before.score - 30_000, lot_id(1))]
        index.put(replace(some_lot(1), demand=found, packs_free=1))
        assert index.top(a_host(), 1) == [Position(before.score - 30_000, lot_id(1))]
        index.put(some_lot(1))
        assert index.top(a_host(), 1) == [before]


class TestReserve:
    def test_leaves_a_lot_to_those_for_whom_it_scores_enough_as_long_as_its_demand_counts(self):
        fans, strangers = a_host(), a_host(host_id=OTHER_HOST, affinity={})
        index = an_index(some_lot(1), some_lot(2))
        scores = [index.top(host, 1)[0].score for host in (strangers, fans)]
        between = sum(scores) // 2
        found = Demand(points=1, last_day=day(NOW), least=between)

        index.put(some_lot(1, demand=found))

        assert ids(index.top(fans, 5)) == [lot_id(2), lot_id(1)]
        assert ids(index.top(strangers, 5)) == [lot_id(2)]
        index.advance(NOW + timedelta(days=1))
        assert ids(index.top(strangers, 5)) == [lot_id(1), lot_id(2)]

    def test_keeps_nothing_from_whom_it_is_held_for_until_the_hold_ends(self):
        found = Demand(points=1, last_day=day(NOW) + 7, least=MILLION)
        held = a_hold(host_id=HOST, packs=1)
        index = an_index(some_lot(1, demand=found, held=(held,)))

        assert ids(index.top(a_host(), 5)) == [lot_id(1)]
        assert ids(index.top(a_host(host_id=OTHER_HOST), 5)) == []
        index.advance(held.until)
        assert ids(index.top(a_host(), 5)) == []

    def test_counts_only_by_the_model_that_it_was_found_by(self):
        found = Demand(points=1, last_day=day(NOW) + 7, least=MILLION, model="mdl_1")
        index = an_index()
        index.fill([some_lot(1, demand=found)])

        assert ids(index.top(a_host(), 5)) == [lot_id(1)]
        index.weigh(DEFAULT, "mdl_1")
        assert ids(index.top(a_host(), 5)) == []
        assert ids(index.top(a_host(), 5, listed=False)) == [lot_id(1)]
        index.weigh(DEFAULT, "mdl_2")
        assert ids(index.top(a_host(), 5)) == [lot_id(1)]


class TestFill:
    def test_answers_as_if_lots_had_been_put_in_one_by_one(self):
        lots = [some_lot(number, min_community_size=number % 3) for number in range(1, 1_100)]
        filled = an_index()
        filled.fill(lots)

        assert filled.top(a_host(), 2_000) == an_index(*lots).top(a_host(), 2_000)

    def test_a_subsidy_may_come_after_the_lots(self):
        index = an_index(subsidies=[])
        index.fill([some_lot(1)])

        index.put_subsidy(a_subsidy())

        assert ids(index.top(a_host(), 1)) == [lot_id(1)]

    def test_leaves_closed_lots_out_and_keeps_the_later_of_two(self):
        index = an_index()

        index.fill([some_lot(1, packs_free=0), some_lot(1), some_lot(2, is_closed=True)])

        assert ids(index.top(a_host(), 9)) == [lot_id(1)]
        assert len(index) == 1

    def test_only_an_index_without_lots_is_filled(self):
        index = an_index(some_lot(1))

        with pytest.raises(ValueError, match="without lots"):
            index.fill([some_lot(2)])

        assert ids(index.top(a_host(), 9)) == [lot_id(1)]

    def test_with_nothing_stays_empty(self):
        index = an_index()

        index.fill([])

        assert index.top(a_host(), 9) == []


class TestTop:
    def test_puts_what_her_people_care_about_first(self):
        tea, toys = some_lot(1, tags=("tea",)), some_lot(2, tags=("toys",))
        index = an_index(toys, tea)

        found = index.top(a_host(affinity={"tea": 1}), 10)

        assert ids(found) == [lot_id(1), lot_id(2)]
        assert found[0].score == found[1].score + 1

    def test_still_offers_what_shares_no_tag(self):
        index = an_index(some_lot(tags=("toys",)))

        assert len(index.top(a_host(), 10)) == 1

    def test_gives_equals_by_lot_id_and_pages_through_them(self):
        index = an_index(some_lot(3), some_lot(1), some_lot(2))

        (first,) = index.top(a_host(), 1)
        rest = index.top(a_host(), 2, first)

        assert ids([first, *rest]) == [lot_id(1), lot_id(2), lot_id(3)]
        assert index.top(a_host(), 2, rest[-1]) == []

    def test_pages_on_from_a_lot_that_has_left(self):
        index = an_index(some_lot(1), some_lot(2), some_lot(3))
        first, second = index.top(a_host(), 2)

        index.remove(second.lot_id)

        assert ids(index.top(a_host(), 2, second)) == [lot_id(3)]
        assert ids(index.top(a_host(), 2, Position(first.score + 1, "lot_z"))) == [
            lot_id(1),
            lot_id(3),
        ]

    @pytest.mark.parametrize(
        "facts",
        [
            {"packs_free": 0},
            {"ends_at": NOW},
            {"city": "beijing"},
            {"min_community_size": 61},
            {"capped_hosts": frozenset({HOST})},
            {"brand_id": "org_without_subsidy"},
            {"is_closed": True},
        ],
    )
    def test_leaves_out_what_a_rule_forbids(self, facts):
        index = an_index(some_lot(**facts))

        assert index.top(a_host(), 10) == []

    @pytest.mark.parametrize(
        "facts",
        [
            {"packs_free": 1},
            {"ends_at": NOW + timedelta(microseconds=1)},
            {"city": "suzhou"},
            {"min_community_size": 60},
            {"capped_hosts": frozenset({OTHER_HOST})},
        ],
    )
    def test_offers_what_every_rule_just_allows(self, facts):
        index = an_index(some_lot(**facts))

        assert len(index.top(a_host(), 10)) == 1

    def test_leaves_to_newcomers_what_is_kept_for_them_until_it_is_freed(self):
        until = NOW + timedelta(hours=5)
        index = an_index(some_lot(packs_free=2, packs_kept=2, kept_until=until))
        experienced = a_host(has_record=True)

        assert len(index.top(a_host(), 10)) == 1
        assert index.top(experienced, 10) == []
        index.advance(until - timedelta(microseconds=1))
        assert index.top(experienced, 10) == []
        index.advance(until)
        assert len(index.top(experienced, 10)) == 1

    def test_leaves_what_is_held_to_its_host_until_the_hold_ends(self):
        index = an_index(some_lot(packs_free=1, held=(a_hold(),)))
        holder = a_host(host_id=OTHER_HOST)

        assert index.top(a_host(), 10) == []
        assert len(index.top(holder, 10)) == 1
        index.advance(a_hold().until - timedelta(microseconds=1))
        assert index.top(a_host(), 10) == []
        index.advance(a_hold().until)
        assert len(index.top(a_host(), 10)) == 1

    def test_offers_again_what_was_given_back(self):
        index = an_index(some_lot(packs_free=1, held=(a_hold(),)))

        index.put(some_lot(packs_free=1))

        assert len(index.top(a_host(), 10)) == 1

    def test_counts_the_subsidy_as_it_is_now_that_the_date_is_near(self):
        ramp = Ramp((Step(7, 5_000), Step(2, 9_000)), most=90_000)
        rising = a_subsidy(offer_id="off_rising", brand_id="org_rising", subsidy=40_000)
        rising = replace(rising, ramp=ramp, left=1_000_000)
        near = some_lot(1, brand_id="org_rising", best_before=NOW + timedelta(days=7, hours=3))
        like = some_lot(2, brand_id=BRAND, best_before=NOW + timedelta(days=7, hours=3))
        index = an_index(near, like, subsidies=[rising, a_subsidy(subsidy=50_000)])

        assert ids(index.top(a_host(), 10)) == [lot_id(2), lot_id(1)]
        index.advance(NOW + timedelta(hours=3))
        assert ids(index.top(a_host(), 10)) == [lot_id(1), lot_id(2)]
        index.put_subsidy(replace(rising, left=40_000))
        assert ids(index.top(a_host(), 10)) == [lot_id(2), lot_id(1)]

    def test_offers_a_lot_in_each_of_its_regions_and_nowhere_else(self):
        index = an_index(some_lot(regions=frozenset({"suzhou", "xian"}), min_community_size=30))

        def sees(**reach):
            return bool(index.top(a_host(reach=reach, largest=max(reach.values())), 10))

        assert sees(suzhou=60)
        assert sees(beijing=99, xian=30)
        assert not sees(beijing=99, xian=29)
        assert not sees(beijing=99)

    def test_has_nothing_for_a_host_without_a_community(self):
        index = an_index(some_lot())

        assert index.top(a_host(reach={}, largest=0), 10) == []

    def test_measures_a_city_lot_against_the_community_there(self):
        index = an_index(some_lot(city="beijing", min_community_size=50))
        host = a_host(reach={"suzhou": 60, "beijing": 49}, largest=60)

        assert index.top(host, 10) == []
        assert len(index.top(replace(host, reach={"beijing": 50}, largest=50), 10)) == 1


class TestSubsidies:
    def test_the_best_open_one_with_money_counts(self):
        low = a_subsidy(offer_id="off_low", subsidy=10_000)
        high = a_subsidy(offer_id="off_high", subsidy=90_000)
        spent = a_subsidy(offer_id="off_spent", subsidy=99_000, is_exhausted=True)
        later = a_subsidy(offer_id="off_later", subsidy=99_000, opens_at=NOW + timedelta(hours=1))
        index = an_index(some_lot(), subsidies=(low, high, spent, later))

        assert index.lot(some_lot().lot_id)[1].best == high

    def test_the_oldest_counts_of_equals(self):
        index = an_index(
            some_lot(), subsidies=(a_subsidy(offer_id="off_2"), a_subsidy(offer_id="off_1"))
        )

        _, subsidy = index.lot(some_lot().lot_id)

        assert subsidy.best is not None
        assert subsidy.best.offer_id == "off_1"

    def test_a_new_one_raises_every_lot_of_the_brand(self):
        index = an_index(some_lot(1), some_lot(2), some_lot(3, brand_id="org_other"))
        index.put_subsidy(a_subsidy(offer_id="off_other", brand_id="org_other"))
        before = {found.lot_id: found.score for found in index.top(a_host(), 3)}

        index.put_subsidy(a_subsidy(offer_id="off_more", subsidy=150_000))

        after = {found.lot_id: found.score for found in index.top(a_host(), 3)}
        # 200,000 * 150,000 / 200,000 instead of 200,000 * 50,000 / 100,000
        assert after == {
            lot_id(1): before[lot_id(1)] + 50_000,
            lot_id(2): before[lot_id(2)] + 50_000,
            lot_id(3): before[lot_id(3)],
        }

    def test_the_last_one_to_go_takes_the_lots_along(self):
        index = an_index(some_lot())

        index.remove_subsidy(a_subsidy().offer_id)

        assert index.top(a_host(), 10) == []

    def test_one_that_was_never_heard_of_may_go_too(self):
        index = an_index(some_lot())

        index.remove_subsidy("off_unheard")

        assert len(index.top(a_host(), 10)) == 1


class TestAdvance:
    def test_ends_a_lot_at_its_hour(self):
        index = an_index(some_lot(ends_at=NOW + timedelta(hours=1)))

        index.advance(NOW + timedelta(minutes=59))
        assert len(index.top(a_host(), 10)) == 1

        index.advance(NOW + timedelta(hours=1))
        assert index.top(a_host(), 10) == []

    def test_opens_and_closes_a_subsidy_at_its_hour(self):
        opens, closes = NOW + timedelta(hours=1), NOW + timedelta(hours=2)
        index = an_index(some_lot(), subsidies=[a_subsidy(opens_at=opens, closes_at=closes)])
        offered = []

        for moment in (NOW, opens, closes - timedelta(seconds=1), closes):
            index.advance(moment)
            offered.append(len(index.top(a_host(), 10)))

        assert offered == [0, 1, 1, 0]

    def test_makes_goods_more_urgent_at_midnight(self):
        index = an_index(some_lot(best_before=NOW + timedelta(days=30)))
        (today,) = index.top(a_host(), 1)

        index.advance(NOW + timedelta(days=1))

        (tomorrow,) = index.top(a_host(), 1)
        # urgency 80,000 * 30 / 59 instead of / 60, freshness 20,000 * 7 / 8 instead of / 7
        assert tomorrow.score - today.score == (40_677 - 40_000) + (17_500 - 20_000)

    def test_may_go_back(self):
        index = an_index(some_lot(ends_at=NOW + timedelta(hours=1)))
        index.advance(NOW + timedelta(days=2))

        index.advance(NOW)

        assert len(index.top(a_host(), 10)) == 1


class TestPut:
    def test_takes_the_news_of_a_lot(self):
        index = an_index(some_lot(packs_free=0))

        index.put(some_lot(packs_free=1))

        assert len(index) == 1
        assert len(index.top(a_host(), 10)) == 1

    def test_moves_a_lot_to_its_new_tags_and_brand(self):
        other = a_subsidy(offer_id="off_other", brand_id="org_other", subsidy=1)
        index = an_index(some_lot(tags=("tea",)), subsidies=[a_subsidy(), other])

        index.put(some_lot(tags=("toys",), brand_id="org_other"))

        lot, subsidy = index.lot(some_lot().lot_id)
        assert (lot.tags, subsidy.amount_for(lot, NOW)) == (("toys",), 1)
        assert len(index.top(a_host(affinity={"tea": 9, "toys": 9}), 10)) == 1

    def test_lets_a_closed_lot_leave_and_uses_its_row_again(self):
        index = an_index(some_lot(1), some_lot(2))

        index.put(some_lot(1, is_closed=True))
        index.put(some_lot(3, tags=("toys",)))

        assert ids(index.top(a_host(), 10)) == [lot_id(2), lot_id(3)]
        with pytest.raises(KeyError):
            index.lot(lot_id(1))

    def test_knows_nothing_of_a_brand_that_has_neither_lots_nor_subsidies(self):
        index = an_index(some_lot(brand_id=BRAND))

        index.remove(some_lot().lot_id)
        index.remove_subsidy(a_subsidy().offer_id)

        assert len(index) == 0
        assert index._brands == {}
