"""TCP and UDP ports on 127.0.0.1: is one free, is one answering, give me one."""

from __future__ import annotations

import socket
import time

HOST = "127.0.0.1"
LOOK_SECONDS = 0.02


def free_port() -> int:
    """A port that nobody listened on a moment ago; the caller should bind it soon."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def is_free(port: int, *, within_seconds: float = 0.0) -> bool:
    """Whether a server could listen on this port now, or before so much time is over.

    Connections of a former server that linger in TIME_WAIT do not count.
    """
    deadline = time.monotonic() + within_seconds
    while not _can_bind(port):
        if time.monotonic() >= deadline:
            return False
        time.sleep(LOOK_SECONDS)
    return True


def _can_bind(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def is_answering(port: int, *, timeout_seconds: float = 0.5) -> bool:
    """Whether something accepts connections on this port."""
    try:
        with socket.create_connection((HOST, port), timeout=timeout_seconds):
            return True
    except OSError:
        return False
