"""What a process pays until it can rank 100,000 lots: all read, or from a snapshot.

``python -m benchmarks.matching_start``. Each start is a process of its own; they take turns,
and all must rank the same. A snapshot a thousand facts old has them applied first.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil

from benchmarks.ledger_load import a_mongod
from benchmarks.machine import machine
from benchmarks.matching_market import Market
from benchmarks.matching_shelf import fill
from chassis import mongo
from chassis.kernel.time import system_clock
from chassis.mongo import collection
from services.matching.communities.repositories import MongoCommunities
from services.matching.models.adapters import PromotedModels
from services.matching.models.documents import MODELS
from services.matching.models.repositories import MongoModels
from services.matching.offers.adapters import LiveRanking, RecentHosts, RecentLots, Snapshots
from services.matching.offers.adapters import snapshots as kept
from services.matching.offers.engine.facts import HostFacts
from services.matching.pictures.repositories import MongoPictures

LOTS, CHANGED = 100_000, 1_000
GIVE_UP_SECONDS, WRITE_SECONDS = 120, 60
ANYBODY = HostFacts(host_id="org_anybody", reach={"city-1": 900}, largest=900)


def starts(uri: str, rounds: int = 3) -> dict[str, float]:
    """Seconds, processor and memory of a start with all read, from a snapshot, from an old one."""
    with TemporaryDirectory(prefix="teahouse-bench-") as folder:
        _start(uri, folder, "keep")
        runs: dict[str, list[dict[str, Any]]] = {"cold_start": [], "warm_start": []}
        for _ in range(rounds):
            runs["cold_start"].append(_start(uri, ""))
            runs["warm_start"].append(_start(uri, folder))
        lots = [row["_id"] for row in collection("offers").find({}, {"_id": 1}).limit(CHANGED)]
        for lot_id in lots:
            collection("offers").update_one({"_id": lot_id}, {"$inc": {"packs_free": 1}})
        runs["warm_start_changed"] = [_start(uri, folder) for _ in range(rounds)]
        changed = {_start(uri, "")["best"], *(run["best"] for run in runs["warm_start_changed"])}
        same = {run["best"] for name in ("cold_start", "warm_start") for run in runs[name]}
        size = (Path(folder) / kept.NAME).stat().st_size
    if len(same) > 1 or len(changed) > 1:
        raise AssertionError("a warm start ranks otherwise")
    found = {
        f"{name}_{unit}": statistics.median(run[unit] for run in each)
        for name, each in runs.items()
        for unit in ("s", "cpu_s", "mib")
    }
    return found | {"snapshot_mib": size / 2**20}


def _start(uri: str, folder: str, *more: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.matching_start", uri, folder, *more]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - ours
    found: dict[str, Any] = json.loads(answer.stdout.splitlines()[-1])
    return found


def start(uri: str, folder: str, *, keep: bool) -> None:
    """Start a ranking in this process and print what it took."""
    mongo.connect(uri)
    if keep:
        kept.EVERY_SECONDS = 0.0
    ranking = LiveRanking(
        system_clock,
        PromotedModels(MongoModels()).ranking,
        models=MODELS,
        lots=RecentLots(),
        hosts=RecentHosts(MongoCommunities(), MongoPictures()),
        snapshots=Snapshots(Path(folder)) if folder else None,
    )
    before, begun, used = _memory(), time.perf_counter(), time.process_time()
    _wait_until(ranking.is_ready, GIVE_UP_SECONDS)
    took, used = time.perf_counter() - begun, time.process_time() - used
    if keep:
        _wait_until((Path(folder) / kept.NAME).exists, WRITE_SECONDS)
    model, now = ranking.model(), system_clock()
    best = ranking.best(ANYBODY, model=model, limit=1_000, listed=True, now=now)
    about = {"s": took, "cpu_s": used, "mib": _memory() - before}
    print(json.dumps(about | {"best": repr([each.position for each in best])}))
    ranking.close()
    mongo.disconnect()


def _wait_until(is_so: Callable[[], bool], seconds: float) -> None:
    give_up = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > give_up:
            raise TimeoutError(f"not so within {seconds} s")
        time.sleep(0.005)


def _memory() -> float:
    """The memory this process has now, in MiB."""
    return float(psutil.Process().memory_info().rss) / 2**20


def main() -> None:
    """Print what was measured, or be one of those that are."""
    if len(sys.argv) > 1:
        start(sys.argv[1], sys.argv[2], keep="keep" in sys.argv)
        return
    print(machine())
    with a_mongod() as books:
        uri = books.replace("/payments", "/matching")
        mongo.disconnect()
        mongo.connect(uri)
        fill(Market(LOTS))
        for name, value in starts(uri).items():
            print(f"  {name:32} {value:,.3f}")


if __name__ == "__main__":
    main()
