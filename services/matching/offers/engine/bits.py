"""Sets of lots as packed bits: one bit a row of the index, 64 rows a word."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Words: TypeAlias = NDArray[np.uint64]
Rows: TypeAlias = NDArray[np.intp]
"""Row numbers of the index."""

WORD = 64


class Bits:
    """A set of rows that grows with the index; adding or removing one is O(1).

    ``words`` is the set for numpy. It shares the memory of a bytearray, in which a
    single bit is set an order of magnitude faster than through a numpy scalar.
    """

    __slots__ = ("_octets", "words")
    words: Words

    def __init__(self, capacity: int) -> None:
        self._keep(bytearray(capacity // 8))

    def grow(self, capacity: int) -> None:
        """Make room for rows up to ``capacity``, a multiple of 64."""
        self._keep(bytearray(self._octets).ljust(capacity // 8, b"\0"))

    def put(self, row: int, *, present: bool) -> None:
        """Add or remove one row."""
        if present:
            self._octets[row >> 3] |= 1 << (row & 7)
        else:
            self._octets[row >> 3] &= ~(1 << (row & 7))

    def put_many(self, rows: Rows, *, present: bool) -> None:
        """Add or remove many rows."""
        masks = np.uint64(1) << (rows & 63).astype(np.uint64)
        if present:
            np.bitwise_or.at(self.words, rows >> 6, masks)
        else:
            np.bitwise_and.at(self.words, rows >> 6, ~masks)

    def replace(self, members: NDArray[np.bool_]) -> None:
        """Become the set of rows that are true; ``members`` is as long as the capacity."""
        self.words[:] = np.packbits(members, bitorder="little").view(np.uint64)

    def __contains__(self, row: int) -> bool:
        return bool(self._octets[row >> 3] >> (row & 7) & 1)

    def _keep(self, octets: bytearray) -> None:
        self._octets = octets
        self.words = np.frombuffer(octets, np.uint64)


def members(words: Words) -> Rows:
    """The rows of a set, in order. Costs by the words that hold any, not by the index."""
    filled = np.flatnonzero(words)
    bits = np.unpackbits(words[filled].view(np.uint8), bitorder="little")
    places = np.flatnonzero(bits.view(np.bool_))
    rows: Rows = filled[places >> 6] * WORD + (places & 63)
    return rows


def not_among(rows: Rows, taken: Rows) -> NDArray[np.bool_]:
    """Which of the rows are none of those taken, which are in order."""
    if not len(taken):
        return np.ones(len(rows), np.bool_)
    places = np.minimum(np.searchsorted(taken, rows), len(taken) - 1)
    others: NDArray[np.bool_] = taken[places] != rows
    return others


def those_in(words: Words, rows: Rows) -> NDArray[np.bool_]:
    """Which of the rows belong to a set."""
    octets = words.view(np.uint8)
    shifted = octets[rows >> 3] >> (rows & 7).astype(np.uint8)
    present: NDArray[np.bool_] = (shifted & 1).view(np.bool_)
    return present
