"""Events to hand to handlers, and a port that only writes down what it is told."""

from __future__ import annotations

from typing import Any

from chassis.envelope import Event
from chassis.testing.clock import START

SUBJECT = "lot_01m80t6qxcevrs0fn3mtvw1bj1"


class Notebook:
    """Writes down what it is told, in place of every note."""

    def __init__(self) -> None:
        self.told: list[tuple[str, list[Any]]] = []

    def __getattr__(self, name: str) -> Any:
        return lambda notes: self.told.append((name, list(notes)))


def events(event_type: str, *data: dict[str, Any]) -> list[Event]:
    return [
        Event(
            id=f"evt_{number}",
            type=event_type,
            source="/catalog/1",
            subject=SUBJECT,
            time=START,
            key=SUBJECT,
            sequence=number,
            data=each,
        )
        for number, each in enumerate(data, 1)
    ]
