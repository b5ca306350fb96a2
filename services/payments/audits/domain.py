"""What an audit found, and how two rows differ. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

MOST_FINDINGS = 100
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Audit:
    """How far the projections have been compared with the log, and what differed.

    ``segments`` are compared, ``behind`` are projected and not yet compared. ``findings``
    holds the first hundred differences, ``mismatches`` counts all.
    """

    segments: int
    behind: int
    mismatches: int
    findings: tuple[str, ...]

    @property
    def is_sound(self) -> bool:
        """Whether everything compared so far is what the log says."""
        return self.mismatches == 0


def differences(
    name: str, expected: Mapping[Any, Row], stored: Mapping[Any, Row]
) -> Iterator[str]:
    """Say how stored rows differ from those the log leads to, row by row."""
    for key in sorted(expected.keys() | stored.keys(), key=str):
        wanted, found = expected.get(key), stored.get(key)
        if found is None:
            yield f"{name} {key}: missing"
        elif wanted is None:
            yield f"{name} {key}: not in the log"
        elif wanted != found:
            fields = [
                field
                for field in sorted(wanted.keys() | found.keys())
                if wanted.get(field) != found.get(field)
            ]
            yield f"{name} {key}: differs in {', '.join(fields)}"
