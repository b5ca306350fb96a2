"""What a clearing found of lots stands in every list, for a week or until it is found anew."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chassis.mongo import atomically, collection
from chassis.testing.patience import eventually
from services.matching.clearings import handlers
from services.matching.clearings.domain import Valuation, evidence, least_score
from services.matching.clearings.handlers import clear_next
from services.matching.clearings.queries import MongoEnded
from services.matching.clearings.repositories import MongoClearings
from services.matching.clearings.use_cases import note_demand
from services.matching.holds.domain import EndedHold
from services.matching.holds.queries import MongoHoldLists
from services.matching.offers.engine.breakdown import day
from services.matching.offers.engine.facts import Demand
from services.matching.offers.repositories import MongoDemands, MongoOfferBook, MongoOfferNotes
from tests.builders.matching import BRAND, HOST, NOW, PLATFORM_ORG, a_lot
from tests.integration.matching.journey.clearing import (
    CLEARINGS,
    DRY,
    LOTS,
    PROMOTED,
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


class TestAReserve:
    @pytest.fixture
    def proven(self, monkeypatch):
        """What was held before for sixty hosts was claimed just as its value foretold."""
        monkeypatch.setattr(evidence, "PRICES_NEEDED", 1)
        held = [
            EndedHold(f"org_{host}", 100 * tenths, time < tenths)
            for tenths in (1, 3, 5, 7, 9)
            for time in range(10)
            for host in range(60)
        ]
        return lambda *_: held

    def found(self):
        """What a clearing without bonuses finds: what the next in line would have had."""
        candidates = gather().candidates
        accepted = sum(each.brand_accepts for each in candidates) / len(candidates)
        return int(1e6 * min(each.value for each in candidates) / accepted)

    def priced(self, clearing_now):
        """Lists have counted for five days just what this clearing will find."""
        MongoDemands().put({LOTS[0]: Demand(points=clearing_now, last_day=LAST_DAY - 5)})

    def clear(self, market, ended, **order):
        asked = market.post(PLATFORM_ORG, CLEARINGS, WET | order).json["id"]
        assert clear_next(a_bench(ended=ended), lambda: NOW)
        return market.get(PLATFORM_ORG, f"{CLEARINGS}/{asked}").json

    def test_leaves_a_lot_to_hosts_to_whom_it_is_worth_nearly_what_others_would_give(
        self, contested, proven
    ):
        usual = {"first_host_bonus": 0, "first_brand_bonus": 0}
        self.priced(self.found())

        told = self.clear(contested, proven, reserve=True, **usual)

        points = demanded()[LOTS[0]].points
        assert told["evidence"]["reserve"] in {2_000, 3_333}
        assert demanded()[LOTS[0]].least == least_score(points, told["evidence"]["reserve"])
        assert demanded()[LOTS[0]].model == told["evidence"]["model"]
        assert "a host's list leaves out" in told["summary_en"]
        page = contested.get(PLATFORM_ORG, f"{CLEARINGS}/{told['id']}/report").text
        assert "5. 0.900 foretold · 预期: 90.0%" in page
        assert "1. 0.100 claimed · 认领: 10.0%" in page

    def test_is_the_same_by_who_takes_up_the_clearing_of_a_process_that_died(
        self, contested, proven
    ):
        self.priced(self.found())
        order = {"reserve": True, "first_host_bonus": 0, "first_brand_bonus": 0}
        contested.post(PLATFORM_ORG, CLEARINGS, WET | order)

        with pytest.raises(Killed):
            clear_next(a_bench(ended=proven, wait=die), lambda: NOW)
        assert demanded()[LOTS[0]].least is None
        assert clear_next(a_bench(ended=die, gather=die, solve=die), lambda: NOW)

        assert demanded()[LOTS[0]].least < 0

    def test_is_kept_only_where_it_was_asked_for(self, contested, proven):
        self.priced(self.found())

        told = self.clear(contested, proven, first_host_bonus=0, first_brand_bonus=0)

        assert told["evidence"]["reserve"] is not None
        assert demanded()[LOTS[0]].least is None

    def test_asks_for_prices_that_lists_have_counted_for_some_days(self, contested, proven):
        MongoDemands().put({LOTS[0]: Demand(points=self.found(), last_day=LAST_DAY - 4)})

        told = self.clear(contested, proven, reserve=True)

        assert told["evidence"]["doubts"] == ["too-few-prices"]

    def test_its_evidence_is_the_platforms_alone(self, contested, proven):
        told = self.clear(contested, proven, reserve=True)

        path = f"{CLEARINGS}/{told['id']}"
        for who in (HOST, BRAND):
            assert contested.get(who, path).json["evidence"] is None
            assert contested.get(who, CLEARINGS).json["items"][0]["evidence"] is None
            assert "What became of earlier holds" not in contested.get(who, f"{path}/report").text
        assert contested.get(PLATFORM_ORG, CLEARINGS).json["items"][0]["evidence"]

    def test_is_not_kept_where_evidence_speaks_against_it(self, contested):
        told = self.clear(contested, lambda *_: [], reserve=True)

        assert demanded()[LOTS[0]].least is None
        assert told["evidence"]["doubts"] == ["too-few-holds", "too-few-prices"]
        assert "It keeps no reserve: it takes ended holds" in told["summary_en"]
        page = contested.get(PLATFORM_ORG, f"{CLEARINGS}/{told['id']}/report")
        assert "it takes ended holds of 50 hosts" in page.text

    def test_keeps_no_lot_from_a_claim(self, market):
        found = Demand(points=9, last_day=LAST_DAY, least=1_000_000, model=PROMOTED().version)
        MongoDemands().put({LOTS[0]: found})

        eventually(lambda: self.listed(market) == {LOTS[1]})
        said = market.get(HOST, f"/v1/hosts/{HOST}/offers/{LOTS[0]}/why-not").json
        assert (said["eligible"], said["reasons"], said["place"]) == (True, [], None)
        assert said["left_out"]["least_score"] == 1_000_000
        assert said["left_out"]["until"] == "2026-03-09T00:00:00.000000Z"
        assert said["left_out"]["why_en"].startswith("Others want it more")
        listed = market.get(HOST, f"/v1/hosts/{HOST}/offers/{LOTS[1]}/why-not").json
        assert listed["left_out"] is None
        assert market.claim(lot_id=LOTS[0], packs=1)

    def test_takes_no_brand_from_whom_it_fits(self, market):
        found = Demand(points=9, last_day=LAST_DAY, least=1_000_000, model=PROMOTED().version)
        MongoDemands().put(dict.fromkeys(LOTS, found))

        eventually(lambda: self.listed(market) == set())
        fitting = market.get(HOST, f"/v1/hosts/{HOST}/brands").json["brands"]
        assert [brand["brand_id"] for brand in fitting] == [BRAND]

    def listed(self, market):
        found = market.get(HOST, f"/v1/hosts/{HOST}/offers").json["items"]
        return {each["lot_id"] for each in found} & set(LOTS)


class TestWhatBecameOfHolds:
    def test_is_known_of_clearings_of_one_model_and_valuation_once_their_time_is_over(
        self, market
    ):
        asked = cleared(market)
        mine = collection("holds").find_one({"host_id": HOST})
        market.claim(lot_id=mine["lot_id"], packs=1)
        market.post(PLATFORM_ORG, CLEARINGS, DRY)
        assert clear_next(a_bench(), lambda: NOW)
        model = MongoClearings().get(asked).result.evidence.model
        ended = MongoEnded(MongoHoldLists().ended)
        over, by = NOW + timedelta(hours=48), Valuation.RECIPROCAL

        assert sorted(ended(by, model, over)) == sorted(
            EndedHold(row["host_id"], row["why"]["host_wants"], row["host_id"] == HOST)
            for row in collection("holds").find()
        )
        assert ended(by, model, over - timedelta(seconds=1)) == []
        assert ended(Valuation.HOST, model, over) == ended(by, "mdl_other", over) == []
        assert ended(by, model, NOW + timedelta(days=91)) == []


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
