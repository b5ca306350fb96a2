"""When a failing peer is left alone."""

from __future__ import annotations

import threading

import pytest

from chassis.breaker import Breaker, CircuitOpen


class Hand:
    """A clock moved by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def fail() -> None:
    raise ConnectionError


def failing(breaker: Breaker, times: int) -> None:
    for _ in range(times):
        with pytest.raises(ConnectionError):
            breaker.call(fail)


class TestBreaker:
    def test_stays_closed_until_there_are_enough_calls_to_judge(self):
        breaker = Breaker(Hand())

        failing(breaker, 19)

        assert breaker.call(lambda: "tea") == "tea"

    def test_opens_when_half_of_twenty_calls_failed(self):
        breaker = Breaker(Hand())
        for _ in range(10):
            breaker.call(lambda: None)

        failing(breaker, 10)

        with pytest.raises(CircuitOpen):
            breaker.call(lambda: None)

    def test_forgets_failures_of_long_ago(self):
        clock = Hand()
        breaker = Breaker(clock)
        failing(breaker, 19)
        clock.now = 11.0

        failing(breaker, 1)

        assert breaker.call(lambda: "tea") == "tea"

    def test_closes_again_after_a_good_probe(self):
        clock = Hand()
        breaker = Breaker(clock)
        failing(breaker, 20)
        clock.now = 5.0

        assert breaker.call(lambda: "tea") == "tea"
        assert breaker.call(lambda: "more") == "more"

    def test_stays_open_after_a_bad_probe(self):
        clock = Hand()
        breaker = Breaker(clock)
        failing(breaker, 20)
        clock.now = 5.0
        failing(breaker, 1)

        clock.now = 9.0

        with pytest.raises(CircuitOpen):
            breaker.call(lambda: None)

    def test_lets_calls_run_side_by_side(self):
        breaker, both = Breaker(), threading.Barrier(2, timeout=5)
        threads = [threading.Thread(target=lambda: breaker.call(both.wait)) for _ in range(2)]

        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert not both.broken
