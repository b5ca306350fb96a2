"""Money in minor units, and splits that add up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from chassis.kernel.errors import RuleBroken

WHOLE = 10_000  # basis points


class CurrencyMismatch(RuleBroken):
    """Two amounts of different currencies met in one sum."""

    code = "currency-mismatch"
    hint = "Use one currency for all amounts of a sum."
    chinese = "同一笔金额中出现了不同币种。"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in the smallest unit of one ISO 4217 currency."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise TypeError(f"minor units are whole numbers, not {self.minor!r}")

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other).minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other).minor, self.currency)

    def __mul__(self, count: int) -> Money:
        return Money(self.minor * count, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other).minor

    def __le__(self, other: Money) -> bool:
        return self.minor <= self._same(other).minor

    def __bool__(self) -> bool:
        return self.minor != 0

    def allocate(self, weights: Sequence[int]) -> tuple[Money, ...]:
        """Split by weight; the shares always add up to the whole.

        A weight of zero gets nothing. Raises ``ValueError`` for a negative weight or
        when every weight is zero.
        """
        shares, _ = split(self.minor, weights, (0,) * len(weights))
        return tuple(Money(share, self.currency) for share in shares)

    def _same(self, other: Money) -> Money:
        if other.currency != self.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency}")
        return other


class Split(NamedTuple):
    """Whole shares, and what each party is still owed in units of 1/sum(weights)."""

    shares: tuple[int, ...]
    carries: tuple[int, ...]


def split(minor: int, weights: Sequence[int], carries: Sequence[int]) -> Split:
    """Split an amount by weight, minding what earlier splits rounded away.

    Each exact share plus its carry is rounded down and the units left over go one each
    to the largest remainders, ties in order (Hamilton's method). Carries count in
    1/sum(weights) of a unit, add up to zero and stay under one unit either way, so that
    after any number of splits nobody is a whole unit off. A negative amount is the
    mirror image: splitting everything back returns everything. A share has the sign of
    the amount, but for the rare case in which only a unit the other way keeps a party
    within that bound.

    Raises ``ValueError`` for a negative weight or when every weight is zero.
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise ValueError(f"weights must be non-negative and not all zero: {weights!r}")
    if minor < 0:
        mirrored = split(-minor, weights, [-carry for carry in carries])
        return Split(
            tuple(-share for share in mirrored.shares),
            tuple(-carry for carry in mirrored.carries),
        )
    owed = [minor * weight + carry for weight, carry in zip(weights, carries, strict=True)]
    answer = _round(minor, owed, weights, floor=0)
    if max(map(abs, answer.carries)) < whole:
        return answer
    return _round(minor, owed, weights, floor=-1)


def _round(minor: int, owed: list[int], weights: Sequence[int], *, floor: int) -> Split:
    """Round every share down to no less than ``floor``, then even the sum out."""
    whole = sum(weights)
    shares = [
        max(floor, due // whole) if weight else 0
        for due, weight in zip(owed, weights, strict=True)
    ]

    def still_owed(party: int) -> int:
        return owed[party] - shares[party] * whole

    while (units := minor - sum(shares)) != 0:
        able = [
            i for i, weight in enumerate(weights) if weight and (units > 0 or shares[i] > floor)
        ]
        party = max(able, key=still_owed) if units > 0 else min(able, key=still_owed)
        shares[party] += 1 if units > 0 else -1
    return Split(tuple(shares), tuple(still_owed(party) for party in range(len(owed))))
