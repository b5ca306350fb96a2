"""How fast the relay empties a backlog: ``python -m benchmarks.relay``."""

from __future__ import annotations

import argparse
import time

from benchmarks.backbone import describe, fill_outbox, machinery
from chassis.cluster import Cluster
from chassis.mongo import collection
from chassis.outbox import PENDING
from chassis.pace import Pace
from chassis.relay import Relay
from chassis.settings import Settings

BAR = 4_000


def drain(settings: Settings, rows: int) -> float:
    """Rows a second from a full outbox to the last acknowledged and marked."""
    collection("outbox").delete_many({})
    fill_outbox(rows)
    relay = Relay(settings, Cluster(settings), Pace())
    started = time.perf_counter()
    while relay.step():
        pass
    seconds = time.perf_counter() - started
    relay.close()
    left = collection("outbox").count_documents({"state": PENDING})
    if left:
        raise AssertionError(f"{left} rows were left behind")
    return rows / seconds


def main() -> None:
    """Run it a few times and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()
    with machinery() as settings:
        figures = [drain(settings, asked.rows) for _ in range(asked.runs)]
    describe(f"relay, backlog of {asked.rows:,}", figures, "rows/s", BAR)


if __name__ == "__main__":
    main()
