from __future__ import annotations

import pytest
import requests

from teahouse.demo import readings
from teahouse.demo.readings import APPLIED, QUEUES, NoReading, NotQuiet, Reading, await_quiet

EXPOSITION = """# HELP teahouse_outbox_pending Outbox rows not yet sent
# TYPE teahouse_outbox_pending gauge
teahouse_outbox_pending 2.0
# HELP teahouse_events_applied_total Events whose handler committed
# TYPE teahouse_events_applied_total counter
teahouse_events_applied_total{group="catalog.commands"} 5.0
teahouse_events_applied_total{group="catalog.claims"} 7.0
# HELP teahouse_duplicates_dropped_total Events seen before
# TYPE teahouse_duplicates_dropped_total counter
"""


def a_reading(applied: int = 10, **waiting: int) -> Reading:
    queues = dict.fromkeys(QUEUES, 0) | {f"teahouse_{name}": n for name, n in waiting.items()}
    return Reading(queues | {APPLIED: applied})


class TestRead:
    def test_adds_up_processes_and_labels(self, monkeypatch):
        answer = requests.Response()
        answer.status_code = 200
        answer._content = EXPOSITION.encode()
        monkeypatch.setattr(requests, "get", lambda *_args, **_more: answer)

        reading = readings.read(["http://one", "http://two"])

        assert reading.total(APPLIED) == 24
        assert reading.total("teahouse_outbox_pending") == 4
        assert reading.total("teahouse_duplicates_dropped_total") == 0

    def test_raises_for_a_process_that_does_not_answer(self, monkeypatch):
        def refuse(*_args, **_more):
            raise requests.ConnectionError("refused")

        monkeypatch.setattr(requests, "get", refuse)

        with pytest.raises(NoReading, match="http://one"):
            readings.read(["http://one"])


class TestTotal:
    def test_takes_an_unknown_name_for_an_error(self):
        with pytest.raises(NoReading, match="teahouse_sold"):
            a_reading().total("teahouse_sold")


class TestAwaitQuiet:
    def quiet(self, *turns):
        left = list(turns)

        def take():
            turn = left.pop(0)
            if isinstance(turn, Exception):
                raise turn
            return turn

        reading = await_quiet(take, within_seconds=60, look_seconds=0)
        return reading, len(left)

    def test_wants_two_readings_alike(self):
        found, left = self.quiet(a_reading(10), a_reading(11), a_reading(11), a_reading(11))

        assert (found.total(APPLIED), left) == (11, 1)

    def test_waits_for_every_queue(self):
        found, left = self.quiet(
            a_reading(10, outbox_pending=1),
            a_reading(10, sagas_open=1),
            a_reading(10),
            a_reading(10),
        )

        assert (found.waiting, left) == ({}, 0)

    def test_waits_for_a_process_that_is_being_started(self):
        _, left = self.quiet(a_reading(10), NoReading("catalog"), a_reading(10), a_reading(10))

        assert left == 0

    def test_names_what_is_under_way_when_time_is_over(self):
        with pytest.raises(NotQuiet, match="teahouse_consumer_lag"):
            await_quiet(lambda: a_reading(consumer_lag=3), within_seconds=0, look_seconds=0)
