"""The consumer dies at any step: its events come again, and have one effect."""

from __future__ import annotations

import time

import pytest

# One killed in a transaction leaves it open; mongod ends it after 10 s, looking every 5.
ORPHAN_SECONDS = 15
GRACE_SECONDS = 10
BUSY_MACHINE_SECONDS = 20


@pytest.mark.parametrize("point", ["C1", "C2", "C3", "C4"])
def test_kill_consumer_at(pair, point):
    pair.start("catalog")
    doomed = pair.start("matching", TEAHOUSE_CRASH_AT=f"{point}:3")
    pair.warm_up()

    pair.publish(range(1, 5), range(1, 6))
    pair.publish_until(lambda: not doomed.is_alive())
    pair.start("matching")
    died_at = time.monotonic()
    pair.publish(range(5, 9), range(1, 6))

    assert doomed.exit_code == 137
    pair.settle()
    seconds = time.monotonic() - died_at
    bound = pair.session_seconds + GRACE_SECONDS + BUSY_MACHINE_SECONDS
    assert seconds < bound + (ORPHAN_SECONDS if point == "C2" else 0)


def test_another_member_of_the_group_takes_over(pair):
    pair.start("catalog")
    first = pair.start("matching")
    pair.warm_up()
    pair.start("matching")

    first.kill()
    pair.publish(range(1, 9), range(1, 6))

    pair.settle()
