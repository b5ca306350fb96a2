"""The named terms of a lot for a household, of what was known when the market ended.

How they stand to the service's: *kind*, *brand*, *category* and *department* are its affinity
of tags; *popular*, *trend* its popularity; *local* its local; *own* and *regular*, *recent*
and *repeat* what a host's picture says that her people came to and bought; *factors*,
*shallow*, *neighbours* and *alike* the collaborative score that enters as a named feature.
*offered* stands for the subsidy, what a brand does for a lot in the weeks to come; *newly* is
a popularity that the service does not count yet. Price and urgency have no counterpart among
purchases; claims have some of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.quality import peers
from benchmarks.quality.data import PERIOD, Market, Real, Whole
from benchmarks.quality.metrics import best
from benchmarks.quality.rows import Settings

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

CANDIDATES = 300
SMALL = 0.05
FEW, SELDOM = 5, 0.1
"""First buyers, and a share on display, that are drawn to what is usual."""

HISTORY = ("own-2", "own-16", "own-52", "regular", "recent", "repeat")
AFFINITY = ("brand", "kind", "category", "department")
COLLABORATIVE = ("factors", "shallow-own", "shallow", "shallow-near", "neighbours", "alike")
CROWD = ("popular", "trend", "local")
NEWS = ("newly", "offered")

Signals = Mapping[str, Real]


@dataclass(frozen=True, slots=True)
class Candidates:
    """For each household some lots (households x places), and the terms of each."""

    lots: Whole
    terms: dict[str, Real]


def signals(market: Market, tuned: Mapping[str, Settings]) -> dict[str, Real]:
    """The collaborative scores of every household and lot, with the tuned settings."""
    return {
        "factors": peers.factors(market, *tuned["ALS"]),
        "shallow-own": peers.shallow(market, *tuned["EASE own"]),
        "shallow": peers.shallow(market, *tuned["EASE"]),
        "shallow-near": peers.shallow(market, 26, 0.25, 300),
        "neighbours": peers.neighbours(market, *tuned["item-kNN"]),
        "alike": _alike(market),
        "local": _local(market),
    }


def candidates(market: Market, found: Signals, *, new: bool) -> Candidates:
    """The most likely lots of each household and their terms; only lots new to it if asked."""
    first = found["shallow-own"]
    if new:
        likely = sum(found[name] / found[name].std() for name in ("shallow", "factors"))
        first = np.where(peers.dense(market.baskets()) > 0, -np.inf, likely)
    lots = best(first, min(CANDIDATES, market.lots))
    terms = {name: _log_odds(np.take_along_axis(all_, lots, 1)) for name, all_ in found.items()}
    if not new:
        # Beside a history of its own a score counts as it is; its logarithm is for lots that
        # nobody but the others speaks for.
        terms |= {
            name: np.maximum(0, np.take_along_axis(found[name], lots, 1)) for name in COLLABORATIVE
        }
        terms |= _history(market, lots)
    terms |= _affinity(market, lots) | _crowd(market, lots)
    return Candidates(lots, terms | news(market, found["shallow"], lots))


def _log_odds(score: Real) -> Real:
    """The logarithm of a score beside its mean, from zero up."""
    score = np.maximum(0, score)
    return np.asarray(np.log1p(score / score.mean() / SMALL), dtype=np.float32)


def _history(market: Market, lots: Whole) -> dict[str, Real]:
    def here(table: csr_matrix) -> Real:
        return np.take_along_axis(peers.dense(table), lots, 1)

    terms = {f"own-{half}": np.log1p(here(peers.faded(market, half))) for half in (2, 16, 52)}
    months_ago = (market.last_week - market.week) // 4
    regular = np.zeros(lots.shape, np.float32)
    for month in range(10):
        regular += 0.9**month * (here(market.summed((months_ago == month).astype(np.float32))) > 0)
    last = np.zeros((market.households, market.lots), np.float32)
    np.maximum.at(last, (market.household, market.lot), market.week.astype(np.float32))
    bought = np.take_along_axis(last, lots, 1)
    recent = np.where(bought > 0, 1 / (1 + (market.last_week - bought) / 4), 0)
    repeat = _repeat_rate(market)[lots] * np.minimum(1, terms["own-16"])
    terms |= {"regular": regular, "recent": recent.astype(np.float32), "repeat": repeat}
    return terms


def _repeat_rate(market: Market) -> Real:
    """Of each lot, the share of a period's buyers who bought it in the next one, too.

    Drawn towards the share of all lots, as if by twenty more buyers.
    """
    before, again = np.zeros(market.lots), np.zeros(market.lots)
    for end in range(market.last_week, 2 * PERIOD - 1, -PERIOD):
        earlier = market.baskets(end - 2 * PERIOD + 1, end - PERIOD) > 0
        later = market.baskets(end - PERIOD + 1, end) > 0
        before += earlier.getnnz(axis=0)
        again += earlier.multiply(later).tocsr().getnnz(axis=0)
    usual = again.sum() / max(1, before.sum())
    return np.asarray((again + 20 * usual) / (before + 20), dtype=np.float32)


def _affinity(market: Market, lots: Whole) -> dict[str, Real]:
    """What the household buys of the lot's brand, kind, category, department beside the lot."""
    bought = peers.faded(market, 13)
    own = np.take_along_axis(peers.dense(bought), lots, 1)
    groups = (market.brand_of, market.kind_of, market.category_of, market.department_of)
    terms = {}
    for name, group in zip(AFFINITY, groups, strict=True):
        total = peers.dense(bought @ peers.membership(group))
        beside = np.take_along_axis(total, group[lots], 1) - own
        terms[name] = np.log1p(np.maximum(0, beside))
    return terms


def _crowd(market: Market, lots: Whole) -> dict[str, Real]:
    end = market.last_week
    lately = market.baskets(end - PERIOD + 1, end).getnnz(axis=0)
    just_now = market.baskets(end - PERIOD // 2 + 1, end).getnnz(axis=0)
    trend = (just_now + 3) / (lately + 3)
    return {
        "popular": np.log1p(lately).astype(np.float32)[lots],
        "trend": np.log1p(trend).astype(np.float32)[lots],
    }


def news(market: Market, foretold: Real, lots: Whole) -> dict[str, Real]:
    """How many bought the lot for the first time lately, and how much more it is offered now.

    The former beside as many as a score foretells among those who never had it, the latter
    beside the weeks before; both as logarithms from zero up.
    """
    end = market.last_week
    had = peers.dense(market.until(end - PERIOD // 2).baskets()) > 0
    first = (peers.dense(market.baskets(end - PERIOD // 2 + 1, end)) > 0) & ~had
    likely = np.where(peers.dense(market.baskets()) > 0, 0, np.maximum(0, foretold)).sum(axis=0)
    usual = likely / likely.sum() * first.sum()
    newly = (first.sum(axis=0) + FEW) / (usual + FEW)
    weeks = market.displayed
    before, now = weeks[:, end - PERIOD + 1 : end + 1], weeks[:, end + 1 : end + PERIOD + 1]
    offered = (now.mean(axis=1) + SELDOM) / (before.mean(axis=1) + SELDOM)
    return {
        "newly": np.log1p(newly).astype(np.float32)[lots],
        "offered": np.log1p(offered).astype(np.float32)[lots],
    }


def _alike(market: Market) -> Real:
    """What the 400 households most like this one bought in the last half year (user-kNN)."""
    profiles = peers.of_length_one(peers.faded(market, 26, 0.1))
    likeness = peers.dense(profiles @ profiles.T)
    np.fill_diagonal(likeness, 0)
    near = min(400, market.households - 1)
    edge = -np.partition(-likeness, near, axis=1)[:, near]
    likeness[likeness < edge[:, None]] = 0
    lately = market.baskets(market.last_week - 25, market.last_week) > 0
    return likeness @ peers.dense(lately)


def _local(market: Market) -> Real:
    """The share of customers who buy the lot, in the stores where the household goes.

    A store's share is drawn towards that of all stores, as if by twenty more customers.
    """
    from scipy.sparse import csr_matrix  # noqa: PLC0415 - only measurements need it

    stores = int(market.store.max()) + 1
    sizes = (market.households, stores)
    weeks_ago = market.last_week - market.week
    visits = csr_matrix((0.5 ** (weeks_ago / 26), (market.household, market.store)), shape=sizes)
    goes = peers.dense(visits)
    customers = (goes > 0).sum(axis=0)
    goes /= np.maximum(1e-9, goes.sum(axis=1, keepdims=True))
    trio = np.unique(np.stack([market.store, market.lot, market.household]), axis=1)
    ones = np.ones(trio.shape[1], np.float32)
    buyers = peers.dense(csr_matrix((ones, (trio[0], trio[1])), shape=(stores, market.lots)))
    usual = market.baskets().getnnz(axis=0) / market.households
    share = (buyers + 20 * usual) / (customers + 20)[:, None]
    return np.asarray(goes @ share.astype(np.float32), dtype=np.float32)
