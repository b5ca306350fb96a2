"""Small markets, valid by default: a test names only what it is about."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from services.matching.clearings.engine.market import Market

Edge = tuple[int, int, int]  # host, lot, value
COST = 10


def a_market(
    edges: Sequence[Edge],
    *,
    capacity: Sequence[int] = (1, 1),
    units: Sequence[int] = (1, 1),
    brand_of: Sequence[int] | None = None,
    cost: Sequence[int] | None = None,
    budget: Sequence[int] | None = None,
    host_value: Sequence[int] | None = None,
    brand_value: Sequence[int] | None = None,
) -> Market:
    """Edges as (host, lot, value); every lot is of brand 0 and every edge costs ``COST``."""
    of = list(brand_of) if brand_of is not None else [0] * len(units)
    brands = max([*of, len(budget or ()) - 1, 0]) + 1
    return Market(
        hosts=tuple(f"org_host_{number}" for number in range(len(capacity))),
        lots=tuple(f"lot_{number}" for number in range(len(units))),
        brands=tuple(f"org_brand_{number}" for number in range(brands)),
        capacity=np.array(capacity),
        units=np.array(units),
        brand_of=np.array(of),
        edge_host=np.array([host for host, _, _ in edges]),
        edge_lot=np.array([lot for _, lot, _ in edges]),
        value=np.array([value for _, _, value in edges]),
        cost=np.array(cost if cost is not None else [COST] * len(edges)),
        budget=None if budget is None else np.array(budget),
        host_value=None if host_value is None else np.array(host_value),
        brand_value=None if brand_value is None else np.array(brand_value),
    )
