"""How far what pairs were worth foretold which of them were taken up.

A clearing compares what a lot is worth to different hosts, and a reserve keeps lots off lists
by that comparison. It is right as far as what is worth twice as much is claimed twice as often.
That is looked at here, over what was held for hosts: all values are brought to shares claimed
by one factor, and in each fifth of the holds by value that is set beside what was claimed. How
far they differ is the expected calibration error (Naeini, Cooper and Hauskrecht, "Obtaining
well calibrated probabilities using Bayesian binning", AAAI 2015), here as a share of all that
was claimed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from services.matching.clearings.engine.market import Amounts, Whole
from services.matching.models.engine.evaluation import redrawn

GROUPS = 5
ROUNDS, LEVEL = 1_000, 95.0
SEED = 1
"""The same holds give the same bound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A fifth of the holds by value: its mean value in milli-points, and shares of the holds."""

    value: float
    expected: float
    claimed: float
    holds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeUp:
    """What became of holds, and how far their values foretold it.

    ``error`` is the sum over ``groups``, which are in the order of value, of the differences
    between claims foretold and claims made, as a share of all claims; in 95 of 100 such samples
    of hosts it is not above ``bound``. ``blind`` is what it would be if every fifth were claimed
    alike, whatever its value. All are None, and there are no groups, where nothing was claimed
    or worth anything.
    """

    holds: int
    hosts: int
    claimed: int
    error: float | None
    bound: float | None
    blind: float | None
    groups: tuple[Group, ...]


def take_up(host: Whole, value: Whole, claimed: Whole) -> TakeUp:
    """Look at holds, one entry each: the number of its host, milli-points, and 1 or 0."""
    order = np.argsort(value, kind="stable")
    parts = [part for part in np.array_split(order, GROUPS) if len(part)]
    hosts, taken, worth = len(np.unique(host)), int(claimed.sum()), int(value.sum())
    counted = {"holds": len(value), "hosts": hosts, "claimed": taken}
    if not taken or not worth:
        return TakeUp(**counted, error=None, bound=None, blind=None, groups=())
    factor = taken / worth
    return TakeUp(
        **counted,
        error=float(_errors(np.array([_sums(value, claimed, parts)]))[0]),
        bound=_bound(host, value, claimed, parts),
        blind=float(_errors(np.array([_sums(value, np.full_like(value, taken), parts)]))[0]),
        groups=tuple(
            Group(
                value=float(value[part].mean()),
                expected=float(value[part].mean() * factor),
                claimed=float(claimed[part].mean()),
                holds=len(part),
            )
            for part in parts
        ),
    )


def _bound(host: Whole, value: Whole, claimed: Whole, parts: list[Whole]) -> float:
    """By a bootstrap over hosts: what one does with one hold tells what she does with another."""
    _, unit = np.unique(host, return_inverse=True)
    by_host: Amounts = np.column_stack(
        [
            np.bincount(unit[part], column[part], unit.max() + 1)
            for part in parts
            for column in (value, claimed)
        ]
    ).astype(float)
    drawn = redrawn(by_host, np.random.default_rng(SEED), ROUNDS)
    return float(np.percentile(_errors(drawn), LEVEL))


def _sums(value: Whole, claimed: Whole, parts: list[Whole]) -> list[int]:
    """Value and claims of each part, one after the other."""
    return [int(column[part].sum()) for part in parts for column in (value, claimed)]


def _errors(sums: Amounts) -> Amounts:
    """By row of such sums, the error; a sample in which nothing was claimed is all wrong."""
    value, claimed = sums[:, ::2], sums[:, 1::2]
    taken = claimed.sum(axis=1, keepdims=True)
    worth = np.maximum(value.sum(axis=1, keepdims=True), 1)
    off = np.abs(claimed - value * taken / worth).sum(axis=1)
    errors: Amounts = np.where(taken[:, 0] > 0, off / np.maximum(taken[:, 0], 1), 1.0)
    return errors
