"""A run of commands: each aggregate is loaded once, decided on in turn, and saved once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Generic, Protocol, TypeVar

from chassis.kernel.decisions import Decision, DomainEvent, Message
from chassis.kernel.ids import derived_id


class Changeable(Protocol):
    """A state that knows how it differs from what is stored."""

    @property
    def changed(self) -> object:
        """What there is to save; false when there is nothing."""
        ...


State = TypeVar("State", bound=Changeable)


class Run(Generic[State]):
    """The aggregates that a run works on, by id, and all that comes of it.

    Later commands see what earlier ones decided; nothing is stored before the caller saves
    ``decisions`` and ``answers`` together.
    """

    def __init__(self, found: Mapping[str, State]) -> None:
        self.states = dict(found)
        self.answers: list[Message] = []
        self._events: dict[str, list[DomainEvent]] = defaultdict(list)

    def take(self, state_id: str, decision: Decision[State]) -> None:
        """Go on from what was decided about this aggregate."""
        self.states[state_id] = decision.state
        self._events[state_id] += decision.events

    def decisions(self) -> list[Decision[State]]:
        """What changed, one decision for each aggregate with all its events in order."""
        return [
            Decision(state, tuple(self._events[state_id]))
            for state_id, state in self.states.items()
            if state.changed
        ]


def answer_id(command_id: str) -> str:
    """The id of a command's answer: the same however often the command is handled."""
    return derived_id("msg", command_id, "answer")
