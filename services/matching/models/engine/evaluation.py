"""What another policy would have earned, estimated from what was logged under this one.

Three estimators of the mean reward, all of weighted rows (``weight`` is the probability of
the logged choice under the other policy over that under the one that logged, cut at
``CLIP``):

* IPS, inverse propensity scoring: the mean of weight times reward. Unbiased where nothing is
  cut and every choice of the other policy could have been logged.
* SNIPS, self-normalised: the same over the mean weight, which evens out by how much luck the
  log holds too many or too few of the other's choices. Swaminathan and Joachims, "The
  self-normalized estimator for counterfactual learning" (NIPS 2015).
* DR, doubly robust: what a model of the reward expects of the other policy, plus the weighted
  errors of that model on what was logged. Right if either the model or the weights are.
  Dudik, Langford and Li, "Doubly robust policy evaluation and learning" (ICML 2011).

Intervals are percentiles of a bootstrap that draws whole units (hosts), because what one host
does on one page tells what she does on the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from services.matching.models.engine.shown import Real, Whole

CLIP = 10.0
"""No row counts for more than this many."""
ROUNDS, AT_ONCE = 1_000, 50
LEVEL = 0.95


class Log(NamedTuple):
    """Choices that were logged, one row each; rewards of a unit may depend on each other.

    ``logged`` and ``target`` are the probabilities of the logged choice under the policy that
    logged, above zero, and under the other; ``expected`` is what a model of the reward
    expected of that choice, ``expected_target`` of the other policy's choice in its stead.
    ``attention`` is what SNIPS measures weights by: all ones where a choice is one of many
    that exclude each other; how much each is looked at where the choices are places.
    """

    unit: Whole
    reward: Real
    logged: Real
    target: Real
    expected: Real
    expected_target: Real
    attention: Real

    @property
    def weights(self) -> Real:
        """How many logged rows each stands for, cut at ``CLIP``."""
        return np.minimum(self.target / self.logged, CLIP)


class Interval(NamedTuple):
    """An estimate and the bounds that hold it in 95 of 100 such logs."""

    estimate: float
    lower: float
    upper: float


class Estimates(NamedTuple):
    """The mean reward of a row: as it was, and as the other policy would have had it.

    ``gain`` is DR less what was earned, of the same rows. ``effective`` is how many equal
    rows the weighted ones are worth (Kish), ``clipped`` the share of rows that were cut.
    """

    earned: Interval
    ips: Interval
    snips: Interval
    dr: Interval
    gain: Interval
    effective: float
    clipped: float


def evaluate(logs: Sequence[Log], *, seed: int, rounds: int = ROUNDS) -> Estimates:
    """Estimate what the other policy would have earned; the same seed, the same intervals.

    ``logs`` is one log, its probabilities as they are most likely and then as they may be
    too, where they are not known exactly: the estimates are of the first, the rounds of the
    bootstrap go over all. Raises ``ValueError`` where nothing was logged, and for a choice
    that could not have been.
    """
    log, chance = logs[0], np.random.default_rng(seed)
    if not len(log.reward):
        raise ValueError("nothing was logged")
    if any((each.logged <= 0).any() for each in logs):
        raise ValueError("a logged choice has no probability")
    sums = [_sums(each) for each in logs]
    each = -(-rounds // len(sums))
    drawn = np.array([_figures(total) for some in sums for total in redrawn(some, chance, each)])
    tail = 100 * (1 - LEVEL) / 2
    lower, upper = np.percentile(drawn, [tail, 100 - tail], axis=0)
    told = zip(_figures(sums[0].sum(axis=0)), lower.tolist(), upper.tolist(), strict=True)
    earned, ips, snips, dr, gain = (Interval(*figures) for figures in told)
    weights = log.weights
    return Estimates(
        earned=earned,
        ips=ips,
        snips=snips,
        dr=dr,
        gain=gain,
        effective=float(weights.sum() ** 2 / max((weights**2).sum(), np.finfo(float).tiny)),
        clipped=float((log.target / log.logged > CLIP).mean()),
    )


def _sums(log: Log) -> Real:
    """What the figures are made of, summed over each unit."""
    weights = log.weights
    robust = log.expected_target + weights * (log.reward - log.expected)
    columns = (
        np.ones(len(weights)),
        log.reward,
        weights * log.reward,
        log.attention,
        weights * log.attention,
        robust,
    )
    _, unit = np.unique(log.unit, return_inverse=True)
    return np.column_stack([np.bincount(unit, column) for column in columns])


def _figures(total: Real) -> tuple[float, ...]:
    """Earned, IPS, SNIPS, DR and gain of summed columns."""
    rows, reward, weighted, attention, shifted, robust = total.tolist()
    ips = weighted / rows
    snips = ips * attention / shifted if shifted else 0.0
    return reward / rows, ips, snips, robust / rows, (robust - reward) / rows


def redrawn(sums: Real, chance: np.random.Generator, rounds: int) -> Real:
    """The summed columns of as many units drawn with replacement, round after round."""
    units, found = len(sums), []
    for begun in range(0, rounds, AT_ONCE):
        some = min(AT_ONCE, rounds - begun)
        drawn = chance.integers(units, size=(some, units)) + units * np.arange(some)[:, None]
        counts = np.bincount(drawn.ravel(), minlength=some * units).reshape(some, units)
        found.append(counts @ sums)
    return np.concatenate(found)
