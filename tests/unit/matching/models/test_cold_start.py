"""Hosts and lots of whom nothing is known yet, by the built-in weights and by learned ones."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.matching.models.engine.learning import learn
from services.matching.offers.engine.index import OfferIndex
from services.matching.offers.engine.points import DEFAULT, affinity_of_tags
from tests.builders.shown import World
from tests.unit.matching.offers.builders import NOW, a_host, a_subsidy, lot_id, some_lot

LEARNED = learn(World().log(1, pages=2_000), DEFAULT).weights
OLD = NOW - timedelta(days=60)


@pytest.fixture(params=[DEFAULT, LEARNED], ids=["built-in", "learned"])
def weights(request):
    return request.param


@pytest.fixture
def ranked(weights):
    def rank(*lots, **people):
        index = OfferIndex(NOW, weights)
        index.put_subsidy(a_subsidy())
        for lot in lots:
            index.put(lot)
        return [position.lot_id for position in index.top(a_host(**people), 10)]

    return rank


class TestAHostOfWhomNothingIsKnown:
    """She has a community, without tags."""

    def test_sees_what_others_claimed_first(self, ranked):
        lots = [some_lot(n, claims=claims, published_at=OLD) for n, claims in ((1, 0), (2, 9))]

        assert ranked(*lots, affinity={}) == [lot_id(2), lot_id(1)]

    def test_sees_the_newer_of_equals_first(self, ranked):
        lots = [some_lot(1, published_at=OLD), some_lot(2)]

        assert ranked(*lots, affinity={}) == [lot_id(2), lot_id(1)]

    def test_sees_what_is_near_its_date_before_what_keeps(self, ranked):
        lots = [some_lot(1), some_lot(2, best_before=NOW + timedelta(days=20))]

        assert ranked(*lots, affinity={}) == [lot_id(2), lot_id(1)]

    def test_sees_everything_that_she_may_have(self, ranked):
        lots = [some_lot(n, tags=(f"tag {n}",)) for n in range(1, 6)]

        assert len(ranked(*lots, affinity={})) == 5

    def test_sees_what_suits_her_people_as_soon_as_she_names_one_tag(self, ranked, weights):
        lots = [some_lot(1, claims=50, tags=("toys",)), some_lot(2, published_at=OLD)]
        affinity = affinity_of_tags([(20, {"tea": 10})], weights)

        assert ranked(*lots, affinity=affinity) == [lot_id(2), lot_id(1)]


class TestALotNobodyHasClaimed:
    def test_gets_its_first_look_by_being_new(self, ranked):
        new, old = some_lot(1), some_lot(2, published_at=OLD)

        assert ranked(old, new) == [lot_id(1), lot_id(2)]

    def test_loses_that_with_the_days_and_never_goes_below_the_others(self, ranked):
        month = [some_lot(n, published_at=NOW - timedelta(days=n)) for n in (1, 10, 40)]

        assert ranked(*reversed(month)) == [lot_id(1), lot_id(10), lot_id(40)]

    def test_is_found_by_its_tags_like_any_other(self, ranked):
        claimed = some_lot(1, tags=("toys",), claims=50, published_at=OLD)
        fresh = some_lot(2, tags=("tea",))

        assert ranked(claimed, fresh)[0] == lot_id(2)
