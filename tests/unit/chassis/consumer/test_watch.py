"""What a Kafka client keeps to itself is found out from outside."""

from __future__ import annotations

import pytest

from chassis.consumer import watch as watching
from chassis.consumer.watch import NO_ASSIGNMENT, Watch
from chassis.pace import Pace

PARTITION = "lots-0"
PACE = Pace(broker_check=1.0, stall=30.0, assignment=15.0)


class QuietCluster:
    """A broker on which nothing changes."""

    def states(self, topics, *, fresh_within_seconds=0.0):
        return {}


class StubConsumer:
    """One partition that is read up to ``at``; the log ends at ``end``."""

    def __init__(self, *, at, end, is_paused=False):
        self.at, self.end, self.is_paused = at, end, is_paused

    def assignment(self):
        return {PARTITION}

    def paused(self):
        return {PARTITION} if self.is_paused else set()

    def highwater(self, partition):
        return self.end

    def position(self, partition, timeout_ms):
        return self.at


@pytest.fixture
def clock(monkeypatch):
    """Moves the watch's time by hand."""

    class Clock:
        now = 1_000.0

        def pass_(self, seconds):
            self.now += seconds

    clock = Clock()
    monkeypatch.setattr(watching.time, "monotonic", lambda: clock.now)
    return clock


@pytest.fixture
def watch(clock):
    """Of a consumer that has its partition."""
    watch = Watch("matching.projection", QuietCluster(), PACE, session_ms=3_000)
    watch.begin(["lots"])
    watch.won([PARTITION])
    watch._is_new = False
    return watch


def verdicts(watch, clock, consumer, *, seconds):
    """What it says, looked at once a second."""
    said = []
    for _ in range(seconds):
        clock.pass_(1.0)
        said.append(watch.look(consumer))
    return said


class TestWatch:
    def test_lets_a_consumer_be_that_has_read_everything(self, watch, clock):
        consumer = StubConsumer(at=10, end=10)

        assert set(verdicts(watch, clock, consumer, seconds=120)) == {""}

    def test_calls_one_stalled_that_is_behind_and_does_not_move(self, watch, clock):
        consumer = StubConsumer(at=10, end=20)

        said = verdicts(watch, clock, consumer, seconds=40)

        assert said.index("stalled") == PACE.stall + 1

    def test_waits_for_one_that_is_slow_but_moves(self, watch, clock):
        consumer = StubConsumer(at=10, end=1_000)

        for _ in range(60):
            consumer.at += 1
            assert verdicts(watch, clock, consumer, seconds=2) == ["", ""]

    def test_does_not_blame_one_that_was_told_to_pause(self, watch, clock):
        consumer = StubConsumer(at=10, end=20, is_paused=True)

        assert set(verdicts(watch, clock, consumer, seconds=120)) == {""}

    def test_notices_a_position_that_the_log_does_not_reach(self, watch, clock):
        consumer = StubConsumer(at=1_300, end=1)

        assert verdicts(watch, clock, consumer, seconds=1) == ["beyond-the-end"]

    def test_gives_up_on_a_group_that_lets_nobody_in(self, watch, clock):
        watch.lost([PARTITION])

        said = verdicts(watch, clock, StubConsumer(at=0, end=0), seconds=20)

        assert said.index(NO_ASSIGNMENT) == PACE.assignment
