"""In which order things happen and what goes wrong: actions, each of which may be left out.

An action says what to do in numbers that are taken modulo what there is, so that a schedule
with some actions dropped is a schedule still. That is what makes failures shrink.
"""

from __future__ import annotations

import random
from enum import Enum, StrEnum
from typing import NamedTuple

LEAST, MOST = 10, 45
# Earlier seeds keep their stories: some are known to catch a certain broken build.
FIRST_SEASON = 10_000


class Do(StrEnum):
    """What happens next."""

    DELIVER = "deliver"
    DELIVER_AGAIN = "deliver-again"
    GO_ON = "go-on"
    LOSE = "lose"
    KILL = "kill"
    MOVE_CLOCK = "move-clock"
    LET_PASS = "let-pass"
    BACK_UP = "back-up"
    RESTORE = "restore"


WEIGHTS = {
    Do.DELIVER: 10,
    Do.DELIVER_AGAIN: 2,
    Do.GO_ON: 14,
    Do.LOSE: 2,
    Do.KILL: 1,
    Do.MOVE_CLOCK: 1,
}
WEEKS = WEIGHTS | {Do.LET_PASS: 3}
RESTORED = WEEKS | {Do.BACK_UP: 2, Do.RESTORE: 1}


class Tale(Enum):
    """What a seed's story is about: days, weeks, or weeks with a restored backup."""

    DAYS = WEIGHTS
    WEEKS = WEEKS
    RESTORED = RESTORED

    @classmethod
    def of(cls, seed: int) -> Tale:
        """Later seeds take turns."""
        if seed < FIRST_SEASON or seed % 2 == 0:
            return cls.DAYS
        return cls.WEEKS if seed % 4 == 1 else cls.RESTORED


class Action(NamedTuple):
    """One thing that happens: what, in which process, and a number to choose by."""

    do: Do
    process: int
    choice: int


def draw(seed: int) -> list[Action]:
    """The actions of this seed, the same each time."""
    chosen = random.Random(f"schedule {seed}")
    weights = Tale.of(seed).value
    kinds = chosen.choices(list(weights), list(weights.values()), k=chosen.randint(LEAST, MOST))
    return [Action(kind, chosen.randrange(2), chosen.randrange(1 << 16)) for kind in kinds]
