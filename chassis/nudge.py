"""Wakes the relay right after a commit; polling remains the fallback."""

from __future__ import annotations

import contextlib
import socket
import threading

_DATAGRAM = b"outbox"
_bell = threading.Event()
_worker = {"port": 0}


def aim(port: int) -> None:
    """Send every later ring to the worker that listens on this port of this machine.

    For processes without a relay of their own; 0 sends none. A datagram to nobody is
    lost in silence.
    """
    _worker["port"] = port


def ring() -> None:
    """Say that the outbox holds something new: to this process, and where ``aim`` points."""
    _bell.set()
    if _worker["port"]:
        # A socket a ring costs 20 us and survives forks and threads.
        with (
            contextlib.suppress(OSError),
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
        ):
            sender.settimeout(0)
            sender.sendto(_DATAGRAM, ("127.0.0.1", _worker["port"]))


def wait(seconds: float) -> bool:
    """Wait for a ring, at most so long; answer whether there was one."""
    rung = _bell.wait(seconds)
    _bell.clear()
    return rung


def listen(port: int, stopping: threading.Event) -> None:
    """Turn datagrams on this port into rings until ``stopping`` is set."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", port))
        receiver.settimeout(0.5)
        while not stopping.is_set():
            with contextlib.suppress(TimeoutError):
                receiver.recv(64)
                _bell.set()
