"""What is said to people, in both languages."""

from __future__ import annotations

from typing import NamedTuple


class Sentence(NamedTuple):
    """The same in both languages."""

    english: str
    chinese: str


def yuan(minor: int) -> str:
    """An amount as people write it."""
    return f"{minor // 100}.{minor % 100:02d}"


def count(number: int, one: str, many: str) -> str:
    """A number with its noun."""
    return f"1 {one}" if number == 1 else f"{number} {many}"
