"""What a pinned cartridge says about one plan: why it may not be, and what it asks for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from cartridges.conditions import ConditionRefused, Facts, holds
from cartridges.rehearsal import is_needed

Text = Mapping[str, str]  # by language, ``zh`` or ``en`` or both

# Which pieces show what a cartridge calls a photo or a note. Heads and sales are counted by
# the door and the till, and need no piece.
SHOWN_BY = {
    "photo": frozenset({"photo", "video"}),
    "note": frozenset({"note", "list", "receipt"}),
}


class Unmet(NamedTuple):
    """A condition that does not hold for a plan: where it stands, and why in its own words."""

    path: str
    why: Text


@dataclass(frozen=True, slots=True)
class Point:
    """A step of the programme, a point of the checklist or a piece of evidence.

    ``path`` is its JSON pointer (RFC 6901) in the manifest, which a digest pins. ``shown_by``
    is what evidence must be of; of steps and points it is empty: any piece may answer them.
    """

    path: str
    text: Text
    shown_by: str = ""
    required: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a guest: ``text``, ``number``, ``yes-no`` or ``choice`` of options."""

    id: str
    title: Text
    kind: str
    options: tuple[Text, ...] = ()
    required: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """What applies of a cartridge to one plan. It is frozen when the plan is made."""

    points: tuple[Point, ...] = ()
    questions: tuple[Question, ...] = ()

    def point(self, path: str) -> Point | None:
        """The point at this path; None when the plan has none there."""
        return next((point for point in self.points if point.path == path), None)

    def missing(self, answered: Iterable[str]) -> tuple[Point, ...]:
        """The evidence that is required and that no piece answers yet."""
        there = set(answered)
        return tuple(p for p in self.points if p.required and p.path not in there)


NOTHING_ASKED = Sheet()


def unmet(manifest: Mapping[str, Any], facts: Facts) -> tuple[Unmet, ...]:
    """Every condition that does not hold; one without an answer for these facts counts too."""
    found = []
    for place, condition in enumerate(manifest.get("conditions", ())):
        try:
            why = None if holds(condition["rule"], facts) else condition["otherwise"]
        except ConditionRefused as refusal:
            why = dict.fromkeys(manifest["languages"], str(refusal))
        if why is not None:
            found.append(Unmet(f"/conditions/{place}", why))
    return tuple(found)


def sheet_of(manifest: Mapping[str, Any], facts: Facts) -> Sheet:
    """What the cartridge asks of host and guests; parts whose ``only_if`` fails fall away.

    Raises ``ConditionRefused`` when such a condition has no answer for these facts.
    """
    return Sheet(tuple(_points(manifest, facts)), tuple(_questions(manifest, facts)))


def _points(manifest: Mapping[str, Any], facts: Facts) -> Iterator[Point]:
    for path, step in _needed(manifest, "programme", facts):
        yield Point(path, step["title"])
    for path, point in _needed(manifest, "checklist", facts):
        yield Point(path, point["text"])
    for path, piece in _needed(manifest, "evidence", facts):
        shown_by = piece["kind"] if piece["kind"] in SHOWN_BY else ""
        required = bool(shown_by) and piece.get("required", False)
        yield Point(path, piece["text"], shown_by, required)


def _questions(manifest: Mapping[str, Any], facts: Facts) -> Iterator[Question]:
    for _, asked in _needed(manifest, "questions", facts):
        yield Question(
            asked["id"],
            asked["title"],
            asked["kind"],
            tuple(asked.get("options", ())),
            asked.get("required", False),
        )


def _needed(
    manifest: Mapping[str, Any], part: str, facts: Facts
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for place, each in enumerate(manifest.get(part, ())):
        if is_needed(each, facts):
            yield f"/{part}/{place}", each
