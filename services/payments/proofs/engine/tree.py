"""A Merkle tree over a list, as Certificate Transparency has it (RFC 6962, section 2.1).

Leaves and nodes are hashed with different first bytes, so that none passes for the other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

EMPTY = hashlib.sha256(b"").digest()


def leaf_hash(leaf: bytes) -> bytes:
    """The hash of one leaf."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two hashes."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """The root of a growing list, in memory that grows as its logarithm."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        """Append the hash of a leaf."""
        self.size += 1
        peak = leaf
        for _ in range(_trailing_zeros(self.size)):
            peak = node_hash(self._peaks.pop(), peak)
        self._peaks.append(peak)

    def root(self) -> bytes:
        """The root over all leaves so far; of none, the hash of nothing."""
        if not self._peaks:
            return EMPTY
        *others, found = self._peaks
        for peak in reversed(others):
            found = node_hash(peak, found)
        return found


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root over the hashes of leaves."""
    grown = Frontier()
    for leaf in leaves:
        grown.add(leaf)
    return grown.root()


def path_of(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """The audit path of a leaf, from its sibling up (RFC 6962, section 2.1.1)."""
    if len(leaves) == 1:
        return []
    middle = 1 << (len(leaves) - 1).bit_length() - 1
    if index < middle:
        return [*path_of(index, leaves[:middle]), root_of(leaves[middle:])]
    return [*path_of(index - middle, leaves[middle:]), root_of(leaves[:middle])]


def _trailing_zeros(number: int) -> int:
    return (number & -number).bit_length() - 1
