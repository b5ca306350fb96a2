"""The journal of a lot: what moved packs, line by line, and where they are after it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class JournalBroken(Exception):
    """A stock entry would leave fewer than no packs: the caller skipped a rule."""


class EntryKind(StrEnum):
    """What moved packs."""

    RECEIVED = "received"
    COUNTED = "counted"
    RESERVED = "reserved"
    RELEASED = "released"
    SHIPPED = "shipped"
    RETURNED = "returned"

    @property
    def move(self) -> tuple[int, int, int]:
        """What one pack of this kind does to those free, reserved and shipped."""
        return _MOVES[self]


_MOVES = {
    EntryKind.RECEIVED: (1, 0, 0),
    EntryKind.COUNTED: (1, 0, 0),
    EntryKind.RESERVED: (-1, 1, 0),
    EntryKind.RELEASED: (1, -1, 0),
    EntryKind.SHIPPED: (0, -1, 1),
    EntryKind.RETURNED: (1, 0, -1),
}


@dataclass(frozen=True, slots=True)
class StockEntry:
    """One line of the journal, never changed: how many packs moved, and for whom."""

    id: str
    lot_id: str
    number: int
    kind: EntryKind
    free: int
    reserved: int
    shipped: int
    reference: str
    at: datetime
    why: str = ""


@dataclass(frozen=True, slots=True)
class Packs:
    """Where a lot's packs are: free, reserved for a claim, or shipped for good."""

    free: int = 0
    reserved: int = 0
    shipped: int = 0

    @property
    def on_hand(self) -> int:
        """What lies at the brand's."""
        return self.free + self.reserved

    @property
    def total(self) -> int:
        """Everything ever received, as corrected by counting."""
        return self.free + self.reserved + self.shipped

    def after(self, entry: StockEntry) -> Packs:
        """Where they are once this line is written; raise ``JournalBroken`` below none."""
        found = Packs(
            self.free + entry.free, self.reserved + entry.reserved, self.shipped + entry.shipped
        )
        if min(found.free, found.reserved, found.shipped) < 0:
            raise JournalBroken(f"{entry.kind} on {self} of {entry.lot_id}")
        return found


NO_PACKS = Packs()
