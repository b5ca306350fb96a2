"""A clearing goes through its stages, is begun again when it died, and ends once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.matching.clearings.domain import (
    MOST_ATTEMPTS,
    Clearing,
    ClearingNotFound,
    PeriodCleared,
    Stage,
)
from services.matching.clearings.engine.clear import Rule
from services.matching.clearings.use_cases import (
    clear_this_week,
    request_clearing,
    week_of,
)
from tests.builders.matching import NOW, an_id, counting_ids
from tests.unit.matching.clearings.builders import a_clearing, a_result, an_order, an_outcome
from tests.unit.matching.fakes import Kept

CLEARED = "matching.clearing.cleared.v1"


class FakeClearings(Kept):
    missing = ClearingNotFound

    def find(self, clearing_id):
        return self.by_id.get(clearing_id)

    def of_period(self, period):
        standing = (
            clearing
            for clearing in self.by_id.values()
            if not clearing.order.dry_run and clearing.stage is not Stage.FAILED
        )
        return next((each for each in standing if each.order.period == period), None)


def ask(clearings, number=1, **order) -> Clearing:
    return request_clearing(
        an_id("clr", number), an_order(**order), asked_by="usr_1", clearings=clearings, now=NOW
    )


class TestStages:
    def test_a_dry_run_ends_with_its_result_and_holds_nothing(self):
        clearing = a_clearing(order=an_order(dry_run=True)).begin(now=NOW).state

        ended, (event,), _ = clearing.settle(a_result(), now=NOW)

        assert (ended.stage, ended.held, ended.ended_at) == (Stage.CLEARED, 0, NOW)
        assert (event.type, event.dry_run, event.holds, event.assignments) == (CLEARED, True, 0, 2)
        assert event.gap_millionths == 0

    def test_another_goes_on_to_hold_and_tells_when_it_is_done(self):
        clearing = a_clearing().begin(now=NOW).state

        settled, events, _ = clearing.settle(a_result(), now=NOW)

        assert (settled.stage, events) == (Stage.HOLDING, ())
        ended, (event,), _ = settled.end(2, now=NOW)
        assert (ended.stage, ended.held, event.holds) == (Stage.CLEARED, 2, 2)

    def test_one_that_died_before_its_result_is_begun_anew(self):
        again = a_clearing(stage=Stage.SOLVING, attempts=1).begin(now=NOW).state

        assert (again.stage, again.attempts) == (Stage.GATHERING, 2)

    def test_one_that_died_while_it_held_goes_on_there(self):
        died = a_clearing(stage=Stage.HOLDING, attempts=1, result=a_result())

        again = died.begin(now=NOW).state

        assert (again.stage, again.attempts, again.result) == (Stage.HOLDING, 2, died.result)

    def test_one_that_died_often_while_it_held_still_goes_on(self):
        died = a_clearing(stage=Stage.HOLDING, attempts=MOST_ATTEMPTS, result=a_result())

        again = died.begin(now=NOW).state

        assert (again.stage, again.failure) == (Stage.HOLDING, None)

    def test_one_that_always_dies_before_its_result_fails(self):
        failed, events, _ = a_clearing(attempts=MOST_ATTEMPTS).begin(now=NOW)

        assert (failed.stage, events) == (Stage.FAILED, ())
        assert "3 attempts" in failed.failure

    def test_tells_what_first_come_would_lose(self):
        figures = a_result().figures

        assert figures.lost_basis_points == 2_000
        nothing = replace(figures, cleared=an_outcome(value=0), first_come=an_outcome(value=0))
        assert nothing.lost_basis_points == 0


class TestRequestClearing:
    def test_is_one_a_period_for_those_that_hold(self):
        clearings = FakeClearings()
        ask(clearings)

        with pytest.raises(PeriodCleared) as refused:
            ask(clearings, 2)

        assert refused.value.members == {"clearing_id": an_id("clr", 1)}
        assert clearings.writes == 1
        assert ask(clearings, 3, period="2026-w10").stage is Stage.WAITING
        assert ask(clearings, 4, dry_run=True).stage is Stage.WAITING
        assert ask(clearings, 5, dry_run=True).stage is Stage.WAITING

    def test_is_asked_once_under_one_id(self):
        clearings = FakeClearings()

        assert ask(clearings) == ask(clearings, rule=Rule.NO_ENVY)
        assert clearings.writes == 1

    def test_may_follow_one_that_failed(self):
        clearings = FakeClearings(a_clearing(stage=Stage.FAILED))

        assert ask(clearings, 2).stage is Stage.WAITING


class TestTheSchedule:
    def test_asks_once_a_week_of_chinas_calendar(self):
        clearings, ids = FakeClearings(), counting_ids()

        first = clear_this_week(reserve=False, clearings=clearings, ids=ids, now=NOW)

        assert (first.order.period, first.order.dry_run) == ("2026-w09", False)
        assert clear_this_week(reserve=False, clearings=clearings, ids=ids, now=NOW) is None
        # Sunday evening in UTC is Monday in China.
        monday = NOW.replace(hour=16)
        assert week_of(monday) == "2026-w10"
        later = clear_this_week(reserve=True, clearings=clearings, ids=ids, now=monday)
        assert (first.order.reserve, later.order.reserve) == (False, True)
