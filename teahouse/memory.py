"""How much memory a group of processes really takes."""

from __future__ import annotations

from collections.abc import Iterable

import psutil


def family(pid: int) -> list[psutil.Process]:
    """A process and all that descend from it; empty when it is gone."""
    try:
        head = psutil.Process(pid)
        return [head, *head.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def pss_bytes(pids: Iterable[int]) -> int:
    """The proportional set size of these processes and their descendants.

    Memory that several share is counted once, in parts; where the kernel does not tell
    (another user's process), the resident size is taken.
    """
    processes = {process.pid: process for pid in pids for process in family(pid)}
    return sum(_pss(process) for process in processes.values())


def _pss(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except psutil.AccessDenied:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0
