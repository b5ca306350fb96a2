"""Edges listed by what they belong to, to be taken out for many owners at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from services.matching.clearings.engine.market import Whole


class Rows(NamedTuple):
    """``items`` ordered by their owner; those of owner ``o`` are at ``starts[o:o + 2]``."""

    items: Whole
    starts: Whole

    @classmethod
    def of(cls, owner_of: Whole, owners: int, items: Whole) -> Rows:
        """List ``items`` by ``owner_of`` each; within an owner they keep their order."""
        owned = owner_of[items]
        counts = np.bincount(owned, minlength=owners)
        starts = np.concatenate([[0], np.cumsum(counts)])
        if (owned[1:] >= owned[:-1]).all():
            return cls(items, starts)
        return cls(items[np.argsort(owned, kind="stable")], starts)

    def joined(self, owners: Whole) -> Whole:
        """The items of all these owners, one after another."""
        begin, counts = self.starts[owners], self.starts[owners + 1] - self.starts[owners]
        ends = np.cumsum(counts)
        joined: Whole = self.items[
            np.repeat(begin - ends + counts, counts) + np.arange(counts.sum())
        ]
        return joined
