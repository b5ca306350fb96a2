"""Play schedules by their seeds, and make a failing one small."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.simulator.checks import check
from tests.simulator.schedule import Action, Tale, draw
from tests.simulator.season import tell_season
from tests.simulator.story import Story, tell
from tests.simulator.world import World

ONCE_MORE = 7  # no tale is left out


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
    world = World(_told(seed))
    world.play(draw(seed) if actions is None else actions)
    check(world)
    if seed % ONCE_MORE == 0:
        world.deliver_all_again()
        check(world)
    return world


def _told(seed: int) -> Story:
    tale = Tale.of(seed)
    return tell(seed) if tale is Tale.DAYS else tell_season(seed, pays_out=tale is Tale.WEEKS)


def first_broken(seeds: Iterable[int]) -> Failure | None:
    """Play seed after seed until one breaks something; its schedule as it was."""
    for seed in seeds:
        actions = draw(seed)
        law = _broken(seed, actions)
        if law:
            return Failure(seed, law, tuple(actions))
    return None


def first_failure(seeds: Iterable[int]) -> Failure | None:
    """The same, made small."""
    found = first_broken(seeds)
    if found is None:
        return None
    actions = shrunk(found.seed, list(found.actions))
    return Failure(found.seed, _broken(found.seed, actions), tuple(actions))


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
