"""What a line of a file says of a lot that exists, and what of that an import may change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.catalog.imports.engine.check import Fault
from services.catalog.imports.engine.columns import COLUMNS

# Everything else of a lot is what hosts chose it by, and stays.
CHANGEABLE = frozenset({"packs"})


@dataclass(frozen=True, slots=True)
class Difference:
    """One column in which a line differs from its lot, as cells of a file."""

    column: str
    before: str
    after: str


def differences(said: Mapping[str, Any], known: Mapping[str, Any]) -> tuple[Difference, ...]:
    """Where a line differs from its lot; an empty cell says nothing about it.

    Values are compared as they would be written, so that whatever was exported is found
    unchanged.
    """
    found = []
    for column in _COMPARED:
        after, before = said.get(column.name), known.get(column.name)
        if after is None or after == before:
            continue
        was = "" if before is None else column.write(before)
        if column.write(after) != was:
            found.append(Difference(column.name, was, column.write(after)))
    return tuple(found)


def forbidden(found: tuple[Difference, ...]) -> tuple[Fault, ...]:
    """A fault for each difference that no import may make true."""
    return tuple(
        Fault(
            one.column,
            "cannot-change",
            f"A published lot keeps this: it is {one.before or 'empty'}. Withdraw the lot and "
            "publish another.",
            f"已发布的批次不能修改此项（现为：{one.before or '空'}）；请撤下该批次后重新发布。",
        )
        for one in found
        if one.column not in CHANGEABLE
    )


_COMPARED = tuple(column for column in COLUMNS if column.name != "lot_number")
