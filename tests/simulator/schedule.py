"""In which order things happen and what goes wrong: actions, each of which may be left out.

An action says what to do in numbers that are taken modulo what there is, so that a schedule
with some actions dropped is a schedule still. That is what makes failures shrink.
"""

from __future__ import annotations

import random
from enum import StrEnum
from typing import NamedTuple

LEAST, MOST = 10, 45


class Do(StrEnum):
    """What happens next."""

    DELIVER = "deliver"
    DELIVER_AGAIN = "deliver-again"
    GO_ON = "go-on"
    LOSE = "lose"
    KILL = "kill"
    MOVE_CLOCK = "move-clock"


WEIGHTS = {
    Do.DELIVER: 10,
    Do.DELIVER_AGAIN: 2,
    Do.GO_ON: 14,
    Do.LOSE: 2,
    Do.KILL: 1,
    Do.MOVE_CLOCK: 1,
}


class Action(NamedTuple):
    """One thing that happens: what, in which process, and a number to choose by."""

    do: Do
    process: int
    choice: int


def draw(seed: int) -> list[Action]:
    """The actions of this seed, the same each time."""
    chosen = random.Random(f"schedule {seed}")
    kinds = chosen.choices(list(WEIGHTS), list(WEIGHTS.values()), k=chosen.randint(LEAST, MOST))
    return [Action(kind, chosen.randrange(2), chosen.randrange(1 << 16)) for kind in kinds]
