"""Weights learned from claims: a logistic regression that begins at the present weights.

A claim on a lot shown at place ``k`` has the odds

    log odds = b - g * log(k) + sum_t c[t] * share[t]

where ``share[t]`` is how much of the most of term ``t`` the lot had. ``g`` is a nuisance: it
takes up that what stands lower is looked at less, the position-based model of Craswell,
Zoeter, Taylor and Ramsey, "An experimental comparison of click position-bias models" (WSDM
2008). Claims are rare, so that odds are nearly probabilities and a factor of the probability
is a summand here. It was preferred to weighting rows by inverse propensities (Joachims,
Swaminathan and Schnabel, "Unbiased learning-to-rank with biased feedback", WSDM 2017), which
needs the same curve from elsewhere and makes the few rows at the bottom count for most.

The weights are the ``c`` brought to a whole million: a common factor changes no order. Each
``c`` is held above zero (``LEAST``), for more subsidy, or more shared tags, must never count
against a lot; that of ``kindred`` at zero or above, for it began at nothing. Each is drawn to the
present weights, as if those had been found before in data of a certain size, so that few rows
change little.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from services.matching.models.engine.shown import Real, ShownRows, Whole, scores
from services.matching.offers.engine.points import DEFAULT, MILLION, Weights

LEAST = 0.1
"""No weight is learned below this part of what it was before anything was learned."""
SPREAD = 0.12
"""How far from the present a full share of a term is thought to be, in log odds."""

# What is believed of the rest before any row is seen: mean and spread of a normal prior.
BASE = (-3.0, 3.0)
DECAY = (0.5, 0.5)
SLOPE = (4.0, 2.0)
_STEPS, _HALVINGS, _ENOUGH, _ARMIJO = 100, 40, 1e-8, 1e-4


class Odds(NamedTuple):
    """The odds of a claim: ``base``, ``decay`` with the logarithm of the place, ``rises``.

    ``rises`` is what a full share of each term adds, in the order of ``Weights``;
    ``doubt`` is the standard error of ``decay``.
    """

    base: float
    decay: float
    doubt: float
    rises: tuple[float, ...]

    def of(self, shown: ShownRows, place: Whole) -> Real:
        """The probability that each row is claimed, were it at this place."""
        return _chance(
            self.base - self.decay * np.log(place) + shown.shares @ np.array(self.rises)
        )

    def looked_at(self, place: Whole) -> Real:
        """How much a place is looked at, as a part of the first."""
        found: Real = place.astype(float) ** -self.decay
        return found


class Lesson(NamedTuple):
    """What was learned: the weights, and the odds they come from."""

    weights: Weights
    odds: Odds


def learn(shown: ShownRows, present: Weights) -> Lesson:
    """The likeliest weights after these rows; the present ones exactly where there is none."""
    slope = odds_of(shown, present)
    steep = sum(slope.rises)
    shares = np.array(present) / MILLION
    prior = _Prior(
        mean=np.array([slope.base, slope.decay, *(steep * shares)]),
        spread=np.array([BASE[1], DECAY[1], *np.full(len(shares), SPREAD)]),
        least=np.array([-np.inf, 0.0, *(LEAST * steep * np.array(DEFAULT) / MILLION)]),
    )
    columns = np.column_stack((np.ones(len(shown)), -np.log(shown.place), shown.shares))
    (base, decay, *rises), error = _likeliest(columns, shown.claimed.astype(float), prior)
    odds = Odds(base, decay, error[1], tuple(rises))
    return Lesson(to_weights(odds.rises), odds)


def odds_of(shown: ShownRows, weights: Weights) -> Odds:
    """The odds of a claim by a score of these very weights: how steeply it rises with it."""
    prior = _Prior(
        mean=np.array([BASE[0], DECAY[0], SLOPE[0]]),
        spread=np.array([BASE[1], DECAY[1], SLOPE[1]]),
        # A score that says nothing of claims still has a direction to begin from.
        least=np.array([-np.inf, 0.0, 1.0]),
    )
    columns = np.column_stack((np.ones(len(shown)), -np.log(shown.place), scores(shown, weights)))
    (base, decay, slope), error = _likeliest(columns, shown.claimed.astype(float), prior)
    rises = slope * np.array(weights) / MILLION
    return Odds(base, decay, error[1], tuple(rises.tolist()))


def to_weights(rises: tuple[float, ...]) -> Weights:
    """These in whole micro-points that sum to a million.

    Rounded down; what is left goes to the largest remainders, of equal ones to the first.
    """
    exact = np.array(rises) / sum(rises) * MILLION
    whole = np.floor(exact).astype(np.int64)
    first = np.argsort(-(exact - whole), kind="stable")[: MILLION - int(whole.sum())]
    whole[first] += 1
    return Weights(*whole.tolist())


class _Prior(NamedTuple):
    """A normal prior of each coefficient, and what it is never below."""

    mean: Real
    spread: Real
    least: Real


def _likeliest(columns: Real, claimed: Real, prior: _Prior) -> tuple[list[float], list[float]]:
    """The most probable coefficients, each at or above its least, and their standard errors.

    A projected Newton method: coefficients at their bound that would leave it are left out of
    the step (Bertsekas, "Projected Newton methods for optimization problems with simple
    constraints", SIAM Journal on Control and Optimization 20, 1982). The problem is convex,
    so that what is found is the only answer.
    """
    found, precision = np.maximum(prior.mean, prior.least), np.diag(prior.spread**-2)
    now = _loss(columns, claimed, prior, found)
    for _ in range(_STEPS):
        chance = _chance(columns @ found)
        slope = columns.T @ (chance - claimed) + precision @ (found - prior.mean)
        free = (found > prior.least) | (slope < 0)
        if not free.any() or np.abs(slope[free]).max() < _ENOUGH * (1 + len(claimed)):
            break
        bent = (columns * (chance * (1 - chance))[:, None]).T @ columns + precision
        step = np.zeros_like(found)
        step[free] = np.linalg.solve(bent[np.ix_(free, free)], slope[free])
        for halved in range(_HALVINGS):
            tried = np.maximum(found - step / 2**halved, prior.least)
            after = _loss(columns, claimed, prior, tried)
            if after <= now - _ARMIJO * float(slope @ (found - tried)):
                break
        if now - after <= _ENOUGH**2 * (1 + abs(now)):
            break
        found, now = tried, after
    chance = _chance(columns @ found)
    bent = (columns * (chance * (1 - chance))[:, None]).T @ columns + precision
    return found.tolist(), np.sqrt(np.diag(np.linalg.inv(bent))).tolist()


def _loss(columns: Real, claimed: Real, prior: _Prior, at: Real) -> float:
    """Less the logarithm of the probability of these coefficients, but for a constant."""
    line = columns @ at
    unlikely = (((at - prior.mean) / prior.spread) ** 2).sum() / 2
    return float((np.logaddexp(0, line) - claimed * line).sum() + unlikely)


def _chance(line: Real) -> Real:
    found: Real = 0.5 * (1 + np.tanh(line / 2))
    return found
