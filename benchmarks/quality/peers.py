"""The peers: signals that rank by themselves, each with what can be tuned of it.

Every function takes a market that ends where knowledge ends, and answers households x lots
of real numbers, higher is better. All are exact and without chance but for the start of the
factors, which is seeded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.quality.data import Market, Real, Whole

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix


def faded(market: Market, half_life: float, power: float = 1.0) -> csr_matrix:
    """Baskets, each worth half of one a half-life (weeks) later, as they fade for ever.

    The sum of a household and lot is raised to the power: below one, the first baskets
    count for more than the last.
    """
    age = market.last_week - market.week
    table = market.summed((0.5 ** (age / half_life)).astype(np.float32))
    table.data **= power
    return table


def own_history(market: Market, half_life: float) -> Real:
    """How often the household itself bought the lot, lately more than long ago."""
    return dense(faded(market, half_life))


def popularity(market: Market, weeks: int) -> Real:
    """How many households bought the lot in the last weeks; the same for all."""
    buyers = market.baskets(market.last_week - weeks + 1, market.last_week).getnnz(axis=0)
    return np.tile(buyers.astype(np.float32), (market.households, 1))


def tags(market: Market, half_life: float) -> Real:
    """Cosine of what the household bought with the lot, by words for brand, kind, category.

    Words are weighed by how rare they are among lots (TF-IDF, Sparck Jones 1972).
    """
    from scipy.sparse import diags, hstack  # noqa: PLC0415 - only measurements need it

    groups = (market.brand_of, market.kind_of, market.category_of, market.department_of)
    words = hstack([membership(group) for group in groups]).tocsr()
    rare = np.log(market.lots / np.maximum(1, words.getnnz(axis=0)))
    words = of_length_one(words @ diags(rare))
    profiles = of_length_one(faded(market, half_life, 0.5) @ words)
    return dense(profiles @ words.T)


def neighbours(market: Market, half_life: float, power: float, near: int, shrink: float) -> Real:
    """Item-kNN: the household's lots vote for the lots most like them.

    Likeness is the cosine of two lots' buyers, shrunk towards zero by ``shrink`` for lots
    with few of them; only the ``near`` most alike of a lot have a vote (Sarwar 2001).
    """
    taken = faded(market, half_life, power)
    alike = dense(taken.T @ taken)
    length = np.sqrt(alike.diagonal())
    alike /= np.outer(length, length) + shrink + 1e-9
    np.fill_diagonal(alike, 0)
    near = min(near, market.lots - 1)
    edge = -np.partition(-alike, near, axis=0)[near]
    alike[alike < edge] = 0
    return np.asarray(taken @ alike, dtype=np.float32)


def shallow(market: Market, half_life: float, power: float, ridge: float) -> Real:
    """EASE: every lot predicted from all others by ridge regression (Steck 2019), exactly.

    There are fewer households than lots, so the inverse is taken over households (Woodbury):
    with K = (X X' + ridge)^-1, X P = K X and ridge P_jj = 1 - x_j' K x_j.
    """
    from scipy.linalg import cho_factor, cho_solve  # noqa: PLC0415 - only measurements need it

    taken = faded(market, half_life, power)
    gram = dense(taken @ taken.T)
    gram[np.diag_indices_from(gram)] += ridge
    wide = dense(taken)
    solved = cho_solve(cho_factor(gram, lower=True, overwrite_a=True), wide, check_finite=False)
    own = (1 - np.einsum("ij,ij->j", wide, solved)) / ridge
    predicted: Real = wide - solved / own
    return predicted


def factors(
    market: Market,
    half_life: float,
    power: float,
    width: int,
    ridge: float,
    weight: float,
    turns: int = 12,
) -> Real:
    """ALS: both sides as vectors whose product is near one where something was bought.

    Confidence is 1 + weight x the faded count (Hu, Koren and Volinsky 2008).
    """
    taken = faded(market, half_life, power)
    turned = taken.T.tocsr()
    chance = np.random.default_rng(1)
    lots = chance.normal(0, 0.1, (market.lots, width)).astype(np.float32)
    people = np.zeros((market.households, width), np.float32)
    for _ in range(turns):
        _solve(people, lots, taken, ridge, weight)
        _solve(lots, people, turned, ridge, weight)
    _solve(people, lots, taken, ridge, weight)
    return people @ lots.T


def _solve(into: Real, fixed: Real, taken: csr_matrix, ridge: float, weight: float) -> None:
    from scipy.linalg.lapack import sposv  # noqa: PLC0415 - only measurements need it

    shared = fixed.T @ fixed
    shared[np.diag_indices_from(shared)] += ridge
    for row in range(len(into)):
        inside = slice(taken.indptr[row], taken.indptr[row + 1])
        vectors = fixed[taken.indices[inside]]
        sure = weight * taken.data[inside]
        whole = shared + vectors.T @ (vectors * sure[:, None])
        into[row] = sposv(whole, vectors.T @ (1 + sure))[1]


def dense(table: csr_matrix) -> Real:
    """A sparse table with its zeros."""
    whole: Real = np.asarray(table.toarray(), dtype=np.float32)
    return whole


def membership(group: Whole, groups: int | None = None) -> csr_matrix:
    """Lots x groups: one where the lot is of the group; what is of none of them has zeros."""
    from scipy.sparse import csr_matrix  # noqa: PLC0415 - only measurements need it

    groups = int(group.max()) + 1 if groups is None else groups
    lots = np.flatnonzero(group < groups)
    ones = np.ones(len(lots), np.float32)
    return csr_matrix((ones, (lots, group[lots])), shape=(len(group), groups))


def of_length_one(table: csr_matrix) -> csr_matrix:
    """The same rows, each divided by its length."""
    from scipy.sparse import diags  # noqa: PLC0415 - only measurements need it

    length = np.sqrt(np.asarray(table.multiply(table).sum(axis=1)).ravel())
    return (diags((1 / np.maximum(length, 1e-9)).astype(np.float32)) @ table).tocsr()
