"""What else used the processors while something was measured."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil


@dataclass(slots=True)
class Load:
    """Percent of all processors: used by the suite with the demo, and by anybody else."""

    own_percent: float = 0.0
    others_percent: float = 0.0


@contextmanager
def watched(load: Load) -> Iterator[None]:
    """Fill in the load of the block, from its beginning to its end.

    A process that ends meanwhile takes its share along: it then counts as others'.
    """
    own, busy, started = _own_seconds(), _busy_seconds(), time.monotonic()
    yield
    capacity = (time.monotonic() - started) * (psutil.cpu_count() or 1)
    own, busy = _own_seconds() - own, _busy_seconds() - busy
    load.own_percent = round(100 * own / capacity, 1)
    load.others_percent = round(max(0.0, 100 * (busy - own) / capacity), 1)


def _own_seconds() -> float:
    me = psutil.Process(os.getpid())
    return sum(_seconds(process) for process in (me, *me.children(recursive=True)))


def _seconds(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)


def _busy_seconds() -> float:
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - times.iowait - times.guest - times.guest_nice)
