"""The market that a clearing matches: hosts, lots, the pairs that may be, and their limits."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]
Amounts = NDArray[np.float64]

MOST_VALUE = 1_000_000_000
"""Values and costs of one edge stay below this, so that no sum leaves 64 bits."""


class Bonuses(NamedTuple):
    """What it is worth that a host, and that a brand, is matched at all; in milli-points."""

    host: int = 0
    brand: int = 0


class Prices(NamedTuple):
    """Shadow prices: what one more would be worth, in milli-points.

    ``host[host]`` is of a gathering, ``lot[lot]`` of a unit, ``budget[brand]`` of a minor unit
    of money. A host or a lot costs less than nothing where being matched earns a bonus.
    """

    host: Amounts
    lot: Amounts
    budget: Amounts


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Market:
    """Hosts and lots with limits, and an edge for each pair that may be matched.

    ``capacity[host]`` gatherings and ``units[lot]`` packs may be matched at most, and a pair
    at most once. ``brand_of[lot]`` is the lot's brand. Edge ``e`` joins ``edge_host[e]`` and
    ``edge_lot[e]``; it is worth ``value[e]`` milli-points and takes ``cost[e]`` minor units of
    the ``budget[brand]`` (None where money binds nobody). ``host_value`` and ``brand_value``
    say what each side alone makes of an edge, which only ``NO_ENVY`` asks; left out, both
    think as the market does. All arrays are kept as read-only int64.

    Raises ``ValueError`` when lengths differ, a number points at nothing, a pair comes twice,
    or an amount is negative or beyond ``MOST_VALUE``.
    """

    hosts: tuple[str, ...]
    lots: tuple[str, ...]
    brands: tuple[str, ...]
    capacity: Whole
    units: Whole
    brand_of: Whole
    edge_host: Whole
    edge_lot: Whole
    value: Whole
    cost: Whole
    budget: Whole | None = None
    host_value: Whole | None = None
    brand_value: Whole | None = None
    edge_brand: Whole = field(init=False)
    """The brand of each edge."""

    def __post_init__(self) -> None:
        for each in fields(self):
            given = getattr(self, each.name, None)
            if given is not None and each.name not in {"hosts", "lots", "brands"}:
                object.__setattr__(self, each.name, _kept(each.name, given))
        self._check_lengths()
        self._check_numbers()
        object.__setattr__(self, "edge_brand", _kept("edge_brand", self.brand_of[self.edge_lot]))

    @property
    def edges(self) -> int:
        """How many pairs may be matched."""
        return len(self.value)

    @property
    def to_host(self) -> Whole:
        """What each edge is worth to its host."""
        return self.value if self.host_value is None else self.host_value

    @property
    def to_brand(self) -> Whole:
        """What each edge is worth to its brand."""
        return self.value if self.brand_value is None else self.brand_value

    def reduced(self, prices: Prices) -> Amounts:
        """What each edge is worth above the prices of what it takes."""
        left: Amounts = self.value - prices.host[self.edge_host] - prices.lot[self.edge_lot]
        return left - prices.budget[self.edge_brand] * self.cost if prices.budget.any() else left

    def _check_lengths(self) -> None:
        edges = len(self.value)
        wanted = {
            "capacity": len(self.hosts),
            "units": len(self.lots),
            "brand_of": len(self.lots),
            "budget": len(self.brands),
            **dict.fromkeys(("edge_host", "edge_lot", "cost", "host_value", "brand_value"), edges),
        }
        for name, length in wanted.items():
            given = getattr(self, name)
            if given is not None and len(given) != length:
                raise ValueError(f"{name} has {len(given)} entries, not {length}")

    def _check_numbers(self) -> None:
        for name, end in (
            ("edge_host", len(self.hosts)),
            ("edge_lot", len(self.lots)),
            ("brand_of", len(self.brands)),
            *((name, MOST_VALUE) for name in ("value", "cost", "host_value", "brand_value")),
        ):
            given = getattr(self, name)
            if given is not None and len(given) and not 0 <= given.min() <= given.max() < end:
                raise ValueError(f"{name} leaves 0 to {end}")
        for name in ("capacity", "units", "budget"):
            given = getattr(self, name)
            if given is not None and len(given) and given.min() < 0:
                raise ValueError(f"{name} is negative")
        pairs = np.sort(self.edge_host * len(self.lots) + self.edge_lot)
        if (pairs[1:] == pairs[:-1]).any():
            raise ValueError("a pair of host and lot comes twice")


def _kept(name: str, given: Any) -> Whole:  # noqa: ANN401 - whatever numpy can read
    """A read-only copy in one row of int64."""
    array = np.array(given)
    if array.ndim != 1 or (array.dtype.kind not in "iu" and len(array)):
        raise ValueError(f"{name} is not one row of whole numbers")
    kept = array.astype(np.int64)
    kept.flags.writeable = False
    return kept
