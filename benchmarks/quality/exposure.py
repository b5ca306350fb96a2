"""What it costs to show every brand: the curve of the guarantee on the purchases' test weeks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.data import Whole
from benchmarks.quality.fit import Lists, Model
from benchmarks.quality.guarantee import guaranteed, likelihood
from benchmarks.quality.metrics import PLACES, exposures, ndcg
from benchmarks.quality.terms import Candidates
from services.matching.audits.engine.inequality import gini

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

SLOTS = (0, 1, 2, 5)


@dataclass(frozen=True, slots=True)
class Exposure:
    """What a guarantee of so many slots a brand comes to.

    ``reachable`` brands are in somebody's candidates, ``shown`` are in at least one list;
    ``lost`` is the share of the unguaranteed NDCG@10 that the guarantee costs.
    """

    slots: int
    reachable: int
    shown: int
    ndcg: float
    lost: float
    gini: float


def curve(
    listed: Candidates,
    model: Model,
    earlier: Sequence[Lists],
    relevant: csr_matrix,
    brand_of: Whole,
) -> list[Exposure]:
    """The guarantee at none, one, two and five slots for each brand; Gini over the reachable."""
    scores = model.scores(listed.terms)
    chances = likelihood(model, earlier, scores)
    brands = brand_of[listed.lots]
    reachable = np.unique(brands)
    found: list[Exposure] = []
    for slots in SLOTS:
        lots = _ordered(listed.lots, scores, guaranteed(chances, brands, slots))
        gained = float(ndcg(lots, relevant).mean())
        places = exposures(lots, brand_of, int(brand_of.max()) + 1)[reachable]
        lost = 1 - gained / found[0].ndcg if found else 0.0
        shown = int((places > 0).sum())
        found.append(Exposure(slots, len(reachable), shown, gained, lost, gini(places.tolist())))
    return found


def _ordered(lots: Whole, scores: Whole, chosen: NDArray[np.bool_]) -> Whole:
    hidden = np.where(chosen, scores, np.iinfo(np.int64).min)
    order = np.argsort(-hidden.astype(np.float64), axis=1, kind="stable")[:, :PLACES]
    return np.take_along_axis(lots, order, axis=1)
