"""What the processes say of themselves on their internal ports: counts, queues, quiet."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import requests
from prometheus_client.parser import text_string_to_metric_families

from teahouse.demo.trouble import DemoTrouble

TIMEOUT_SECONDS = 5.0
LOOK_SECONDS = 0.5

# Nothing is under way while all of these are zero everywhere.
QUEUES = (
    "teahouse_outbox_pending",
    "teahouse_inbox_pending",
    "teahouse_consumer_lag",
    "teahouse_sagas_open",
    "teahouse_ledger_projection_lag",
)
PUBLISHED = "teahouse_events_published_total"
APPLIED = "teahouse_events_applied_total"
DUPLICATES = "teahouse_duplicates_dropped_total"
DEAD_LETTERS = "teahouse_dead_letters_open"


class NotQuiet(DemoTrouble):
    """Work was still under way after all the time there was."""


class NoReading(DemoTrouble):
    """A process did not give its metrics."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The metrics of all processes at one moment, added up over processes and labels."""

    totals: Mapping[str, float]

    def total(self, name: str) -> int:
        """A metric added up; a name that no process knows is an error."""
        if name not in self.totals:
            raise NoReading(f"no process gives {name}")
        return int(self.totals[name])

    @property
    def waiting(self) -> dict[str, int]:
        """The queues that are not empty."""
        counts = {name: self.total(name) for name in QUEUES}
        return {name: count for name, count in counts.items() if count}


def read(addresses: Sequence[str]) -> Reading:
    """Read ``/metrics`` at every address; raise ``NoReading`` when one does not answer."""
    totals: dict[str, float] = {}
    for address in addresses:
        for family in text_string_to_metric_families(_fetch(address)):
            # A metric with labels has no sample before something happened: that is a zero.
            name = f"{family.name}_total" if family.type == "counter" else family.name
            totals.setdefault(name, 0.0)
            for sample in family.samples:
                totals[sample.name] = totals.get(sample.name, 0.0) + sample.value
    return Reading(totals)


def await_quiet(
    take: Callable[[], Reading], *, within_seconds: float, look_seconds: float = LOOK_SECONDS
) -> Reading:
    """Wait until nothing is under way; raise ``NotQuiet`` naming what still was.

    Two readings in a row must find every queue empty and the same number of events
    applied, for a gauge may be a moment old. A process that gives no reading is being
    started again, and counts as work under way.
    """
    deadline = time.monotonic() + within_seconds
    applied_before: int | None = None
    while True:
        try:
            reading = take()
            waiting = str(reading.waiting or "")
            applied = reading.total(APPLIED)
        except NoReading as error:
            waiting, applied = str(error), None
        if not waiting and applied == applied_before:
            return reading
        applied_before = None if waiting else applied
        if time.monotonic() > deadline:
            raise NotQuiet(f"after {within_seconds:g} s: {waiting or 'events still arrive'}")
        time.sleep(look_seconds)


def _fetch(address: str) -> str:
    try:
        answer = requests.get(f"{address}/metrics", timeout=TIMEOUT_SECONDS)
        answer.raise_for_status()
    except requests.RequestException as error:
        raise NoReading(f"{address}: {error}") from error
    return answer.text
