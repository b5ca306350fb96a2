"""One bad row waits, and stops nobody."""

from __future__ import annotations

import pytest
from pymongo.errors import AutoReconnect

from chassis import metrics
from chassis.turns import LONGEST_WAIT_SECONDS, Turns


class Task:
    """Three rows, of which the second is bad until it is mended."""

    def __init__(self):
        self.now, self.done, self.tried, self.is_bad = 0.0, [], [], True
        self.turns = Turns("task", lambda: self.now)

    def run(self):
        return sum(self.turns.take(row, lambda row=row: self.step(row)) for row in "abc")

    def step(self, row):
        self.tried.append(row)
        if row == "b" and self.is_bad:
            raise ValueError("bad")
        self.done.append(row)
        return True


@pytest.fixture
def task():
    return Task()


def failures():
    return metrics.TASK_FAILURES.labels("task:row")._value.get()


def test_the_others_have_their_turn_and_the_failure_is_counted(task):
    before = failures()

    assert task.run() == 2

    assert task.done == ["a", "c"]
    assert (list(task.turns), len(task.turns), failures() - before) == (["b"], 1, 1)
    assert "b" in task.turns


def test_a_bad_row_waits_twice_as_long_each_time(task):
    tries = []
    for second in range(5_000):
        task.now = float(second)
        before = len(task.tried)
        task.run()
        if "b" in task.tried[before:]:
            tries.append(second)

    assert tries[:6] == [0, 1, 3, 7, 15, 31]
    assert tries[-1] - tries[-2] == LONGEST_WAIT_SECONDS


def test_a_row_that_is_mended_is_as_any_other(task):
    task.run()
    task.is_bad, task.now = False, 1.0

    assert task.run() == 3

    assert len(task.turns) == 0


@pytest.mark.parametrize("away", [ConnectionError("peer"), AutoReconnect("database")])
def test_that_somebody_is_away_is_no_fault_of_a_row(task, away):
    def step():
        raise away

    with pytest.raises(type(away)):
        task.turns.take("a", step)

    assert len(task.turns) == 0
