"""Waiting ends with the first success, and shows the last failure."""

from __future__ import annotations

import time

import pytest

from chassis.testing.patience import eventually


class TestEventually:
    def test_gives_the_first_good_answer_back(self):
        answers = iter([False, None, "tea", "more"])

        assert eventually(lambda: next(answers)) == "tea"

    def test_counts_zero_and_empty_as_answers(self):
        assert eventually(lambda: 0) == 0
        assert eventually(list) == []

    def test_repeats_what_only_asserts(self):
        tries = []

        def assertion():
            tries.append(1)
            assert len(tries) == 3
            return True

        eventually(assertion)

        assert len(tries) == 3

    def test_shows_the_last_failure(self):
        def assertion():
            raise AssertionError("no tea yet")

        with pytest.raises(AssertionError, match="no tea yet"):
            eventually(assertion, within_seconds=0.05)

    def test_lets_other_errors_pass_at_once(self):
        def broken():
            raise ZeroDivisionError

        started = time.monotonic()
        with pytest.raises(ZeroDivisionError):
            eventually(broken, within_seconds=5)

        assert time.monotonic() - started < 1

    def test_gives_up_in_time(self):
        started = time.monotonic()

        with pytest.raises(AssertionError, match="still not so"):
            eventually(lambda: False, within_seconds=0.2)

        assert 0.2 <= time.monotonic() - started < 1
