from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chassis import clock, mongo

pytestmark = pytest.mark.usefixtures("database")

DAY = timedelta(days=1)


def ahead(moment: datetime) -> timedelta:
    return moment - datetime.now(UTC)


class TestSandboxClock:
    def test_is_real_time_until_it_is_moved(self):
        assert abs(ahead(clock.SandboxClock()())) < timedelta(seconds=5)

    def test_follows_when_it_is_moved(self):
        sandbox = clock.SandboxClock()

        clock.move(DAY.total_seconds())

        assert abs(ahead(sandbox()) - DAY) < timedelta(seconds=5)

    def test_follows_within_a_transaction_too(self):
        sandbox = clock.SandboxClock()

        def move_and_look() -> datetime:
            mongo.collection("sandbox_clock").find_one()  # the snapshot begins here
            return sandbox()

        clock.move(DAY.total_seconds())

        assert abs(ahead(mongo.atomically(move_and_look)) - DAY) < timedelta(seconds=5)
