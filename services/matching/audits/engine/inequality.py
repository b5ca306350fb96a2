"""How evenly something is spread: Gini's coefficient and Lorenz's curve, of whole numbers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

STEPS = 20
"""Into how many equal parts of the parties a curve is told."""


def gini(amounts: Sequence[int]) -> float:
    """0 when all have the same, ``1 - 1/n`` when one of ``n`` has all; 0 of nothing.

    Half the mean difference of two of them, over their mean (Gini, 1912). The sums are of
    whole numbers, so that the same amounts times ten give the same.
    """
    ordered, total = sorted(amounts), sum(amounts)
    if not total:
        return 0.0
    count = len(ordered)
    ranked = sum(rank * amount for rank, amount in enumerate(ordered, 1))
    return (2 * ranked - (count + 1) * total) / (count * total)


def lorenz(amounts: Sequence[int]) -> tuple[int, ...]:
    """What the least of them have together, in basis points of all, from none to every one.

    One value for each twentieth of the parties (Lorenz, 1905), straight between two of them;
    of nothing the even line.
    """
    ordered, total = sorted(amounts), sum(amounts)
    if not total:
        return tuple(10_000 * step // STEPS for step in range(STEPS + 1))
    sums = [0, *accumulate(ordered)]
    return tuple(_held(sums, step, total) for step in range(STEPS + 1))


def _held(sums: Sequence[int], step: int, total: int) -> int:
    whole, rest = divmod(step * (len(sums) - 1), STEPS)
    held = sums[whole] * STEPS
    if rest:
        held += (sums[whole + 1] - sums[whole]) * rest
    return 10_000 * held // (STEPS * total)
