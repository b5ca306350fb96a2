"""Which events are handled together: runs of one type, and transactions of runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from chassis.consumer.letters import Letter
from chassis.inbox import Handlers, TwoStep


@dataclass(slots=True)
class Run:
    """Events of one type, each subject's in order."""

    type: str
    letters: list[Letter] = field(default_factory=list)


def runs(letters: Iterable[Letter]) -> list[Run]:
    """Group by type into as few runs as keep the order of every subject.

    An event joins the first run of its type that is not before the last one its subject is in.
    """
    answer: list[Run] = []
    last_of: dict[str, int] = {}
    for letter in letters:
        subject, wanted = letter.event.subject, letter.event.type
        place = last_of.get(subject, 0)
        while place < len(answer) and answer[place].type != wanted:
            place += 1
        if place == len(answer):
            answer.append(Run(wanted))
        answer[place].letters.append(letter)
        last_of[subject] = place
    return answer


def units(letters: Sequence[Letter], handlers: Handlers) -> list[list[Run]]:
    """The transactions for these events: one, but for runs with an effect outside.

    Such a run is on its own, so that what it submits comes after everything before it.
    """
    answer: list[list[Run]] = []
    joinable = False
    for run in runs(letters):
        is_outside = isinstance(handlers.get(run.type), TwoStep)
        if joinable and not is_outside:
            answer[-1].append(run)
        else:
            answer.append([run])
        joinable = not is_outside
    return answer
