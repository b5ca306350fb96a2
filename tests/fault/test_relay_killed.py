"""The relay dies at any step: another takes over, and duplicates stay on the wire."""

from __future__ import annotations

import time

import pytest

GRACE_SECONDS = 3
BUSY_MACHINE_SECONDS = 20


@pytest.mark.parametrize("point", ["R1", "R2", "R3", "R4"])
def test_kill_relay_at(pair, point):
    doomed = pair.start("catalog", TEAHOUSE_CRASH_AT=f"{point}:3")
    pair.start("matching")
    pair.warm_up()
    pair.start("catalog")

    pair.publish(range(1, 5), range(1, 4))
    pair.publish_until(lambda: not doomed.is_alive())
    died_at = time.monotonic()
    pair.publish(range(5, 9), range(1, 4))

    assert doomed.exit_code == 137
    pair.settle()
    assert time.monotonic() - died_at < pair.pace.lease + GRACE_SECONDS + BUSY_MACHINE_SECONDS


def test_paused_relay_wakes_up_to_a_new_leader(pair):
    sleeper = pair.start("catalog")
    pair.start("matching")
    pair.warm_up()
    sleeper.pause()
    pair.publish(range(1, 5), range(1, 6))
    pair.start("catalog")
    pair.settle()

    sleeper.resume()
    pair.publish(range(1, 5), range(6, 11))

    pair.settle()
