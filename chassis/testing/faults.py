"""A TCP proxy that breaks on command: slow, silent, dead or torn connections."""

from __future__ import annotations

import contextlib
import random
import select
import socket
import struct
import threading
import time
from collections.abc import Callable
from typing import Literal, Self

from chassis.embedded.ports import HOST

Direction = Literal["requests", "replies", "both"]

CHUNK = 65_536
POLL_SECONDS = 0.05


class FaultProxy:
    """Passes bytes between its own ``port`` and ``target_port`` on 127.0.0.1.

    Faults last until ``heal`` and hold for open connections too. Give a Kafka broker
    this port as the one it advertises and a MongoDB client ``directConnection=true``,
    or they find their way around. Use it in a ``with`` block.
    """

    def __init__(self, target_port: int) -> None:
        self.target_port = target_port
        self._listener = _listen(0)
        self.port: int = self._listener.getsockname()[1]
        self._pairs: set[_Pair] = set()
        self._lock = threading.Lock()
        self._swallowed: frozenset[Direction] = frozenset()
        self._delay: Callable[[], float] = _no_delay
        self._is_down = False
        self._closed = threading.Event()
        self._acceptor = threading.Thread(target=self._accept, name="fault-proxy", daemon=True)

    def __enter__(self) -> Self:
        self._acceptor.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        self._acceptor.join(timeout=5)
        self._listener.close()
        self._end_all(hard=False)

    @property
    def address(self) -> str:
        return f"{HOST}:{self.port}"

    def latency(
        self, seconds: float, *, jitter_seconds: float = 0, random_source: random.Random
    ) -> None:
        """Hold every chunk back, each way, by ``seconds`` plus up to ``jitter_seconds``."""
        self._delay = lambda: seconds + random_source.uniform(0, jitter_seconds)

    def blackhole(self, direction: Direction = "both") -> None:
        """Keep connections open and swallow what is sent: nobody is told, nobody answers.

        ``replies`` alone is the worst kind: the work is done and the caller never hears.
        """
        self._swallowed = frozenset({direction})

    def down(self) -> None:
        """End all connections and refuse new ones."""
        self._is_down = True
        # Closing alone would leave it listening for as long as the acceptor waits on it.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._end_all(hard=False)

    def reset(self) -> None:
        """Tear all open connections with a TCP reset; new ones work."""
        self._end_all(hard=True)

    def heal(self) -> None:
        """Undo every fault. What a blackhole swallowed stays lost, so those links end."""
        self._delay = _no_delay
        if self._swallowed:
            self._swallowed = frozenset()
            self._end_all(hard=True)
        if self._is_down:
            self._listener = _listen(self.port)
            self._is_down = False

    def _accept(self) -> None:
        while not self._closed.wait(0):
            if self._is_down:
                self._closed.wait(POLL_SECONDS)
                continue
            # The listener may be closed under us by ``down``.
            with contextlib.suppress(OSError, ValueError):
                readable, _, _ = select.select([self._listener], [], [], POLL_SECONDS)
                if readable:
                    self._join(self._listener.accept()[0])

    def _join(self, caller: socket.socket) -> None:
        try:
            target = socket.create_connection((HOST, self.target_port), timeout=5)
        except OSError:
            _tear(caller)
            return
        target.settimeout(None)
        pair = _Pair(caller, target)
        with self._lock:
            self._pairs.add(pair)
        if self._is_down:
            pair.end(hard=False)
        for direction in ("requests", "replies"):
            threading.Thread(
                target=self._pump, args=(pair, direction), name="fault-pump", daemon=True
            ).start()

    def _pump(self, pair: _Pair, direction: Direction) -> None:
        source, sink = pair.ends(direction)
        try:
            while chunk := source.recv(CHUNK):
                if delay := self._delay():
                    time.sleep(delay)
                if not self._swallowed & {direction, "both"}:
                    sink.sendall(chunk)
        except OSError:
            pass  # one of the two ends closed it, which is what we are here to pass on
        finally:
            pair.end(hard=False)
            with self._lock:
                self._pairs.discard(pair)

    def _end_all(self, *, hard: bool) -> None:
        with self._lock:
            pairs = list(self._pairs)
        for pair in pairs:
            pair.end(hard=hard)


class _Pair:
    """The two ends of one proxied connection."""

    def __init__(self, caller: socket.socket, target: socket.socket) -> None:
        self._caller = caller
        self._target = target
        self._ended = threading.Lock()

    def ends(self, direction: Direction) -> tuple[socket.socket, socket.socket]:
        if direction == "requests":
            return self._caller, self._target
        return self._target, self._caller

    def end(self, *, hard: bool) -> None:
        """Close both ends; only the first call counts, for a late FIN would spoil a reset."""
        if not self._ended.acquire(blocking=False):
            return
        for end in (self._caller, self._target):
            if hard:
                _tear(end)
            else:
                # Shutting down wakes the pump that waits in recv; closing alone does not.
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()


def _tear(end: socket.socket) -> None:
    """Close with RST instead of FIN."""
    with contextlib.suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        end.shutdown(socket.SHUT_RD)  # wakes our own pump and tells the peer nothing
    end.close()


def _listen(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((HOST, port))
    listener.listen(128)
    return listener


def _no_delay() -> float:
    return 0.0
