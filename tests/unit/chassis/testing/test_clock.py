"""The clock in a test's hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chassis.testing.clock import START, FakeClock


class TestFakeClock:
    def test_stands_still(self):
        clock = FakeClock()

        assert clock() == clock() == START

    def test_moves_when_told(self):
        clock = FakeClock()

        assert clock.advance(days=1, hours=2, seconds=3) == clock()
        assert clock() - START == timedelta(days=1, hours=2, seconds=3)

    def test_jumps(self):
        clock = FakeClock()

        clock.set(datetime(2030, 1, 1, tzinfo=UTC))

        assert clock().year == 2030

    def test_refuses_a_time_without_a_zone(self):
        with pytest.raises(ValueError, match="zone"):
            FakeClock(datetime(2030, 1, 1))  # noqa: DTZ001 - what is refused
