"""What requests cost while the broker is away: ``python -m benchmarks.broker_away``.

The peer in the same run is the same request with the broker there, before and after.
"""

from __future__ import annotations

import secrets
import tempfile
import time
from pathlib import Path

from benchmarks.claims import percentiles
from benchmarks.machine import machine
from teahouse.demo.journey.parties import Party, Person
from teahouse.demo.journey.wire import Wire
from teahouse.suite import Suite

SERVICES = ("identity", "catalog")
REQUESTS, A_SECOND = 300, 25.0
ROOM = {"name": "Room", "city": "Beijing", "capacity": 20, "equipment": []}


def an_owner(suite: Suite) -> Party:
    """Somebody who opens rooms, each a write with one event."""
    wire = Wire({name: suite.public_url(name) for name in SERVICES})
    owner = Person(
        wire,
        email=f"{secrets.token_hex(6)}@example.com",
        password=secrets.token_hex(8),
        name="Owner",
    )
    owner.register()
    return owner.found("venue", "Tea house", "Beijing")


def paced(owner: Party) -> list[float]:
    """How long each of so many requests took, in seconds, at an even pace."""
    took, started = [], time.perf_counter()
    for number in range(REQUESTS):
        time.sleep(max(0.0, started + number / A_SECOND - time.perf_counter()))
        since = time.perf_counter()
        owner.post("catalog", "/v1/venues", ROOM)
        took.append(time.perf_counter() - since)
    return took


def main() -> None:
    """Measure with the broker, without it, and with it again."""
    print(machine())
    with (
        tempfile.TemporaryDirectory() as folder,
        Suite(Path(folder), port_base=19_300, services=SERVICES) as suite,
    ):
        owner = an_owner(suite)
        paced(owner)  # everything warm
        before = paced(owner)
        suite.hold("broker")
        away = paced(owner)
        suite.release("broker")
        after = paced(owner)
        if owner.person.wire.repeats:
            raise AssertionError("a request was not answered at once")
    print(f"with the broker:    {percentiles(before)}; and again {percentiles(after)}")
    print(f"without the broker: {percentiles(away)}; {REQUESTS} of {REQUESTS} answered 2xx")


if __name__ == "__main__":
    main()
