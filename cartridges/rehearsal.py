"""Runs a cartridge dry: what would happen, and what would be needed, for these people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cartridges.conditions import Facts, holds

Part = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RunSheet:
    """A run of a cartridge in one language.

    ``refusals`` says why it must not be run like this; an empty list means that it may.
    Amounts in ``materials`` and ``kit`` are for everybody together.
    """

    title: str
    people: int
    teams: int
    minutes: int
    refusals: list[str]
    steps: list[dict[str, Any]]
    roles: list[dict[str, Any]]
    materials: list[dict[str, Any]]
    kit: list[dict[str, Any]]
    training: list[dict[str, Any]]
    questions: list[dict[str, Any]]
    checklist: list[dict[str, Any]]
    evidence: list[dict[str, Any]]


def facts_for(manifest: Part, *, people: int, **others: Any) -> Facts:  # noqa: ANN401 - fields of Facts
    """Facts for so many people: teams and minutes follow from the manifest."""
    size = manifest.get("teams", {}).get("size", 0)
    teams = -(-people // size) if size else 0
    return Facts(people=people, teams=teams, minutes=_minutes(manifest["programme"]), **others)


def run_sheet(manifest: Part, facts: Facts, *, language: str) -> RunSheet:
    """The sheet of a checked manifest; a language it lacks gives way to its first.

    Raises ``ConditionRefused`` when a condition has no answer for these facts.
    """
    language = language if language in manifest["languages"] else manifest["languages"][0]
    steps = list(_needed(manifest["programme"], facts))
    return RunSheet(
        title=manifest["title"][language],
        people=facts.people,
        teams=facts.teams,
        minutes=_minutes(steps),
        refusals=list(refusals(manifest, facts, language=language)),
        steps=[_step(each, language) for each in steps],
        roles=[_role(each, facts, language) for each in _needed(manifest.get("roles", ()), facts)],
        materials=_amounts(manifest.get("materials", ()), facts, language, extra="from"),
        kit=_amounts(manifest.get("kit", ()), facts, language, extra="use"),
        training=[dict(each) for each in manifest.get("training", ())],
        questions=[
            {"id": each["id"], "title": each["title"][language], "required": _is(each, "required")}
            for each in _needed(manifest.get("questions", ()), facts)
        ],
        checklist=[
            {"when": each["when"], "text": each["text"][language]}
            for each in _needed(manifest.get("checklist", ()), facts)
        ],
        evidence=[
            {
                "kind": each["kind"],
                "text": each["text"][language],
                "required": _is(each, "required"),
            }
            for each in _needed(manifest["evidence"], facts)
        ],
    )


def refusals(manifest: Part, facts: Facts, *, language: str) -> Iterator[str]:
    """Why it must not be run like this: too few, too many, or a condition that is not met."""
    fewest, most = manifest["people"]["min"], manifest["people"]["max"]
    if not fewest <= facts.people <= most:
        yield f"{fewest}-{most} 人" if language == "zh" else f"for {fewest} to {most} people"
    for condition in manifest.get("conditions", ()):
        if not holds(condition["rule"], facts):
            yield condition["otherwise"][language]


def is_needed(part: Part, facts: Facts) -> bool:
    """Whether an entry belongs to this run; raise ``ConditionRefused`` without an answer."""
    return "only_if" not in part or holds(part["only_if"], facts)


def _needed(parts: Sequence[Part], facts: Facts) -> Iterator[Part]:
    return (part for part in parts if is_needed(part, facts))


def _minutes(steps: Sequence[Part]) -> int:
    return max((step["starts_minute"] + step["minutes"] for step in steps), default=0)


def _step(step: Part, language: str) -> dict[str, Any]:
    told = {
        "starts_minute": step["starts_minute"],
        "minutes": step["minutes"],
        "title": step["title"][language],
        "role": step.get("role", ""),
    }
    return told | ({"text": step["text"][language]} if "text" in step else {})


def _role(role: Part, facts: Facts, language: str) -> dict[str, Any]:
    count = role.get("count") or -(-facts.people // role["people_each"])
    return {"id": role["id"], "title": role["title"][language], "count": count}


def _amounts(
    parts: Sequence[Part], facts: Facts, language: str, *, extra: str
) -> list[dict[str, Any]]:
    return [
        {
            "title": each["title"][language],
            "quantity": each["quantity"] * _times(each, facts),
            "optional": _is(each, "optional"),
            extra: each.get(extra, ""),
        }
        for each in _needed(parts, facts)
    ]


def _times(part: Part, facts: Facts) -> int:
    """How often the quantity of a material or of goods is needed."""
    if part["per"] == "people":
        return -(-facts.people // int(part["people_each"]))
    return {"person": facts.people, "team": facts.teams, "gathering": 1}[part["per"]]


def _is(part: Part, name: str) -> bool:
    return bool(part.get(name, False))
