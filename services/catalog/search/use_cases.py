"""What an operator can do about listings: have them made anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Remade:
    """How far the listings are made anew: up to the lot ``after``, None when that was all.

    ``lots`` were looked at, listings of ``changed`` of them written or deleted. ``total``
    is about how many lots there are.
    """

    after: str | None
    lots: int
    changed: int
    total: int


class Listings(Protocol):
    """The listings of all lots, wherever they are kept."""

    def make_anew(self, after: str, *, limit: int) -> Remade:
        """Make those of the next lots what their lots say; what is right is left alone.

        In a transaction of its own. Who sells or closes one of these lots meanwhile
        comes before or after it, never between: one of the two is run again.
        """
        ...
