"""The dry runs an author expects, in ``rehearsals.yaml`` beside her manifest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cartridges.conditions import ConditionRefused, FactWrong, facts_given
from cartridges.reading import read_manifest
from cartridges.rehearsal import RunSheet, facts_for, run_sheet

_KEYS = {"title", "people", "facts", "expect"}
_EXPECTED = {"allowed", "minutes", "quantities"}


class ExpectationsUnreadable(Exception):
    """``rehearsals.yaml`` is not a list of dry runs."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One dry run; ``differences`` is empty when it went as expected."""

    title: str
    differences: list[str]


def outcomes(manifest: Mapping[str, Any], content: bytes) -> Iterator[Outcome]:
    """Run every dry run of the file on a checked manifest.

    Raises ``ExpectationsUnreadable``, and ``CartridgeRefused`` when it cannot be parsed.
    """
    rows = read_manifest(content).manifest
    if not isinstance(rows, list):
        raise ExpectationsUnreadable("a list of dry runs is wanted")
    for number, row in enumerate(rows, start=1):
        _look(row, number)
        try:
            facts = facts_for(manifest, people=row["people"], **facts_given(row.get("facts", {})))
            sheet = run_sheet(manifest, facts, language="en")
        except FactWrong as trouble:
            raise ExpectationsUnreadable(f"number {number}: {trouble}") from None
        except ConditionRefused as refusal:
            yield Outcome(row["title"], [f"a condition has no answer: {refusal}"])
        else:
            yield Outcome(row["title"], list(_differences(sheet, row["expect"])))


def _look(row: Any, number: int) -> None:  # noqa: ANN401 - any JSON value
    if not isinstance(row, dict) or not {"title", "people", "expect"} <= row.keys() <= _KEYS:
        raise ExpectationsUnreadable(f"number {number}: title, people and expect are wanted")
    if type(row["people"]) is not int or row["people"] < 1:
        raise ExpectationsUnreadable(f"number {number}: people is a whole number")
    for name in ("facts", "expect"):
        if not isinstance(row.get(name, {}), dict):
            raise ExpectationsUnreadable(
                f"number {number}: {name} is written as {{ name: value }}"
            )
    if unknown := set(row["expect"]) - _EXPECTED:
        told = ", ".join(sorted(_EXPECTED))
        raise ExpectationsUnreadable(f"number {number}: {sorted(unknown)} is none of {told}")


def _differences(sheet: RunSheet, expect: Mapping[str, Any]) -> Iterator[str]:
    allowed = not sheet.refusals
    if expect.get("allowed", allowed) != allowed:
        why = "; ".join(sheet.refusals)
        yield f"it was refused: {why}" if why else "it was allowed, and refusal expected"
    if expect.get("minutes", sheet.minutes) != sheet.minutes:
        yield f"{sheet.minutes} minutes, {expect['minutes']} expected"
    amounts = {each["title"]: each["quantity"] for each in (*sheet.materials, *sheet.kit)}
    amounts |= {each["title"]: each["count"] for each in sheet.roles}
    for title, quantity in expect.get("quantities", {}).items():
        if amounts.get(title, 0) != quantity:
            yield f"{amounts.get(title, 'nothing')} of {title}, {quantity} expected"
