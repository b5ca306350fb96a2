"""The topics: what ``contracts/topics.yaml`` says of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

REGISTER = Path(__file__).parents[1] / "contracts" / "topics.yaml"


@dataclass(frozen=True, slots=True)
class Topic:
    """One line of the register."""

    name: str
    key: str
    producers: frozenset[str]
    consumers: tuple[str, ...]
    types: frozenset[str]


@cache
def register() -> Mapping[str, Topic]:
    """All topics by name."""
    return {
        name: Topic(
            name,
            line["key"],
            frozenset(line["producers"]),
            tuple(line["consumers"]),
            frozenset(line["types"]),
        )
        for name, line in _document()["topics"].items()
    }


def produced_by(service: str) -> tuple[str, ...]:
    """The names of the topics a service writes to."""
    return tuple(name for name, topic in register().items() if service in topic.producers)


def durability() -> dict[str, str]:
    """How a broker of several nodes is to keep a topic, as topic settings."""
    answer: dict[str, str] = _document()["durability"]
    return answer


@cache
def _document() -> Mapping[str, Any]:
    found: Mapping[str, Any] = yaml.safe_load(REGISTER.read_text(encoding="utf-8"))
    return found
