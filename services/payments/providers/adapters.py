"""What adapters of providers over HTTP have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

from services.payments.providers.domain import (
    LONGEST_TEXT,
    NotificationForged,
    NotificationMalformed,
    NotificationStale,
)
from services.payments.providers.engine import Forged, Stale

TIMEOUT_SECONDS = 8.0
UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError)
"""What reading an answer of another shape than expected ends in."""
Said = Mapping[str, Any]
Read = TypeVar("Read")
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def must_be_private(address: str) -> str:
    """The address, if nobody can listen on the way there; raise ``ValueError``."""
    where = urlsplit(address)
    if where.scheme != "https" and where.hostname not in _LOOPBACK:
        raise ValueError("providers are spoken to over https, except on this machine")
    return address


def heard(check: Callable[[], object], read: Callable[[], Read]) -> Read:
    """A provider's own message, read once it was checked.

    Raises ``NotificationForged``, ``NotificationStale`` and, for one that is signed and of
    another shape than expected, ``NotificationMalformed``.
    """
    try:
        check()
    except Forged:
        raise NotificationForged from None
    except Stale:
        raise NotificationStale from None
    try:
        return read()
    except UNREADABLE as unreadable:
        raise NotificationMalformed(str(unreadable)[:LONGEST_TEXT]) from unreadable
