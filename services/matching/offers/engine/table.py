"""The rows of the index: numbers in columns for whole-index work, facts for one lot."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from services.matching.offers.engine import points
from services.matching.offers.engine.bits import Rows
from services.matching.offers.engine.breakdown import day
from services.matching.offers.engine.facts import LotFacts
from services.matching.offers.engine.points import Weights

_SMALLEST = 1024
NEVER = 10**9
"""The best-before day of goods without one: so far away that it is worth no points."""


NEVER_AT = 10**18
"""The best-before moment of goods without one: no step of a ramp reaches so far."""

NOTHING_KEPT = -(10**18)
"""In the place of a moment until which all free packs are kept for others."""

_KINDS = 2
_READ = ("places", "min_size", "base", "pack_price")
_KEPT = (
    "best_before",
    "best_before_at",
    "claims",
    "demand",
    "demand_day",
    "ends_at",
    "kept_until",
    "key",
    "published",
    "shut_until",
    "subsidy",
)


class Columns:
    """One array a fact, as long as the capacity; moments in microseconds, days in UTC.

    What a search reads of a row lies together in ``record``, of which its columns are views:
    a row costs one line of the processor's cache, not four. ``kinds`` has two numbers a row,
    those of its brand and of its category, which are read for some hosts only.
    """

    __slots__ = ("kinds", "record", *_READ, *_KEPT)
    record: NDArray[np.int64]
    kinds: NDArray[np.int64]
    base: NDArray[np.int64]
    best_before: NDArray[np.int64]
    best_before_at: NDArray[np.int64]
    claims: NDArray[np.int64]
    demand: NDArray[np.int64]
    demand_day: NDArray[np.int64]
    ends_at: NDArray[np.int64]
    kept_until: NDArray[np.int64]
    key: NDArray[np.int64]
    min_size: NDArray[np.int64]
    pack_price: NDArray[np.int64]
    places: NDArray[np.int64]
    published: NDArray[np.int64]
    shut_until: NDArray[np.int64]
    subsidy: NDArray[np.int64]

    def __init__(self, capacity: int) -> None:
        self._read(np.zeros((capacity, len(_READ)), np.int64))
        self.kinds = np.zeros((capacity, _KINDS), np.int64)
        for name in _KEPT:
            setattr(self, name, np.zeros(capacity, np.int64))

    def grow(self, capacity: int) -> None:
        """Lengthen every column with zeros."""
        more = capacity - len(self.record)
        self._read(np.concatenate((self.record, np.zeros((more, len(_READ)), np.int64))))
        self.kinds = np.concatenate((self.kinds, np.zeros((more, _KINDS), np.int64)))
        for name in _KEPT:
            setattr(self, name, np.concatenate((getattr(self, name), np.zeros(more, np.int64))))

    def _read(self, record: NDArray[np.int64]) -> None:
        self.record = record
        for name, column in zip(_READ, record.T, strict=True):
            setattr(self, name, column)

    def write(self, row: int, lot: LotFacts, places: int) -> None:
        """Set what a lot says of itself; subsidy and base are the index's to set."""
        self.best_before[row] = NEVER if lot.best_before is None else day(lot.best_before)
        self.best_before_at[row] = (
            NEVER_AT if lot.best_before is None else microseconds(lot.best_before)
        )
        self.demand[row] = lot.demand.points if lot.demand else 0
        self.demand_day[row] = lot.demand.last_day if lot.demand else 0
        self.ends_at[row] = microseconds(lot.ends_at)
        self.min_size[row] = lot.min_community_size
        self.pack_price[row] = lot.pack_price
        self.places[row] = places
        self.published[row] = day(lot.published_at)
        self.write_packs(row, lot)

    def worth(self, rows: Rows, weights: Weights, today: int, anywhere: int) -> NDArray[np.int64]:
        """The points that these lots have for everyone on a day: ``base_terms``, by column.

        ``anywhere`` is the number of places that are no certain ones.
        """
        left = np.maximum(self.best_before[rows] - today, 0)
        old = np.maximum(today - self.published[rows], 0)
        found: NDArray[np.int64] = (
            points.subsidy_points(self.subsidy[rows], weights)
            + points.urgency_points(left, weights)
            + weights.local * (self.places[rows] != anywhere)
            + points.popularity_points(self.claims[rows], weights)
            + points.freshness_points(old, weights)
            - self.demand[rows] * (today <= self.demand_day[rows])
        )
        return found

    def write_packs(self, row: int, lot: LotFacts) -> None:
        """Set as much of it as changes when packs of it move."""
        self.claims[row] = lot.claims
        self.kept_until[row] = _until(lot.all_kept_until)
        self.shut_until[row] = _until(lot.shut_until)

    def write_all(self, lots: Sequence[LotFacts], places: Rows) -> None:
        """Set what these lots say of themselves, from the first row on."""
        count = len(lots)
        for name, values in (
            ("best_before_at", _moments([lot.best_before for lot in lots], NEVER_AT)),
            ("claims", [lot.claims for lot in lots]),
            ("demand", [lot.demand.points if lot.demand else 0 for lot in lots]),
            ("demand_day", [lot.demand.last_day if lot.demand else 0 for lot in lots]),
            ("ends_at", _moments([lot.ends_at for lot in lots])),
            ("kept_until", _moments([lot.all_kept_until for lot in lots], NOTHING_KEPT)),
            ("shut_until", _moments([lot.shut_until for lot in lots], NOTHING_KEPT)),
            ("min_size", [lot.min_community_size for lot in lots]),
            ("pack_price", [lot.pack_price for lot in lots]),
            ("places", places),
            ("published", _days(_moments([lot.published_at for lot in lots]))),
        ):
            getattr(self, name)[:count] = values
        best_before = self.best_before_at[:count]
        self.best_before[:count] = np.where(best_before == NEVER_AT, NEVER, _days(best_before))


class Table:
    """Gives every lot a row and takes rows back.

    ``ids`` has the lot of each row, of one that is free the last: a search reads hundreds.
    """

    def __init__(self) -> None:
        self.columns = Columns(_SMALLEST)
        self.facts: list[LotFacts | None] = []
        self.ids: list[str] = []
        self._row_of: dict[str, int] = {}
        self._free: list[int] = []

    @property
    def capacity(self) -> int:
        """Rows there is room for; a multiple of 64."""
        return len(self.columns.base)

    def __len__(self) -> int:
        return len(self._row_of)

    def row_of(self, lot_id: str) -> int | None:
        """The row of a lot, or None when it is not in the index."""
        return self._row_of.get(lot_id)

    def row(self, lot_id: str) -> int:
        """The row of a lot; raise ``KeyError`` when it is not in the index."""
        return self._row_of[lot_id]

    def lot(self, row: int) -> LotFacts:
        """The lot in a row that is in use."""
        lot = self.facts[row]
        if lot is None:
            raise LookupError(f"row {row} holds no lot")
        return lot

    def place(self, lot: LotFacts) -> int:
        """Give a new lot a row, growing when there is none."""
        if self._free:
            row = self._free.pop()
            self.facts[row], self.ids[row] = lot, lot.lot_id
        else:
            row = len(self.facts)
            self.facts.append(lot)
            self.ids.append(lot.lot_id)
            if row == self.capacity:
                self.columns.grow(2 * self.capacity)
        self._row_of[lot.lot_id] = row
        return row

    def vacate(self, row: int) -> None:
        """Take the row back."""
        del self._row_of[self.lot(row).lot_id]
        self.facts[row] = None
        self._free.append(row)

    def rows(self) -> Rows:
        """All rows in use."""
        return np.fromiter(self._row_of.values(), np.intp, len(self._row_of))


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


_EPOCH_DAY = day(_EPOCH)
_DAY = timedelta(days=1) // timedelta(microseconds=1)


def _moments(moments: Sequence[datetime | None], otherwise: int = 0) -> NDArray[np.int64]:
    counted = (otherwise if each is None else microseconds(each) for each in moments)
    return np.fromiter(counted, np.int64, len(moments))


def _days(moments: NDArray[np.int64]) -> NDArray[np.int64]:
    """The UTC day of each, as ``day`` counts."""
    return moments // _DAY + _EPOCH_DAY


def _until(moment: datetime | None) -> int:
    return NOTHING_KEPT if moment is None else microseconds(moment)


def microseconds(moment: datetime) -> int:
    """A moment as whole microseconds since 1970."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def moment(microseconds: int) -> datetime:
    """The moment so many microseconds after 1970."""
    return _EPOCH + timedelta(microseconds=microseconds)


def key_of(lot_id: str) -> int:
    """One number a lot, the same in every process."""
    return int.from_bytes(blake2b(lot_id.encode(), digest_size=8).digest(), signed=True)
