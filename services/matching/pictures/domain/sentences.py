"""What is said to people, in both languages."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from chassis.kernel.currencies import to_decimal
from chassis.kernel.money import Money
from chassis.kernel.time import CALENDAR


class Sentence(NamedTuple):
    """The same in both languages."""

    english: str
    chinese: str


@lru_cache(maxsize=4_096)  # each page of offers tells dozens, and mostly the same
def yuan(minor: int) -> str:
    """An amount of fen in yuan, with both decimals."""
    return to_decimal(Money(minor, "CNY"))


def clock_time(at: datetime) -> str:
    """As clocks in China show it, with their zone: a reader's own may show another."""
    return f"{at.astimezone(CALENDAR):%Y-%m-%d %H:%M %Z}"


def count(number: int, one: str, many: str) -> str:
    """A number with its noun."""
    return f"1 {one}" if number == 1 else f"{number} {many}"
