"""Means of stars in hundredths: plain, and pulled towards a prior while few have rated."""

from __future__ import annotations

PRIOR_HUNDREDTHS = 350
PRIOR_WEIGHT = 5


def mean(stars: int, count: int) -> int | None:
    """The mean in hundredths of a star, rounded half up; None without any."""
    return (200 * stars + count) // (2 * count) if count else None


def bayesian_mean(stars: int, count: int) -> int:
    """The mean as if five more had given three and a half, in hundredths, rounded half up.

    A conjugate prior: one rating of five does not outdo forty that are nearly so.
    """
    whole, weight = 100 * stars + PRIOR_HUNDREDTHS * PRIOR_WEIGHT, count + PRIOR_WEIGHT
    return (2 * whole + weight) // (2 * weight)
