"""How the books rule on an entry."""

from __future__ import annotations

from enum import IntEnum


class Ruling(IntEnum):
    """Accepted, there already, or the reason of refusal."""

    ACCEPTED = 0
    EXISTS = 1
    ID_CONFLICT = 2
    BAD_LEGS = 3
    NOT_BALANCED = 4
    HOLD_NOT_FOUND = 5
    HOLD_RESOLVED = 6
    HOLD_EXPIRED = 7
    HOLD_NOT_EXPIRED = 8
    LEGS_DIFFER_FROM_HOLD = 9
    EXCEEDS_HOLD = 10
    FLOOR_BROKEN = 11
    CEILING_BROKEN = 12
    CHAIN_REFUSED = 13
    BAD_CHAIN = 14
    FLOW_FORBIDDEN = 15
    PERIOD_CLOSED = 16
    EFFECTIVE_TOO_LATE = 17
    ORIGINAL_NOT_FOUND = 18
    NOT_REVERSIBLE = 19
    EXCEEDS_ORIGINAL = 20
    LEGS_DIFFER_FROM_ORIGINAL = 21
    HOLD_TOO_LONG = 22
    NOT_AN_EXTENSION = 23
    LIMITS_STALE = 24
    BAD_LIMITS = 25

    @property
    def code(self) -> str:
        """The ruling as an error code."""
        return self.name.lower().replace("_", "-")
