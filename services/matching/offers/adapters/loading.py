"""The offer index made of what is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from chassis.mongo import collection
from services.matching.offers.domain import OfferedLot
from services.matching.offers.engine.breakdown import day
from services.matching.offers.engine.facts import LotFacts, SubsidyFacts
from services.matching.offers.engine.index import OfferIndex
from services.matching.offers.engine.points import DEFAULT, Weights
from services.matching.offers.engine.search import Search
from services.matching.offers.repositories import LOTS, SUBSIDIES, lot_of, subsidy_of

LOADED_AT_ONCE = 500


def load_index(
    now: datetime,
    weights: Weights = DEFAULT,
    search: type[Search] = Search,
    *,
    with_demand: bool = True,
    hear_of: Callable[[OfferedLot, LotFacts, int], None] | None = None,
) -> OfferIndex:
    """An index of all that is stored and not closed, as it is now; ``hear_of`` is told of each.

    Without demand lots score as if no clearing had found any: by what they are worth alone.
    """
    subsidies = collection(SUBSIDIES).find({"closed": None})
    lots = _read_lots(day(now), hear_of)
    return index_of(
        (subsidy_of(row).facts() for row in subsidies),
        lots if with_demand else (replace(lot, demand=None) for lot in lots),
        now,
        weights,
        search,
    )


def _read_lots(
    today: int, hear_of: Callable[[OfferedLot, LotFacts, int], None] | None
) -> Iterator[LotFacts]:
    # Small batches: PyMongo makes dictionaries of a whole batch at once.
    for row in collection(LOTS).find({"closed": None}).batch_size(LOADED_AT_ONCE):
        lot = lot_of(row)
        facts = lot.facts()
        if hear_of is not None:
            hear_of(lot, facts, today)
        yield facts


def index_of(
    subsidies: Iterable[SubsidyFacts],
    lots: Iterable[LotFacts],
    now: datetime,
    weights: Weights = DEFAULT,
    search: type[Search] = Search,
) -> OfferIndex:
    """An index of these."""
    index = OfferIndex(now, weights, search)
    for subsidy in subsidies:
        index.put_subsidy(subsidy)
    index.fill(lots)
    return index
