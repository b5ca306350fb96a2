from __future__ import annotations

import pytest

from teahouse.demo.journey.crew import TooLate, await_that, together


class Steps:
    def __init__(self):
        self.expected = 0
        self.done = 0

    def expect(self, more):
        self.expected += more

    def step(self, count=1):
        self.done += count


class TestTogether:
    def test_answers_in_the_order_of_the_items(self):
        stage = Steps()

        assert together(lambda number: number * 2, range(30), stage) == list(range(0, 60, 2))
        assert (stage.expected, stage.done) == (30, 30)

    def test_raises_what_went_wrong(self):
        with pytest.raises(ZeroDivisionError):
            together(lambda number: 1 // number, [2, 1, 0], Steps())


class TestAwaitThat:
    def test_looks_until_there_is_something(self):
        seen = iter([None, None, "there"])

        assert await_that("it", lambda: next(seen), poll_seconds=0) == "there"

    def test_takes_what_is_false_for_something(self):
        assert await_that("it", lambda: 0, poll_seconds=0) == 0

    def test_names_what_did_not_come(self):
        with pytest.raises(TooLate, match="the slot"):
            await_that("the slot", lambda: None, timeout_seconds=0, poll_seconds=0)
