"""Where a process waits, loaded, until it may begin."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

LOOK_SECONDS = 0.05


def wait(still_here: Callable[[], object] = lambda: None) -> None:
    """Return when the file that ``TEAHOUSE_GATE`` names exists; at once where it names none.

    A supervisor has every process load its libraries side by side while indexes and topics
    are made, and lets them touch data only then. ``still_here`` is called while waiting.
    """
    gate = os.environ.get("TEAHOUSE_GATE")
    while gate and not Path(gate).exists():
        still_here()
        time.sleep(LOOK_SECONDS)
