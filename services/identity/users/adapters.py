"""Password hashing by argon2id, and failed attempts remembered in this process."""

from __future__ import annotations

import threading
import unicodedata
from collections import OrderedDict
from datetime import datetime, timedelta

import argon2
from argon2.exceptions import InvalidHashError, VerificationError

from services.identity.users.domain import Patience

MEMORY_KIB = 19_456
PASSES = 2
LANES = 1
AT_ONCE = 2  # 20 MB and a core each: fifty logins together must not take the machine

ACCOUNT_PATIENCE = Patience(10, timedelta(minutes=15))
ORIGIN_PATIENCE = Patience(200, timedelta(minutes=15))
REMEMBERED = 10_000


class ArgonHasher:
    """The ``PasswordHasher`` port: argon2id, at most ``AT_ONCE`` at a time."""

    def __init__(self) -> None:
        self._argon = argon2.PasswordHasher(
            time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=LANES
        )
        self._seats = threading.BoundedSemaphore(AT_ONCE)
        self._nobodys_hash = self._argon.hash("the password of nobody")

    def hash(self, password: str) -> str:
        with self._seats:
            return self._argon.hash(_canonical(password))

    def verify(self, password_hash: str | None, password: str) -> bool:
        with self._seats:
            try:
                matches = self._argon.verify(
                    password_hash or self._nobodys_hash, _canonical(password)
                )
            except (VerificationError, InvalidHashError):
                return False
        return matches and password_hash is not None

    def is_outdated(self, password_hash: str) -> bool:
        return self._argon.check_needs_rehash(password_hash)


def _canonical(password: str) -> str:
    """One spelling for what looks the same (RFC 8265, OpaqueString): keyboards differ."""
    return unicodedata.normalize("NFC", password)


class RecentAttempts:
    """The ``Attempts`` port in memory: each process of identity bears this many failures.

    Nothing but speed of guessing depends on it, so nothing is stored; the oldest entries
    are forgotten past ``REMEMBERED``. The right owner of an address that somebody else
    guesses at waits a quarter of an hour at most.
    """

    def __init__(self) -> None:
        self._failed_at: OrderedDict[str, tuple[datetime, ...]] = OrderedDict()
        self._lock = threading.Lock()

    def wait_seconds(self, email: str, origin: str, now: datetime) -> int:
        with self._lock:
            return max(
                ACCOUNT_PATIENCE.wait_seconds(self._failed_at.get(f"a:{email}", ()), now),
                ORIGIN_PATIENCE.wait_seconds(self._failed_at.get(f"o:{origin}", ()), now),
            )

    def failed(self, email: str, origin: str, now: datetime) -> None:
        with self._lock:
            self._add(f"a:{email}", now, ACCOUNT_PATIENCE.failures)
            self._add(f"o:{origin}", now, ORIGIN_PATIENCE.failures)

    def succeeded(self, email: str) -> None:
        with self._lock:
            self._failed_at.pop(f"a:{email}", None)

    def _add(self, key: str, now: datetime, kept: int) -> None:
        self._failed_at[key] = (*self._failed_at.pop(key, ()), now)[-kept:]
        while len(self._failed_at) > REMEMBERED:
            self._failed_at.popitem(last=False)
