"""The tasks *purchases* and *discovery*: what each household will buy in the next weeks.

Purchases asks for any lot of the weeks after the market ends, discovery only for lots that the
household never bought before. Settings are chosen on weeks 38 to 45 from what was known at the
end of week 37; then everything is fitted again with all of weeks 1 to 45 and ``tested`` looks
at weeks 46 to 53, once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality import peers
from benchmarks.quality.data import LAST_WEEK_OF_TRAINING, PERIOD, Market, Real, Whole
from benchmarks.quality.fit import Lists, Model, learn
from benchmarks.quality.metrics import best, exposures, ndcg
from benchmarks.quality.rows import OURS, Outcome, Settings, Tuned
from benchmarks.quality.terms import (
    AFFINITY,
    COLLABORATIVE,
    CROWD,
    HISTORY,
    NEWS,
    Candidates,
    candidates,
    signals,
)
from services.matching.audits.engine.inequality import gini

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

PURCHASES, DISCOVERY = "purchases", "discovery"
VALIDATED = LAST_WEEK_OF_TRAINING - PERIOD

PEERS: dict[str, tuple[Callable[..., Real], list[Settings]]] = {
    "popularity": (peers.popularity, [(37,), (16,), (4,)]),
    "own history": (peers.own_history, [(26,), (16,), (8,), (52,), (1000,)]),
    "tags": (peers.tags, [(16,), (52,)]),
    "item-kNN": (
        peers.neighbours,
        [(26, 0.5, 200, 0), (26, 0.25, 500, 0), (26, 0.25, 200, 10), (26, 0.5, 50, 10)],
    ),
    "EASE": (
        peers.shallow,
        [
            *((16, 0.5, 10), (13, 0.1, 1500), (26, 0.5, 10), (26, 0.5, 30)),
            *((26, 0.25, 300), (26, 0.1, 1500), (26, 0.25, 1500)),
        ],
    ),
    "ALS": (
        peers.factors,
        [(26, 0.5, 48, 30, 0.3), (26, 0.5, 64, 30, 0.5), (26, 0.25, 64, 30, 0.3)],
    ),
}
QUICK: dict[str, list[Settings]] = {
    "EASE": [(16, 0.5, 10), (13, 0.1, 1500)],
    "ALS": [(26, 0.5, 48, 30, 0.3)],
}
"""The settings that a quick run tries; of the others the first."""

TERMS: dict[str, list[tuple[str, ...]]] = {
    PURCHASES: [HISTORY + AFFINITY + COLLABORATIVE + CROWD],
    DISCOVERY: [
        COLLABORATIVE,
        (*COLLABORATIVE, *AFFINITY, "local"),
        (*COLLABORATIVE, *NEWS),
        (*COLLABORATIVE, *AFFINITY, "local", *NEWS),
    ],
}
"""The sets of terms among which the validation split chooses."""

Chosen = dict[str, dict[str, Tuned]]


@dataclass(frozen=True, slots=True)
class Future:
    """What was bought after the market ended, and which of it was new to the household."""

    any: csr_matrix
    new: csr_matrix
    had: NDArray[np.bool_]

    def of(self, task: str) -> csr_matrix:
        """What counts in a task."""
        return self.new if task == DISCOVERY else self.any

    def gains(self, task: str, scores: Real) -> tuple[Whole, NDArray[np.float64]]:
        """The lists by these scores, and the NDCG@10 of each household that is asked."""
        allowed = np.where(self.had, -np.inf, scores) if task == DISCOVERY else scores
        listed = best(allowed)
        return listed, ndcg(listed, self.of(task))


def future(market: Market, week: int) -> Future:
    """The eight weeks after a week."""
    bought = market.baskets(week + 1, week + PERIOD)
    had = market.until(week).baskets() > 0
    new = bought - bought.multiply(had)
    new.eliminate_zeros()
    return Future(bought, new.tocsr(), peers.dense(had) > 0)


def tune(market: Market, *, quick: bool) -> Chosen:
    """Of each peer the settings that are best in the validation weeks, task by task."""
    known, then = market.until(VALIDATED), future(market.until(LAST_WEEK_OF_TRAINING), VALIDATED)
    chosen: Chosen = {PURCHASES: {}, DISCOVERY: {}}
    for name, (score, grid) in PEERS.items():
        for settings in QUICK.get(name, grid[:1]) if quick else grid:
            scores = score(known, *settings)
            for task, found in chosen.items():
                if (name, task) == ("own history", DISCOVERY):
                    continue  # nobody has a history with what is new to her
                validated = float(then.gains(task, scores)[1].mean())
                if name not in found or validated > found[name].validated:
                    found[name] = Tuned(settings, validated)
    return chosen


def settings_of(chosen: Chosen) -> dict[str, Settings]:
    """The tuned settings with which collaborative scores enter as named terms."""
    new = {name: chosen[DISCOVERY][name].settings for name in ("ALS", "EASE", "item-kNN")}
    return new | {"EASE own": chosen[PURCHASES]["EASE"].settings}


def offered(known: Market, tuned: Mapping[str, Settings]) -> dict[str, Candidates]:
    """The candidates of both tasks, at the end of what is known."""
    found = signals(known, tuned)
    return {task: candidates(known, found, new=task == DISCOVERY) for task in TERMS}


def lists_of(listed: Candidates, relevant: csr_matrix) -> Lists:
    """The candidates' terms beside what was then taken."""
    rows = np.arange(len(listed.lots))[:, None]
    taken = np.asarray((relevant != 0)[rows, listed.lots].todense(), dtype=bool)
    return Lists(listed.terms, taken)


@dataclass(frozen=True, slots=True)
class Fitted:
    """The chosen model of each task, and the training windows it was fitted on."""

    models: dict[str, Model]
    lists: dict[str, list[Lists]]


def fit(market: Market, chosen: Chosen) -> Fitted:
    """Choose the terms on the validation weeks, then fit them again with those weeks, too.

    Weights always come from earlier weeks than those they are judged by. What was chosen is
    written into ``chosen`` under the name of this project's model.
    """
    market = market.until(LAST_WEEK_OF_TRAINING)
    tuned = settings_of(chosen)
    lists: dict[str, list[Lists]] = {task: [] for task in TERMS}
    for end in (VALIDATED - PERIOD, VALIDATED):
        then, listed = future(market, end), offered(market.until(end), tuned)
        for task, found in listed.items():
            lists[task].append(lists_of(found, then.of(task)))
    models = {}
    for task, sets in TERMS.items():
        tried = {
            names: _validated(learn(lists[task][:1], names), then, task, listed[task])
            for names in sets
        }
        names = max(tried, key=lambda each: tried[each])
        models[task] = learn(lists[task], names)
        chosen[task][OURS] = Tuned((len(names),), tried[names])
    return Fitted(models, lists)


def _validated(model: Model, then: Future, task: str, listed: Candidates) -> float:
    return float(ndcg(top(listed, model.scores(listed.terms)), then.of(task)).mean())


def top(listed: Candidates, scores: Whole) -> Whole:
    """The ten candidates with the most points; the likelier candidate wins a tie."""
    order = np.argsort(-scores, axis=1, kind="stable")[:, :10]
    return np.take_along_axis(listed.lots, order, axis=1)


def tested(
    market: Market, chosen: Chosen, fitted: Fitted
) -> tuple[dict[str, dict[str, Outcome]], dict[str, Candidates], Future]:
    """The one look at the test weeks: every tuned peer and the fitted models."""
    known = market.until(LAST_WEEK_OF_TRAINING)
    listed = offered(known, settings_of(chosen))
    then = future(market, LAST_WEEK_OF_TRAINING)
    found: dict[str, dict[str, Outcome]] = {task: {} for task in TERMS}
    for task, models in chosen.items():
        for name in models:
            if name != OURS:
                scores = PEERS[name][0](known, *models[name].settings)
                lists, gains = then.gains(task, scores)
            else:
                lists = top(listed[task], fitted.models[task].scores(listed[task].terms))
                gains = ndcg(lists, then.of(task))
            found[task][name] = _outcome(known, lists, gains)
    return found, listed, then


def _outcome(market: Market, lists: Whole, gains: NDArray[np.float64]) -> Outcome:
    places = exposures(lists, market.brand_of, int(market.brand_of.max()) + 1)
    return Outcome(gains, float((places > 0).mean()), gini(places.tolist()))
