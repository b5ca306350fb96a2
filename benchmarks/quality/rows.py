"""The table that a run fills: one row a model, each beside the best tuned single signal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.metrics import Interval, interval

OURS = "named terms"
"""How the model of this project is called in every table."""

Settings = tuple[Any, ...]
"""What a model was tuned with: whole and real numbers in the order of its arguments."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a model's lists came to: the gain of each household, and who was shown."""

    gains: NDArray[np.float64]
    shown: float | None = None
    gini: float | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One model on the test split of one task.

    ``validated`` is its NDCG@10 on the validation split, which chose its settings;
    ``beside_best`` the difference to the peer that was best there, household by household;
    ``shown`` the share of brands in any list; ``gini`` how unequal their places are.
    """

    task: str
    model: str
    settings: str
    validated: float
    ndcg: Interval
    beside_best: Interval
    shown: float | None
    gini: float | None


@dataclass(frozen=True, slots=True)
class Tuned:
    """The settings of a model that were best on the validation split, and how good."""

    settings: Settings
    validated: float


def best_peer(tuned: Mapping[str, Tuned]) -> str:
    """The single signal that was best on the validation split."""
    return max((name for name in tuned if name != OURS), key=lambda name: tuned[name].validated)


def rows_of(
    task: str,
    tuned: Mapping[str, Tuned],
    tested: Mapping[str, Outcome],
    resamples: int,
) -> list[Row]:
    """The rows of a task; the peer to beat is chosen on validation, before the test is seen."""
    against = tested[best_peer(tuned)].gains
    return [
        Row(
            task=task,
            model=name,
            settings=", ".join(f"{each:g}" for each in tuned[name].settings),
            validated=tuned[name].validated,
            ndcg=interval(outcome.gains, resamples),
            beside_best=interval(outcome.gains - against, resamples),
            shown=outcome.shown,
            gini=outcome.gini,
        )
        for name, outcome in tested.items()
    ]
