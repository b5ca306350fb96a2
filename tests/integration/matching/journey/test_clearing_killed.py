"""Clearings whose process dies: begun anew or taken up, and nothing is done twice."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from chassis.mongo import collection
from chassis.testing.patience import eventually
from services.matching.clearings import handlers
from services.matching.clearings.adapters.solving import SolvedApart
from services.matching.clearings.domain import MOST_ATTEMPTS, Stage, market_of
from services.matching.clearings.engine.clear import clear
from services.matching.clearings.handlers import clear_next
from services.matching.clearings.repositories import MongoAssignments, MongoClearings
from services.matching.clearings.use_cases import SolverFailed
from services.matching.offers.repositories import MongoShelf
from tests.builders.matching import (
    NOW,
    PLATFORM_ORG,
)
from tests.integration.matching.journey.clearing import (
    CLEARINGS,
    LOTS,
    WET,
    Killed,
    a_bench,
    die,
)
from tests.unit.matching.clearings.builders import an_order, gathered

ROOT = Path(__file__).parents[4]
# Holds one pack, and would go on an hour later.
A_WORKER = """
import time
from chassis.mongo import connect
from services.matching.clearings.handlers import clear_next
from services.matching.clearings.repositories import MongoClearings
from services.matching.clearings.use_cases import running
from tests.integration.matching.journey.clearing import NOW, a_bench

class Slow(MongoClearings):
    def tell(self, clearing_id, stage, done, total):
        if stage == "holding":
            time.sleep(3600)

running.HELD_AT_ONCE = 1
connect("{uri}")
clear_next(a_bench(clearings=Slow()), lambda: NOW)
"""


class TestAProcessThatDies:
    @pytest.mark.parametrize("at", [1, 2, 3])
    def test_before_the_result_leaves_a_clearing_that_is_begun_anew(self, market, at):
        clearing_id = market.post(PLATFORM_ORG, CLEARINGS, WET).json["id"]
        deaths = {1: {"gather": die}, 2: {"solve": die}, 3: {"wait": die}}

        with pytest.raises(Killed):
            clear_next(a_bench(**deaths[at]), lambda: NOW)
        died = MongoClearings().get(clearing_id)
        assert died.stage in {Stage.GATHERING, Stage.SOLVING, Stage.HOLDING}
        assert clear_next(a_bench(), lambda: NOW)

        again = MongoClearings().get(clearing_id)
        assert (again.stage, again.attempts, again.held) == (Stage.CLEARED, 2, 2)
        assert collection("holds").count_documents({}) == 2
        assert collection("clearing_assignments").count_documents({}) == 2
        assert market.facts(clearing_id) == ["matching.clearing.cleared.v1"]

    def test_while_it_holds_is_taken_up_where_it_stopped(self, market, monkeypatch):
        clearing_id = market.post(PLATFORM_ORG, CLEARINGS, WET).json["id"]
        monkeypatch.setattr("services.matching.clearings.use_cases.running.HELD_AT_ONCE", 1)

        class DiesAfterOne(MongoClearings):
            def tell(self, clearing_id, stage, done, total):
                if stage is Stage.HOLDING:
                    raise Killed
                super().tell(clearing_id, stage, done, total)

        with pytest.raises(Killed):
            clear_next(a_bench(clearings=DiesAfterOne()), lambda: NOW)
        assert collection("holds").count_documents({}) == 1
        assert clear_next(a_bench(gather=die, solve=die), lambda: NOW)

        again = MongoClearings().get(clearing_id)
        assert (again.stage, again.held) == (Stage.CLEARED, 2)
        assert collection("holds").count_documents({}) == 2

    def test_while_it_holds_again_and_again_still_keeps_its_period(self, market):
        clearing_id = market.post(PLATFORM_ORG, CLEARINGS, WET).json["id"]

        for _ in range(MOST_ATTEMPTS + 1):
            with pytest.raises(Killed):
                clear_next(a_bench(wait=die), lambda: NOW)

        assert market.post(PLATFORM_ORG, CLEARINGS, WET).json["code"] == "period-cleared"
        assert clear_next(a_bench(), lambda: NOW)
        again = MongoClearings().get(clearing_id)
        assert (again.stage, again.held) == (Stage.CLEARED, 2)

    def test_by_a_signal_in_the_middle_of_holding_doubles_nothing(self, market):
        clearing_id = market.post(PLATFORM_ORG, CLEARINGS, WET).json["id"]
        uri = market.worker.settings.mongo_uri
        worker = subprocess.Popen([sys.executable, "-c", A_WORKER.format(uri=uri)], cwd=ROOT)
        try:
            eventually(lambda: collection("holds").count_documents({}) == 1, within_seconds=30)
        finally:
            worker.kill()
            worker.wait()

        assert MongoClearings().get(clearing_id).stage is Stage.HOLDING
        assert clear_next(a_bench(gather=die, solve=die), lambda: NOW)

        again = MongoClearings().get(clearing_id)
        assert (again.stage, again.attempts, again.held) == (Stage.CLEARED, 2, 2)
        assert collection("holds").count_documents({}) == 2

    def test_one_that_was_only_slow_gives_way_to_the_next(self, market):
        clearing_id = market.post(PLATFORM_ORG, CLEARINGS, WET).json["id"]

        def solve_while_another_does_it(problem, policy):
            assert clear_next(a_bench(), lambda: NOW)
            return clear(problem, policy)

        assert clear_next(a_bench(solve=solve_while_another_does_it), lambda: NOW)

        done = MongoClearings().get(clearing_id)
        assert (done.stage, done.attempts, done.result.attempt) == (Stage.CLEARED, 2, 2)
        shown = market.get(PLATFORM_ORG, f"{CLEARINGS}/{clearing_id}/assignments").json["items"]
        assert [each["fate"] for each in shown] == ["held", "held"]

    def test_a_solver_that_fails_ends_the_clearing_and_its_words_are_not_for_all(self, market):
        clearing_id = market.post(PLATFORM_ORG, CLEARINGS, WET).json["id"]
        broken = SolvedApart(command=("/bin/sh", "-c", "echo out of memory >&2; exit 9"))

        with capture_logs() as told:
            assert clear_next(a_bench(solve=broken), lambda: NOW)

        failed = market.get(PLATFORM_ORG, f"{CLEARINGS}/{clearing_id}").json
        assert failed["stage"] == "failed"
        assert failed["failure"] == "the solver ended with 9"
        assert [each["said"] for each in told if "said" in each] == ["out of memory\n"]
        assert market.post(PLATFORM_ORG, CLEARINGS, WET).status_code == 202

    def test_a_choice_that_nothing_proves_ends_it_at_once_with_the_reason(self, market):
        clearing_id = market.post(PLATFORM_ORG, CLEARINGS, WET).json["id"]

        def boast(problem, policy):
            return replace(clear(problem, policy), objective=10**9)

        assert clear_next(a_bench(solve=boast), lambda: NOW)

        failed = MongoClearings().get(clearing_id)
        assert (failed.stage, failed.attempts) == (Stage.FAILED, 1)
        assert failed.failure == "the choice is not worth what is said"
        assert collection("clearing_assignments").count_documents({}) == 0

    def test_a_solver_that_takes_too_long_is_ended(self):
        slow = SolvedApart(longest_seconds=0.2, command=("/bin/sleep", "20"))

        with pytest.raises(SolverFailed, match="no answer within"):
            slow(market_of(gathered()), an_order().policy)


class TestALargeClearing:
    def test_announces_some_lots_at_a_time(self, market, monkeypatch):
        monkeypatch.setattr(handlers, "ANNOUNCED_AT_ONCE", 1, raising=False)
        market.post(PLATFORM_ORG, CLEARINGS, WET)

        class DiesAfterOne(MongoShelf):
            def announce(self, lot_ids, until):
                if self.announced():
                    raise Killed
                super().announce(lot_ids, until)

            def announced(self):
                return collection("offers").count_documents({"turns_until": {"$ne": None}})

        desk = a_bench().desk._replace(shelf=DiesAfterOne())
        with pytest.raises(Killed):
            clear_next(a_bench(desk=desk), lambda: NOW)

        assert DiesAfterOne().announced() == 1
        assert clear_next(a_bench(), lambda: NOW)
        assert DiesAfterOne().announced() == len(LOTS)

    def test_tidies_up_before_it_ends_whatever_becomes_of_that(self, market):
        clearing_id = market.post(PLATFORM_ORG, CLEARINGS, WET).json["id"]

        class DiesOnceStored(MongoAssignments):
            def put(self, assignments):
                super().put(assignments)
                raise Killed

        class DiesAtTheEnd(MongoAssignments):
            def held(self, clearing_id, attempt):
                raise Killed

        for deadly in (DiesOnceStored(), DiesAtTheEnd()):
            with pytest.raises(Killed):
                clear_next(a_bench(assignments=deadly), lambda: NOW)

        assert collection("clearing_assignments").distinct("attempt") == [2]
        assert clear_next(a_bench(), lambda: NOW)
        assert MongoClearings().get(clearing_id).held == 2
