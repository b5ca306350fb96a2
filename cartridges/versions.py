"""Versions and ranges of versions (Semantic Versioning 2.0.0, without build metadata)."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable

Version = tuple[tuple[int, int, int], tuple[tuple[int, int, str], ...]]

_COMPARATOR = re.compile(r"(>=|<=|>|<|=)(.+)")
_HOLDS: dict[str, Callable[[Version, Version], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
}
_RELEASE = ((2, 0, ""),)  # after every pre-release


def version_of(text: str) -> Version:
    """A version as something that can be compared: 1.0.0-beta.2 < 1.0.0-beta.11 < 1.0.0."""
    numbers, _, pre = text.partition("-")
    major, minor, patch = (int(part) for part in numbers.split("."))
    steps = tuple(_step(part) for part in pre.split(".")) if pre else _RELEASE
    return (major, minor, patch), steps


def _step(part: str) -> tuple[int, int, str]:
    """A number comes before a word (rule 11.4)."""
    return (0, int(part), "") if part.isdigit() else (1, 0, part)


def supports(wanted: str, version: str) -> bool:
    """Whether a version is in a range such as ``>=1.0.0 <2.0.0``; every part must hold."""
    have = version_of(version)
    return all(_HOLDS[sign](have, version_of(bound)) for sign, bound in _parts(wanted))


def can_hold(wanted: str) -> bool:
    """Whether any version at all is in the range: the first, a bound, or the next after one."""
    bounds = [version_of(bound)[0] for _, bound in _parts(wanted)]
    near = [(0, 0, 0), *bounds, *((major, minor, patch + 1) for major, minor, patch in bounds)]
    return any(supports(wanted, ".".join(map(str, each))) for each in near)


def _parts(wanted: str) -> list[tuple[str, str]]:
    found = [_COMPARATOR.fullmatch(part) for part in wanted.split()]
    return [(match[1], match[2]) for match in found if match is not None]
