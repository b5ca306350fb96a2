"""Identifiers: one readable string everywhere, ordered by the time of their making."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable
from datetime import UTC, datetime

# Crockford's base 32 in lower case: no i, l, o, u, so that nothing is misread.
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 26
_LETTERS = frozenset(ALPHABET)
_PAIRS = tuple(first + second for first in ALPHABET for second in ALPHABET)
_TO_PYTHON = str.maketrans(ALPHABET, "0123456789abcdefghijklmnopqrstuv")

Ids = Callable[[str], str]
"""Makes a new identifier for a prefix: ``ids("lot")``."""


def make_id(prefix: str, *, now: datetime, random: Callable[[int], int]) -> str:
    """Build ``prefix_`` plus a UUIDv7 (RFC 9562, section 5.7) in base 32."""
    milliseconds = int(now.timestamp() * 1000)
    chance = random(74)  # at once: asking the system costs more than all the rest
    number = milliseconds << 80 | 0x7 << 76 | chance >> 62 << 64
    number |= 0b10 << 62 | chance & (1 << 62) - 1
    return f"{prefix}_{_encode(number)}"


def id_maker(
    clock: Callable[[], datetime], random: Callable[[int], int] = secrets.randbits
) -> Ids:
    """Bind a clock and a source of randomness."""
    return lambda prefix: make_id(prefix, now=clock(), random=random)


def derived_id(prefix: str, origin: str, *parts: str) -> str:
    """Name what follows from ``origin``: the same arguments give the same id for ever.

    It keeps the origin's time, so that ids stay ordered; the rest is SHA-256.
    """
    digest = hashlib.sha256("\x1f".join((prefix, origin, *parts)).encode()).digest()
    tail = int.from_bytes(digest[:10])
    number = 0x8 << 76 | (tail >> 68 & 0xFFF) << 64 | 0b10 << 62 | tail & (1 << 62) - 1
    # An id's time is its first ten letters, and its other 80 bits are the sixteen after them.
    return f"{prefix}_{_letters(origin)[:10]}{_encode(number)[10:]}"


def named_id(prefix: str, at: datetime, *parts: str) -> str:
    """Name what others named: the same arguments give the same id for ever, of that time."""
    digest = int.from_bytes(hashlib.sha256("\x1f".join((prefix, *parts)).encode()).digest())
    return make_id(prefix, now=at, random=lambda bits: digest >> (256 - bits))


def made_at(identifier: str) -> datetime:
    """The millisecond, in UTC, at which an id was made, or the origin of a derived one."""
    return datetime.fromtimestamp((to_int(identifier) >> 80) / 1000, UTC)


def to_int(identifier: str) -> int:
    """The 128-bit number of an id; raise ``ValueError`` when it is none of ours."""
    return int(_letters(identifier).translate(_TO_PYTHON), 32)


def from_int(prefix: str, number: int) -> str:
    """The id with this prefix and 128-bit number; the inverse of ``to_int``."""
    return f"{prefix}_{_encode(number)}"


def pattern(prefix: str) -> re.Pattern[str]:
    """What an id of this prefix looks like, for schemas and routes."""
    return re.compile(rf"^{prefix}_[0-7][{ALPHABET}]{{{LENGTH - 1}}}$")


def _letters(identifier: str) -> str:
    _, _, text = identifier.rpartition("_")
    if len(text) != LENGTH or not _LETTERS.issuperset(text):
        raise ValueError(f"not an identifier: {identifier!r}")
    return text


def _encode(number: int) -> str:
    # Two letters at a time from a list: a third of what a letter at a time takes.
    return "".join([_PAIRS[number >> shift & 1023] for shift in range(120, -1, -10)])
