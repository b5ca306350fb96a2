"""Every event class of the services, and which topic carries it."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Literal

import services
from chassis.kernel.decisions import DomainEvent, Message
from chassis.outbox import topic_of
from chassis.topics import Topic, register

ROOT = Path(__file__).resolve().parent.parent.parent
CONTRACTS = ROOT / "contracts"

Published = type[DomainEvent] | type[Message]


def readers_of(topic: Topic) -> frozenset[str]:
    """The services whose consumer groups read a topic."""
    return frozenset(group.partition(".")[0] for group in topic.consumers)


def event_classes() -> dict[str, Published]:
    """Every published class by its type, in the order of the types."""
    found: dict[str, Published] = {}
    for module in _event_modules():
        for kind in vars(module).values():
            if _is_published(kind, module):
                if kind.type in found:
                    raise ValueError(f"two classes publish {kind.type}")
                found[kind.type] = kind
    return dict(sorted(found.items()))


def topic_name(kind: Published) -> str:
    """The topic that carries this class."""
    return kind.topic if issubclass(kind, Message) else topic_of(kind.type)


def form_of(kind: Published) -> Literal["fact", "command", "reply"]:
    """Whether it is a fact, a command or a reply."""
    if not issubclass(kind, Message):
        return "fact"
    return "command" if topic_name(kind).endswith(".commands") else "reply"


def disagreements() -> Iterator[str]:
    """Where ``topics.yaml`` and the classes differ."""
    classes = event_classes()
    listed = {kind: topic.name for topic in register().values() for kind in topic.types}
    for event_type, kind in classes.items():
        if listed.get(event_type) != topic_name(kind):
            yield f"contracts/topics.yaml: {event_type} belongs in {topic_name(kind)}"
    for event_type in sorted(listed.keys() - classes.keys()):
        yield f"contracts/topics.yaml: no class publishes {event_type}"


def _event_modules() -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(services.__path__, "services."):
        if "events" in found.name.split("."):
            yield importlib.import_module(found.name)


def _is_published(kind: object, module: ModuleType) -> bool:
    return (
        isinstance(kind, type)
        and issubclass(kind, DomainEvent | Message)
        and kind.__module__ == module.__name__
        and "type" in vars(kind)
    )
