"""How large the demo is: the whole job, or a small one that walks every path too."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    """How many there are of what; at least this many lots, of at least so many brands.

    The ``passed_over`` largest makers are left out, to have many brands with few lots.
    Everything that is special happens within the first twelve ordinary gatherings.
    """

    brands: int
    lots: int
    hosts: int
    offering_brands: int
    ordinary_gatherings: int
    steady_claims: int
    passed_over: int = 0


WHOLE = Scale(
    brands=300,
    lots=20_000,
    hosts=200,
    offering_brands=80,
    ordinary_gatherings=50,
    steady_claims=240,
)
SMALL = Scale(
    brands=40,
    lots=1_000,
    hosts=60,
    offering_brands=30,
    ordinary_gatherings=12,
    steady_claims=60,
    passed_over=60,
)
