"""Play schedules by their seeds, and make a failing one small."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.simulator.checks import check, require
from tests.simulator.schedule import Action, draw
from tests.simulator.story import tell
from tests.simulator.world import World

ONCE_MORE = 4


@dataclass(frozen=True)
class Failure:
    """A schedule that broke something, made as small as it goes."""

    seed: int
    law: str
    actions: tuple[Action, ...]

    def __str__(self) -> str:
        lines = (
            f"  {one.do} in process {one.process}, choosing {one.choice}" for one in self.actions
        )
        return "\n".join((f"seed {self.seed}: {self.law}", *lines))


def play(seed: int, actions: Sequence[Action] | None = None) -> World:
    """One schedule, checked at its end; every few, also after everything came once more.

    Raises whatever the code under test or a check raises.
    """
    world = World(tell(seed))
    world.play(draw(seed) if actions is None else actions)
    check(world)
    if seed % ONCE_MORE == 0:
        before = len(world.log.segments)
        world.deliver_all_again()
        require(len(world.log.segments) == before, "what comes again books nothing")
        check(world)
    return world


def first_failure(seeds: Iterable[int]) -> Failure | None:
    """Play seed after seed until one breaks something."""
    for seed in seeds:
        law = _broken(seed, draw(seed))
        if law:
            actions = shrunk(seed, draw(seed))
            return Failure(seed, _broken(seed, actions), tuple(actions))
    return None


def shrunk(seed: int, actions: list[Action]) -> list[Action]:
    """The same failure, or another, with as few actions as leaving out finds."""
    width = len(actions) // 2
    while width:
        start = 0
        while start < len(actions):
            fewer = actions[:start] + actions[start + width :]
            if _broken(seed, fewer):
                actions = fewer
            else:
                start += width
        width //= 2
    return actions


def _broken(seed: int, actions: Sequence[Action]) -> str:
    try:
        play(seed, actions)
    except Exception as broken:  # noqa: BLE001 - whatever it is, it is a finding
        return f"{type(broken).__name__}: {broken}"
    return ""
