"""The task *claims*: which of a campaign's coupons will a household redeem.

Campaigns are split by when they start: before May for fitting, May to July for validation,
from August on for the test. Everything is judged as of the morning a campaign starts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality import coupons as terms
from benchmarks.quality import peers
from benchmarks.quality.coupons import Campaign, Coupons
from benchmarks.quality.data import LAST_WEEK, Real
from benchmarks.quality.fit import Lists, Model, learn
from benchmarks.quality.metrics import best, ndcg
from benchmarks.quality.rows import OURS, Outcome, Settings, Tuned

Splits = dict[str, list[Campaign]]


def _kinds(score: Callable[..., Real]) -> Callable[..., Real]:
    """A peer of the purchases, on kinds of goods, summed over the kinds of each coupon."""

    def scored(coupons: Coupons, campaign: Campaign, *settings: float) -> Real:
        known = coupons.kinds.until(campaign.last_week)
        return terms.by_kind(coupons, campaign, score(known, *settings))

    return scored


def _tags(coupons: Coupons, campaign: Campaign, which: int) -> Real:
    groups = (coupons.kind_of, coupons.category_of, coupons.brand_of)
    return terms.affinity(coupons, campaign, groups[which])


PEERS: dict[str, tuple[Callable[..., Real], list[Settings]]] = {
    "popularity": (terms.buyers, [(LAST_WEEK,), (8,)]),
    "own history": (terms.own_purchases, [(26,), (4,), (12,), (52,), (1000,)]),
    "tags": (_tags, [(0,), (1,), (2,)]),
    "item-kNN": (_kinds(peers.neighbours), [(26, 0.5, 50, 10), (26, 0.5, 200, 10)]),
    "EASE": (_kinds(peers.shallow), [(26, 0.5, 30), (26, 0.5, 300)]),
    "ALS": (_kinds(peers.factors), [(26, 0.5, 32, 30, 0.5), (26, 0.5, 32, 10, 1)]),
}

SLOW = ("item-kNN", "EASE", "ALS")
"""Peers that a quick run leaves out; all are far from the best here."""

TERMS: list[tuple[str, ...]] = [
    terms.TERMS,
    tuple(name for name in terms.TERMS if not name.startswith("claimed")),
]
"""The sets of terms among which the validation campaigns choose."""


def gains_of(scores: Sequence[NDArray[Any]], campaigns: Sequence[Campaign]) -> NDArray[np.float64]:
    """NDCG@10 of every (household, campaign), in order."""
    from scipy.sparse import csr_matrix  # noqa: PLC0415 - only measurements need it

    return np.concatenate(
        [
            ndcg(best(points), csr_matrix(campaign.taken))
            for points, campaign in zip(scores, campaigns, strict=True)
        ]
    )


def tune(coupons: Coupons, splits: Splits, *, quick: bool) -> dict[str, Tuned]:
    """Of each peer the settings that are best on the validation campaigns."""
    chosen: dict[str, Tuned] = {}
    for name, (score, grid) in PEERS.items():
        if quick and name in SLOW:
            continue
        for settings in grid[:1] if quick else grid:
            scores = [score(coupons, each, *settings) for each in splits["validation"]]
            validated = float(gains_of(scores, splits["validation"]).mean())
            if name not in chosen or validated > chosen[name].validated:
                chosen[name] = Tuned(settings, validated)
    return chosen


def fit(coupons: Coupons, splits: Splits, chosen: dict[str, Tuned]) -> Model:
    """Choose the terms on the validation campaigns, then fit them with those, too."""
    lists = {name: _lists(coupons, splits[name]) for name in ("fit", "validation")}
    found = {}
    for names in TERMS:
        model = learn(lists["fit"], names)
        scores = [model.scores(each.terms) for each in lists["validation"]]
        found[names] = float(gains_of(scores, splits["validation"]).mean())
    names = max(found, key=lambda each: found[each])
    chosen[OURS] = Tuned((len(names),), found[names])
    return learn(lists["fit"] + lists["validation"], names)


def tested(
    coupons: Coupons, splits: Splits, chosen: dict[str, Tuned], model: Model
) -> dict[str, Outcome]:
    """The one look at the test campaigns: every tuned peer and the fitted model."""
    campaigns = splits["test"]
    found = {}
    scores: list[NDArray[Any]]
    for name, tuned in chosen.items():
        if name == OURS:
            lists = _lists(coupons, campaigns)
            scores = [model.scores(each.terms) for each in lists]
        else:
            scores = [PEERS[name][0](coupons, each, *tuned.settings) for each in campaigns]
        found[name] = Outcome(gains_of(scores, campaigns))
    return found


def _lists(coupons: Coupons, campaigns: list[Campaign]) -> list[Lists]:
    return [terms.lists_of(coupons, each) for each in campaigns]
