"""Whether a model should rank in the place of another: the figures, and what speaks against it.

A choice is the place that a lot got. Both models are taken to fill pages alike, exploring
included, so that the probability of being on a page cancels: they differ in who stands where.
A claim at place ``k`` stands for ``e(k') / e(k)`` claims at the place ``k'`` of the other
model, where ``e`` is how much a place is looked at: the estimator for a position-based model
of Li, Abbasi-Yadkori, Kveton, Muthukrishnan, Vinay and Wen, "Offline evaluation of ranking
policies with click models" (KDD 2018). ``e`` was learned from other pages, and how well it is
known widens the intervals. Between two orders of the same pages SNIPS is IPS, unless rows are
cut; DR is right where the learned odds are. What a model would fetch that was on no page is
beyond such a log.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

import numpy as np

from services.matching.models.engine.evaluation import Estimates, Log, evaluate
from services.matching.models.engine.learning import Odds
from services.matching.models.engine.shown import Real, ShownRows, Whole, places_by
from services.matching.offers.engine.points import Weights

PAGES_NEEDED, HOSTS_NEEDED, EFFECTIVE_NEEDED = 500, 30, 1_000
_BINS = 10
GUESSES = 20
"""How many guesses of how much a place is looked at the intervals go over."""


class Doubt(StrEnum):
    """Why the log does not support a model."""

    TOO_FEW_EXPOSURES = "too-few-exposures"
    SAMPLE_TOO_SMALL = "sample-too-small"
    MAY_BE_WORSE = "may-be-worse"


class Bin(NamedTuple):
    """A tenth of the rows, by what was expected of them: the means of both, and how many."""

    expected: float
    claimed: float
    rows: int


class Judgement(NamedTuple):
    """What a log says of a model beside the one that made the log.

    ``estimates`` are claims a lot shown; None when nothing was logged. ``moved`` is the share
    of rows that would stand elsewhere; ``doubts`` is empty when the log supports the model.
    """

    pages: int
    hosts: int
    rows: int
    claims: int
    moved: float
    estimates: Estimates | None
    calibration: tuple[Bin, ...]
    doubts: tuple[Doubt, ...]


def judge(
    shown: ShownRows, weights: Weights, present: Weights, odds: Odds, *, seed: int
) -> Judgement:
    """Judge these weights by pages that were ranked with the present ones.

    ``odds`` were learned from other pages than these.
    """
    if not len(shown):
        return Judgement(0, 0, 0, 0, 0.0, None, (), (Doubt.TOO_FEW_EXPOSURES,))
    places = places_by(shown, weights, present)
    logs = [log_of(shown, places, guess) for guess in _guesses(odds, seed)]
    estimates = evaluate(logs, seed=seed)
    pages, hosts = shown.pages, shown.hosts
    doubted = {
        Doubt.TOO_FEW_EXPOSURES: pages < PAGES_NEEDED or hosts < HOSTS_NEEDED,
        Doubt.SAMPLE_TOO_SMALL: estimates.effective < EFFECTIVE_NEEDED,
        Doubt.MAY_BE_WORSE: estimates.gain.lower < 0,
    }
    return Judgement(
        pages=pages,
        hosts=hosts,
        rows=len(shown),
        claims=int(shown.claimed.sum()),
        moved=float((places != shown.place).mean()),
        estimates=estimates,
        calibration=calibration(odds.of(shown, shown.place), shown.claimed.astype(float)),
        doubts=tuple(doubt for doubt, holds in doubted.items() if holds),
    )


def log_of(shown: ShownRows, places: Whole, odds: Odds) -> Log:
    """What was shown as a log of places given, the others being these places."""
    looked = odds.looked_at(shown.place)
    return Log(
        unit=shown.host,
        reward=shown.claimed.astype(float),
        logged=looked,
        target=odds.looked_at(places),
        expected=odds.of(shown, shown.place),
        expected_target=odds.of(shown, places),
        attention=looked,
    )


def _guesses(odds: Odds, seed: int) -> list[Odds]:
    """The odds as learned, and with decays as they may be too."""
    drawn = np.random.default_rng(seed).normal(odds.decay, odds.doubt, GUESSES - 1)
    return [odds, *(odds._replace(decay=max(0.0, float(decay))) for decay in drawn)]


def calibration(expected: Real, claimed: Real) -> tuple[Bin, ...]:
    """What was expected beside what came, in tenths of the rows by what was expected."""
    order = np.argsort(expected, kind="stable")
    return tuple(
        Bin(float(expected[some].mean()), float(claimed[some].mean()), len(some))
        for some in np.array_split(order, _BINS)
        if len(some)
    )
