"""Which lots carry a tag: one growing list of rows for each tag."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from services.matching.offers.engine.bits import Rows, Words, those_in

Points: TypeAlias = NDArray[np.int64]

_SMALLEST = 4
_NO_ROWS = np.empty(0, np.int32)
_POINTS_BITS = 20
_POINTS_MASK = (1 << _POINTS_BITS) - 1


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

    def add_all(self, rows: Sequence[int]) -> None:
        """Append many rows that are not in it yet."""
        self.rows = np.concatenate((self.used, np.array(rows, np.int32)))
        self.count = len(self.rows)

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

    def add_all(self, rows_of_tag: Mapping[str, Sequence[int]]) -> None:
        """Enter many rows, by tag."""
        for tag, rows in rows_of_tag.items():
            self._of_tag.setdefault(tag, Posting()).add_all(rows)

    def remove(self, row: int, tags: tuple[str, ...]) -> None:
        """Take a row out from under its tags."""
        for tag in tags:
            posting = self._of_tag[tag]
            posting.remove(row)
            if not posting.count:
                del self._of_tag[tag]

    def under(self, points_of_tag: Mapping[str, int]) -> tuple[NDArray[np.int32], Points, Points]:
        """All rows tag after tag; where each tag's rows end, and its points, never none."""
        rows, ends, worth, end = [_NO_ROWS], [], [], 0
        for tag, points in points_of_tag.items():
            posting = self._of_tag.get(tag)
            if points and posting is not None:
                end += posting.count
                rows.append(posting.used)
                ends.append(end)
                worth.append(points)
        return np.concatenate(rows), np.array(ends, np.int64), np.array(worth, np.int64)

    def sharing(self, points_of_tag: Mapping[str, int], passing: Words) -> tuple[Rows, Points]:
        """The passing rows under any of the tags, in order, with the sum of the tags' points."""
        posted, ends, worth = self.under(points_of_tag)
        rows, points = posted.astype(np.intp), worth.repeat(np.diff(ends, prepend=0))
        kept = those_in(passing, rows).nonzero()[0]
        return _add_up(rows.take(kept), points.take(kept))


def _add_up(rows: Rows, points: Points) -> tuple[Rows, Points]:
    """Each row once and in order, with the sum of its points."""
    if not len(rows):
        return rows, points
    # Row and points in one number: sorting it brings a row's points together.
    both = rows << _POINTS_BITS | points
    both.sort()
    rows, points = both >> _POINTS_BITS, both & _POINTS_MASK
    first = np.concatenate(([0], np.flatnonzero(rows[1:] != rows[:-1]) + 1))
    return rows.take(first), np.add.reduceat(points, first)
