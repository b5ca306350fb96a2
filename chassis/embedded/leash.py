"""Ends the children of a process that died without doing so itself (kill -9, power key).

Runs as a small program of its own: lines ``+pid`` and ``-pid`` arrive on standard input;
when that closes, the owner is gone and every process group still listed is ended.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from typing import IO

GRACE_SECONDS = 5.0

_lock = threading.Lock()
_keeper: subprocess.Popen[bytes] | None = None


def hold(pid: int) -> None:
    """End this process group if we die before ``let_go(pid)``."""
    _tell(f"+{pid}\n")


def let_go(pid: int) -> None:
    """Forget a process group that has ended."""
    _tell(f"-{pid}\n")


def _tell(line: str) -> None:
    with _lock:
        pipe = _keeper_pipe()
        # A keeper that was killed only loses the safety net, not the work.
        with contextlib.suppress(BrokenPipeError):
            pipe.write(line.encode())
            pipe.flush()


def _keeper_pipe() -> IO[bytes]:
    global _keeper  # noqa: PLW0603 - one keeper for all children of this process
    if _keeper is None:
        _keeper = subprocess.Popen(  # noqa: S603 - this very file
            [sys.executable, "-I", "-S", __file__],
            stdin=subprocess.PIPE,
            start_new_session=True,
        )
        atexit.register(_dismiss)
    if _keeper.stdin is None:
        raise AssertionError("the keeper was started with a pipe")
    return _keeper.stdin


def _dismiss() -> None:
    with _lock:
        if _keeper is None or _keeper.stdin is None:
            return
        with contextlib.suppress(OSError):
            _keeper.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            _keeper.wait(timeout=2 * GRACE_SECONDS)


def keep(lines: IO[str]) -> None:
    """Read which groups live until the owner is gone, then end those that are left."""
    groups: set[int] = set()
    for line in lines:
        pid = int(line[1:])
        (groups.add if line.startswith("+") else groups.discard)(pid)
    for group in groups:
        _signal(group, signal.SIGTERM)
    deadline = time.monotonic() + GRACE_SECONDS
    while any(_exists(group) for group in groups) and time.monotonic() < deadline:
        time.sleep(0.05)
    for group in groups:
        _signal(group, signal.SIGKILL)


def _exists(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def _signal(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    keep(sys.stdin)
