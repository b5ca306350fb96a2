"""Which entry ids the log has, and where: sorted runs of 64-bit keys in memory."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from services.payments.ledger.engine.columns import U32, U64, wide

RECENT_SEGMENTS = 64
MAX_RUN = 1 << 20  # keys; merging two halves of it takes a few milliseconds

_TIME_BITS = np.uint64(16)
_MIX_BITS = np.uint64(23)
_KEEP_MIX = np.uint64(41)
_STIR_HIGH = np.uint64(0x9E3779B97F4A7C15)
_STIR_LOW = np.uint64(0xC2B2AE3D27D4EB4F)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry stands in the log."""

    segment: int
    index: int


class Run(NamedTuple):
    """Sorted keys, and the segment each is from."""

    keys: U64
    segments: U32


def keys_of(high: U64, low: U64) -> U64:
    """A 64-bit key an id: its time, so that runs hardly overlap, then a stir of all its bits.

    Two ids may share a key, so a match is always compared in full.
    """
    stirred = (high * _STIR_HIGH) ^ (low * _STIR_LOW)
    return (high >> _TIME_BITS) << _MIX_BITS | stirred >> _KEEP_MIX


def twins(high: U64, low: U64) -> list[int]:
    """The positions at which an id stands that stood before among the same ids."""
    in_order = np.sort(keys_of(high, low))
    if len(in_order) == 1 or not (in_order[1:] == in_order[:-1]).any():
        return []
    seen: set[int] = set()
    found = []
    for position, number in enumerate(wide(high, low)):
        if number in seen:
            found.append(position)
        seen.add(number)
    return found


class IdIndex:
    """All ids of the log: 12 bytes each in memory, none of them on disk.

    ``read_ids`` fetches the ids of an older segment when a key matches.
    """

    def __init__(self, read_ids: Callable[[int], tuple[U64, U64]]) -> None:
        self._read_ids = read_ids
        self._runs: list[Run] = []
        self._recent: OrderedDict[int, tuple[U64, U64]] = OrderedDict()

    @property
    def runs(self) -> Sequence[Run]:
        """All keys, in runs of segments that follow each other."""
        return self._runs

    def restore(self, run: Run) -> None:
        """Add the next run again."""
        self._runs.append(run)

    def find(self, high: U64, low: U64) -> dict[int, Place]:
        """For those of the ids that the log has: position to place."""
        keys = keys_of(high, low)
        found: dict[int, Place] = {}
        for run in reversed(self._runs):
            inside = np.flatnonzero((keys >= run.keys[0]) & (keys <= run.keys[-1]))
            if not len(inside):
                continue
            spots = np.searchsorted(run.keys, keys[inside])
            matches = np.flatnonzero(run.keys[spots] == keys[inside])
            for match in matches.tolist():
                position, spot = int(inside[match]), int(spots[match])
                place = self._compare(run, spot, high[position], low[position])
                if place is not None:
                    found[position] = place
        return found

    def find_one(self, number: int) -> Place | None:
        """Where the entry with this id is, if the log has it."""
        halves = number >> 64, number & (1 << 64) - 1
        return self.find(*(np.array([half], np.uint64) for half in halves)).get(0)

    def remember(self, segment: int, high: U64, low: U64) -> None:
        """Add the ids of a segment; merge runs so that there are few."""
        keys = keys_of(high, low)
        keys.sort()
        self._runs.append(Run(keys, np.full(len(keys), segment, np.uint32)))
        while len(self._runs) > 1 and _worth_merging(self._runs[-2], self._runs[-1]):
            newer = self._runs.pop()
            self._runs.append(_merged(self._runs.pop(), newer))
        self._keep_recent(segment, (high, low))

    def _compare(self, run: Run, spot: int, high: np.uint64, low: np.uint64) -> Place | None:
        key = run.keys[spot]
        while spot < len(run.keys) and run.keys[spot] == key:
            segment = int(run.segments[spot])
            highs, lows = self._ids(segment)
            same = np.flatnonzero((highs == high) & (lows == low))
            if len(same):
                return Place(segment, int(same[0]))
            spot += 1
        return None

    def _ids(self, segment: int) -> tuple[U64, U64]:
        ids = self._recent.get(segment)
        if ids is None:
            ids = self._read_ids(segment)
            self._keep_recent(segment, ids)
        return ids

    def _keep_recent(self, segment: int, ids: tuple[U64, U64]) -> None:
        self._recent[segment] = ids
        if len(self._recent) > RECENT_SEGMENTS:
            self._recent.popitem(last=False)


def _worth_merging(older: Run, newer: Run) -> bool:
    small = len(older.keys) < 2 * len(newer.keys)
    return small and len(older.keys) + len(newer.keys) <= MAX_RUN


def _merged(older: Run, newer: Run) -> Run:
    spots = np.searchsorted(older.keys, newer.keys, side="right") + np.arange(len(newer.keys))
    from_older = np.ones(len(older.keys) + len(newer.keys), np.bool_)
    from_older[spots] = False
    keys = np.empty(len(from_older), np.uint64)
    segments = np.empty(len(from_older), np.uint32)
    keys[spots], keys[from_older] = newer.keys, older.keys
    segments[spots], segments[from_older] = newer.segments, older.segments
    return Run(keys, segments)
