"""Wait for what happens elsewhere, never longer than needed."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")

FIRST_PAUSE_SECONDS = 0.005
LONGEST_PAUSE_SECONDS = 0.1


def eventually(assertion: Callable[[], Answer], *, within_seconds: float = 10) -> Answer:
    """Repeat ``assertion`` until it neither fails nor answers False; give its answer back.

    It may raise ``AssertionError`` or answer False or None to say "not yet"; the last
    failure is what the test shows when time is up. A callable that only asserts should
    therefore end with ``return True``, or be a lambda that compares.
    """
    deadline = time.monotonic() + within_seconds
    pause = FIRST_PAUSE_SECONDS
    while True:
        failure: AssertionError | None = None
        try:
            answer = assertion()
        except AssertionError as error:
            failure = error
        else:
            if answer is not False and answer is not None:
                return answer
        if time.monotonic() >= deadline:
            raise failure or AssertionError(f"still not so after {within_seconds} s")
        time.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
