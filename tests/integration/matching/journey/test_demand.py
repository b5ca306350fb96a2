"""What a clearing found of lots stands in every list, for a week or until it is found anew."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chassis.mongo import atomically, collection
from services.matching.clearings import handlers
from services.matching.clearings.domain import Valuation
from services.matching.clearings.handlers import clear_next
from services.matching.clearings.repositories import MongoClearings
from services.matching.clearings.use_cases import note_demand
from services.matching.offers.engine.breakdown import day
from services.matching.offers.engine.facts import Demand
from services.matching.offers.repositories import MongoDemands, MongoOfferBook, MongoOfferNotes
from tests.builders.matching import NOW, PLATFORM_ORG, a_lot
from tests.integration.matching.journey.clearing import (
    CLEARINGS,
    DRY,
    LOTS,
    WET,
    Killed,
    a_bench,
    die,
    gather,
)

LAST_DAY = day(NOW) + 7


@pytest.fixture
def contested(market):
    """One lot of one pack that both hosts want, and nothing else."""
    collection("offers").delete_one({"_id": LOTS[1]})
    return market


def cleared(market, **changes):
    """Ask for a clearing that holds, and work it out."""
    asked = market.post(PLATFORM_ORG, CLEARINGS, WET | changes).json["id"]
    assert clear_next(a_bench(), lambda: NOW)
    return asked


def demanded():
    """What each lot is told of it."""
    return {lot.id: lot.demand for lot in MongoOfferBook().lots(LOTS).values()}


class TestDemand:
    def test_is_what_the_next_host_in_line_would_have_had(self, contested):
        lesser = min(each.value for each in gather(Valuation.HOST).candidates)

        cleared(contested, valuation="host", first_host_bonus=0, first_brand_bonus=0)

        assert demanded() == {LOTS[0]: Demand(points=1_000 * lesser, last_day=LAST_DAY)}

    def test_is_in_points_of_lists_where_values_are_of_both_sides(self, contested):
        candidates = gather().candidates
        lesser = min(each.value for each in candidates)
        accepted = sum(each.brand_accepts for each in candidates) / len(candidates)

        cleared(contested, first_host_bonus=0, first_brand_bonus=0)

        points = int(1_000 * lesser / (accepted / 1_000))
        assert points > 1_000 * lesser
        assert demanded() == {LOTS[0]: Demand(points=points, last_day=LAST_DAY)}

    def test_is_a_term_of_every_hosts_score(self, contested):
        cleared(contested)
        found = demanded()[LOTS[0]]

        (hold,) = collection("holds").find()
        offer = contested.get(hold["host_id"], f"/v1/hosts/{hold['host_id']}/offers/{LOTS[0]}")

        assert offer.json["terms"][-1]["name"] == "demand"
        assert offer.json["terms"][-1]["points"] == -found.points
        assert sum(term["points"] for term in offer.json["terms"]) == offer.json["score"]

    def test_is_found_by_no_dry_run(self, contested):
        contested.post(PLATFORM_ORG, CLEARINGS, DRY)

        assert clear_next(a_bench(), lambda: NOW)

        assert demanded() == {LOTS[0]: None}

    def test_is_nothing_that_the_next_clearing_counts_as_value(self, contested):
        before = {each.host_id: each.value for each in gather().candidates}
        MongoDemands().put({LOTS[0]: Demand(points=90_000, last_day=LAST_DAY)})

        assert {each.host_id: each.value for each in gather().candidates} == before

    def test_stays_whatever_becomes_of_the_lot(self, contested):
        cleared(contested)
        found = demanded()

        MongoOfferNotes().publish_lots([a_lot(id=LOTS[0], packs_free=9)])

        assert demanded() == found != {LOTS[0]: None}

    def test_stays_when_the_next_clearing_has_only_other_lots_left(self, contested):
        cleared(contested, period="first")
        found = demanded()[LOTS[0]]
        MongoOfferNotes().publish_lots([a_lot(id=LOTS[1], packs_free=1, packs_total=1)])

        cleared(contested, period="rest")

        assert collection("holds").count_documents({"lot_id": LOTS[1]}) == 1
        assert found is not None
        assert demanded() == {LOTS[0]: found, LOTS[1]: None}

    def test_is_forgotten_by_the_next_clearing_that_finds_none(self, contested):
        cleared(contested, period="first")
        assert demanded()[LOTS[0]] is not None
        MongoOfferNotes().publish_lots([a_lot(id=LOTS[0], packs_free=9)])

        cleared(contested, period="second")

        assert demanded() == {LOTS[0]: None}


class TestAProcessThatDies:
    def test_between_lots_leaves_the_rest_to_who_takes_it_up(self, market, monkeypatch):
        monkeypatch.setattr(handlers, "NOTED_AT_ONCE", 1)
        clearing_id = market.post(PLATFORM_ORG, CLEARINGS, WET).json["id"]

        class DiesAfterOne(MongoDemands):
            def put(self, demands):
                if any(demanded().values()):
                    raise Killed
                super().put(demands)

        class TwoFound(type(a_bench().assignments)):
            def demand(self, clearing_id, attempt):
                return dict.fromkeys(LOTS, 70_000)

        with pytest.raises(Killed):
            clear_next(a_bench(demands=DiesAfterOne(), assignments=TwoFound()), lambda: NOW)
        assert sum(each is not None for each in demanded().values()) == 1
        tomorrow = NOW + timedelta(days=1)
        assert clear_next(a_bench(assignments=TwoFound(), gather=die), lambda: tomorrow)

        assert demanded() == dict.fromkeys(LOTS, Demand(points=70_000, last_day=LAST_DAY))
        assert MongoClearings().get(clearing_id).held == 2

    def test_once_it_was_found_finds_the_same_again(self, contested):
        contested.post(PLATFORM_ORG, CLEARINGS, WET)

        with pytest.raises(Killed):
            clear_next(a_bench(wait=die), lambda: NOW)
        assert clear_next(a_bench(gather=die, solve=die), lambda: NOW)

        assert demanded()[LOTS[0]] is not None

    def test_one_that_was_only_slow_changes_nothing_once_another_has_ended_it(self, contested):
        ended = MongoClearings().get(cleared(contested))
        MongoDemands().put({LOTS[0]: Demand(points=5, last_day=LAST_DAY)})

        def too_late():
            return note_demand(ended, {LOTS[0]: 90_000}, done=1, total=1, bench=a_bench())

        assert atomically(too_late) is False
        assert demanded() == {LOTS[0]: Demand(points=5, last_day=LAST_DAY)}
