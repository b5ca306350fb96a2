"""What a stored segment is made of: its columns, their widths, the kinds, the limits."""

from __future__ import annotations

from enum import IntEnum


class Kind(IntEnum):
    """What an entry does to the balances; the number is what is stored."""

    PLAIN = 0
    HOLD = 1
    POST = 2
    VOID = 3
    EXPIRE = 4

    @property
    def word(self) -> str:
        """The kind as it is written on the wire."""
        return self.name.lower()


MAX_LEGS = 200
MAX_AMOUNT = 1 << 53
NO_FLOOR = -(1 << 61)
