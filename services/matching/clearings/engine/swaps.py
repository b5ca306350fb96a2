"""Better choices by swaps within brands: use up what rounding left of every budget.

A lot has one brand, so brands share nothing but hosts. In a round every brand finds its best
swap among few edges: those chosen that are worth the least above their prices, and those
left out that are worth the most. All are compared at once, then made together, save where a
better one touches the same host.
"""

from __future__ import annotations

from itertools import combinations
from typing import NamedTuple

import numpy as np

from services.matching.clearings.engine.choice import Choice
from services.matching.clearings.engine.market import Amounts, Whole

SHORTLISTS = {1: (10, 20), 2: (8, 12)}
"""How many edges of a brand may go and how many may come, by the larger side of a swap."""

COMPARED_AT_ONCE = 1_000_000
NONE = -1
"""No edge: it is worth nothing, costs nothing and always fits."""


class _Options(NamedTuple):
    """For each brand (row) sets of edges (columns), and what each set is worth and costs."""

    edges: Whole
    worth: Whole
    cost: Whole


class _Swaps(NamedTuple):
    """One row a swap: its brand, what it gains, and the edges that go and come."""

    brand: Whole
    gain: Whole
    out: Whole
    into: Whole

    def at(self, rows: Whole) -> _Swaps:
        return _Swaps(*(each[rows] for each in self))


def improve(choice: Choice, reduced: Amounts) -> None:
    """Swap one edge for one until nothing gains, one for two and two for one, then one for one.

    ``reduced`` tells which edges are worth a look. Every swap adds to the objective.
    """
    ranked = np.lexsort((-reduced, choice.market.edge_brand))
    _one_for_one(choice, ranked)
    if _round(choice, ranked, 1, 2) + _round(choice, ranked, 2, 1):
        _one_for_one(choice, ranked)


def _one_for_one(choice: Choice, ranked: Whole) -> None:
    while _round(choice, ranked, 1, 1):
        pass


def _round(choice: Choice, ranked: Whole, size_out: int, size_in: int) -> int:
    """How many swaps were made. ``ranked`` has brand after brand, the best edges first."""
    is_open = ~choice.is_taken & (choice.hosts[choice.market.edge_host] > 0)
    worst_first, (most_out, most_in) = ranked[::-1], SHORTLISTS[max(size_out, size_in)]
    leaving = _shortlist(choice, worst_first[choice.is_taken[worst_first]], most_out)
    coming = _shortlist(choice, ranked[is_open[ranked]], most_in)
    brands = np.flatnonzero(coming[:, 0] != NONE)
    worth = choice.worth()
    out = _options(choice, leaving[brands], worth, size_out)
    into = _options(choice, coming[brands], worth, size_in)
    return _make(choice, _best_of_brands(choice, brands, out, into))


def _shortlist(choice: Choice, edges: Whole, most: int) -> Whole:
    """For each brand (row) the first of its edges, which stand together, and at least one NONE."""
    brand = choice.market.edge_brand[edges]
    begins = np.concatenate([[True], brand[1:] != brand[:-1]])[: len(edges)]
    place = np.arange(len(edges)) - np.maximum.accumulate(
        np.where(begins, np.arange(len(edges)), 0)
    )
    listed = np.full((len(choice.market.brands), most + 1), NONE)
    listed[brand[place < most], place[place < most]] = edges[place < most]
    return listed


def _options(choice: Choice, listed: Whole, worth: Whole, size: int) -> _Options:
    """All sets of so many edges of each shortlist."""
    picks = np.array(list(combinations(range(listed.shape[1]), size)))
    edges = listed[:, picks]
    is_edge = edges != NONE
    return _Options(
        edges,
        np.where(is_edge, worth[edges], 0).sum(2),
        np.where(is_edge, choice.market.cost[edges], 0).sum(2),
    )


def _best_of_brands(choice: Choice, brands: Whole, out: _Options, into: _Options) -> _Swaps:
    """The swap of each brand that gains most, those that gain nothing left out."""
    rows = max(1, COMPARED_AT_ONCE // (out.worth.shape[1] * into.worth.shape[1]))
    parts = [
        _compared(choice, brands, out, into, slice(start, start + rows))
        for start in range(0, max(1, len(brands)), rows)
    ]
    return _Swaps(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _compared(choice: Choice, brands: Whole, out: _Options, into: _Options, rows: slice) -> _Swaps:
    """The best swap of each of these brands, of all that it can pay and that fit."""
    left = choice.budgets[brands[rows], None, None]
    gain = into.worth[rows, None, :] - out.worth[rows, :, None]
    is_paid = into.cost[rows, None, :] - out.cost[rows, :, None] <= left
    row, goes, comes = np.nonzero((gain > 0) & is_paid)
    worth, row = gain[row, goes, comes], row + rows.start
    swaps = _Swaps(brands[row], worth, out.edges[row, goes], into.edges[row, comes])
    market = choice.market
    fits = _fit(choice.lots, market.edge_lot, swaps) & _fit(choice.hosts, market.edge_host, swaps)
    # A host's bonus was counted edge by edge, so no side may have two edges of one host.
    fits &= ~_meet(market.edge_host, swaps.out) & ~_meet(market.edge_host, swaps.into)
    swaps = swaps.at(np.flatnonzero(fits))
    order = np.lexsort((-swaps.gain, swaps.brand))
    is_first = np.concatenate([[True], np.diff(swaps.brand[order]) > 0])[: len(order)]
    return swaps.at(order[is_first])


def _fit(left: Whole, owner_of: Whole, swaps: _Swaps) -> np.ndarray:
    """Which swaps take no more of any owner than is left and given up."""
    out, into = owner_of[swaps.out], owner_of[swaps.into]
    is_out, is_in = swaps.out != NONE, swaps.into != NONE
    fits = np.ones(len(swaps.gain), bool)
    for column in range(into.shape[1]):
        owner = into[:, column, None]
        taken = ((into == owner) & is_in).sum(1)
        freed = ((out == owner) & is_out).sum(1)
        fits &= ~is_in[:, column] | (taken <= left[into[:, column]] + freed)
    return fits


def _meet(owner_of: Whole, edges: Whole) -> np.ndarray:
    """Which rows have two edges of one owner."""
    one, other = edges[:, 0], edges[:, -1]
    are_two = (one != other) & (one != NONE) & (other != NONE)
    meet: np.ndarray = are_two & (owner_of[one] == owner_of[other])
    return meet


def _make(choice: Choice, swaps: _Swaps) -> int:
    """Make those that touch no host whom a better one touches; how many."""
    swaps = swaps.at(np.argsort(-swaps.gain, kind="stable"))
    edges = np.concatenate([swaps.out, swaps.into], axis=1)
    host, rank = choice.market.edge_host[edges], np.arange(len(edges))[:, None]
    first = np.full(len(choice.market.hosts), len(edges))
    np.minimum.at(first, host[edges != NONE], np.broadcast_to(rank, edges.shape)[edges != NONE])
    made = swaps.at(np.flatnonzero(((first[host] == rank) | (edges == NONE)).all(1)))
    choice.give_up(made.out[made.out != NONE])
    choice.take(made.into[made.into != NONE])
    return len(made.gain)
