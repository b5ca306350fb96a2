"""Which lots carry a tag: one growing list of rows for each tag."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from services.matching.offers.engine.bits import Rows

Points: TypeAlias = NDArray[np.int64]

_SMALLEST = 4


class Posting:
    """Rows in no order; the array is longer than what is used of it."""

    __slots__ = ("count", "rows")

    def __init__(self) -> None:
        self.rows: NDArray[np.int32] = np.empty(_SMALLEST, np.int32)
        self.count = 0

    def add(self, row: int) -> None:
        """Append a row that is not in it yet."""
        if self.count == len(self.rows):
            self.rows = np.concatenate((self.rows, np.empty_like(self.rows)))
        self.rows[self.count] = row
        self.count += 1

    def remove(self, row: int) -> None:
        """Take out a row that is in it; the last one moves to its place."""
        place = int(np.flatnonzero(self.used == row)[0])
        self.count -= 1
        self.rows[place] = self.rows[self.count]

    @property
    def used(self) -> NDArray[np.int32]:
        """The rows, as a view."""
        return self.rows[: self.count]


class Postings:
    """The posting of every tag."""

    def __init__(self) -> None:
        self._of_tag: dict[str, Posting] = {}

    def add(self, row: int, tags: tuple[str, ...]) -> None:
        """Enter a row under its tags."""
        for tag in tags:
            posting = self._of_tag.get(tag)
            if posting is None:
                posting = self._of_tag[tag] = Posting()
            posting.add(row)

    def remove(self, row: int, tags: tuple[str, ...]) -> None:
        """Take a row out from under its tags."""
        for tag in tags:
            posting = self._of_tag[tag]
            posting.remove(row)
            if not posting.count:
                del self._of_tag[tag]

    def sharing(self, points_of_tag: Mapping[str, int]) -> tuple[Rows, Points]:
        """The rows under any of the tags with that tag's points.

        A row that has several of the tags comes once for each.
        """
        found = [
            (posting.used, points)
            for tag, points in points_of_tag.items()
            if (posting := self._of_tag.get(tag))
        ]
        if not found:
            return np.empty(0, np.intp), np.empty(0, np.int64)
        lists = [rows for rows, _ in found]
        rows = np.concatenate(lists, dtype=np.intp)
        points = np.repeat(
            np.array([points for _, points in found], np.int64), [len(each) for each in lists]
        )
        return rows, points


def add_up(rows: Rows, points: Points) -> tuple[Rows, Points]:
    """Each row once and in order, with the sum of its points."""
    if not len(rows):
        return rows, points
    order = np.argsort(rows)
    rows, points = rows[order], points[order]
    first = np.flatnonzero(np.concatenate(([True], rows[1:] != rows[:-1])))
    return rows[first], np.add.reduceat(points, first)
