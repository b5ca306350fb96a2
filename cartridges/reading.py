"""Reads a manifest as an author writes it: the part of YAML that says what JSON can say.

Scalars are those of the JSON schema of YAML 1.2 (10.2), so ``no`` is a word and not false.
Anchors, aliases, tags, repeated names and deep nesting are refused before anything is built.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from cartridges.problems import CartridgeRefused, problem

MOST_BYTES = 262_144
MOST_DEPTH = 12

_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?([eE][-+]?[0-9]{1,3})?")
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}


@dataclass(frozen=True, slots=True)
class Source:
    """A manifest as it was read; ``places`` has line and column, from 1, by JSON pointer."""

    manifest: Any
    places: dict[str, tuple[int, int]]

    def place(self, path: str) -> tuple[int, int]:
        """Where something is, or where the nearest thing around it is."""
        while path and path not in self.places:
            path = path.rpartition("/")[0]
        return self.places.get(path, (1, 1))


def read_manifest(content: bytes) -> Source:
    """Read YAML or JSON of at most 256 KiB; raise ``CartridgeRefused`` with the first problem."""
    if len(content) > MOST_BYTES:
        reason = f"{len(content)} bytes, the limit is {MOST_BYTES}"
        raise CartridgeRefused([problem("", "file-too-large", reason)])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        reason = f"byte {error.start} is not UTF-8"
        raise CartridgeRefused([problem("", "not-utf-8", reason)]) from None
    try:
        return _Reader(text).source()
    except yaml.YAMLError as error:
        raise CartridgeRefused([problem("", "not-yaml", _told(error))]) from None


def _told(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
    return f"{where}{getattr(error, 'problem', None) or 'a character that is not allowed'}"


def escaped(step: str) -> str:
    """A name as a step of a JSON pointer."""
    return step.replace("~", "~0").replace("/", "~1")


class _Reader:
    """Builds values from the events of the parser, so that nothing grows unseen."""

    def __init__(self, text: str) -> None:
        self._events: Iterator[Any] = yaml.parse(text, Loader=yaml.CSafeLoader)
        self._places: dict[str, tuple[int, int]] = {}

    def source(self) -> Source:
        """The only document of the file."""
        next(self._events)  # the stream begins
        if isinstance(event := next(self._events), yaml.StreamEndEvent):
            return Source(None, self._places)
        manifest = self._value(next(self._events), "", 0)
        next(self._events)  # the document ends
        event = next(self._events)
        if not isinstance(event, yaml.StreamEndEvent):
            raise self._refusal("", "not-yaml", event, "a second document begins")
        return Source(manifest, self._places)

    def _value(self, event: Any, path: str, depth: int) -> Any:  # noqa: ANN401 - YAML's events, JSON's values
        self._places.setdefault(path, _place(event))
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            raise self._refusal(path, "yaml-alias", event, f"an anchor or alias {event.anchor}")
        if event.tag is not None:
            raise self._refusal(path, "yaml-tag", event, f"the tag {event.tag[:60]}")
        if depth > MOST_DEPTH:
            raise self._refusal(path, "too-deep", event, f"more than {MOST_DEPTH} levels")
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path, depth)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path, depth)
        return event.value if event.style else _scalar(event.value)

    def _mapping(self, path: str, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise self._refusal(path, "not-yaml", event, "a name must be a word")
            name, inner = event.value, f"{path}/{escaped(event.value)}"
            if name in found:
                raise self._refusal(inner, "name-twice", event, f"{name[:60]} is there already")
            self._places[inner] = _place(event)
            found[name] = self._value(next(self._events), inner, depth + 1)
        return found

    def _sequence(self, path: str, depth: int) -> list[Any]:
        found: list[Any] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            found.append(self._value(event, f"{path}/{len(found)}", depth + 1))
        return found

    def _refusal(self, path: str, code: str, event: Any, reason: str) -> CartridgeRefused:  # noqa: ANN401 - as above
        line, column = _place(event)
        return CartridgeRefused([problem(path, code, f"line {line}, column {column}: {reason}")])


def _place(event: Any) -> tuple[int, int]:  # noqa: ANN401 - YAML's events
    return event.start_mark.line + 1, event.start_mark.column + 1


def _scalar(text: str) -> Any:  # noqa: ANN401 - JSON's scalars
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else text
