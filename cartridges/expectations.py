"""The dry runs an author expects, in ``rehearsals.yaml`` beside her manifest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cartridges.conditions import NAMES
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
        facts = {name: _listed(value) for name, value in row.get("facts", {}).items()}
        sheet = run_sheet(
            manifest, facts_for(manifest, people=row["people"], **facts), language="en"
        )
        yield Outcome(row["title"], list(_differences(sheet, row["expect"])))


def _look(row: Any, number: int) -> None:  # noqa: ANN401 - any JSON value
    if not isinstance(row, dict) or not {"title", "people", "expect"} <= row.keys() <= _KEYS:
        raise ExpectationsUnreadable(f"number {number}: title, people and expect are wanted")
    if unknown := set(row.get("facts", {})) - (NAMES - {"people", "teams", "minutes"}):
        raise ExpectationsUnreadable(f"number {number}: no fact {sorted(unknown)}")
    if unknown := set(row["expect"]) - _EXPECTED:
        raise ExpectationsUnreadable(f"number {number}: nothing called {sorted(unknown)}")


def _listed(value: Any) -> Any:  # noqa: ANN401 - a fact
    return tuple(value) if isinstance(value, list) else value


def _differences(sheet: RunSheet, expect: Mapping[str, Any]) -> Iterator[str]:
    allowed = not sheet.refusals
    if expect.get("allowed", allowed) != allowed:
        yield f"refused: {'; '.join(sheet.refusals)}" if sheet.refusals else "allowed"
    if expect.get("minutes", sheet.minutes) != sheet.minutes:
        yield f"{sheet.minutes} minutes, {expect['minutes']} expected"
    amounts = {each["title"]: each["quantity"] for each in (*sheet.materials, *sheet.kit)}
    for title, quantity in expect.get("quantities", {}).items():
        if amounts.get(title, 0) != quantity:
            yield f"{amounts.get(title, 0)} of {title}, {quantity} expected"
