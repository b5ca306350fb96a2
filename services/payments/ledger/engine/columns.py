"""What entries are made of: kinds, limits, and the columns they are kept in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import IntEnum, IntFlag
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

U8 = NDArray[np.uint8]
U16 = NDArray[np.uint16]
U32 = NDArray[np.uint32]
U64 = NDArray[np.uint64]
I64 = NDArray[np.int64]
F64 = NDArray[np.float64]
Flags = NDArray[np.bool_]

MAX_LEGS = 200
MAX_AMOUNT = (1 << 53) - 1  # what every JSON reader takes for a whole number
MAX_ENTRIES = 8_189
MAX_SEGMENT_LEGS = 65_536
MAX_REASONS_BYTES = 4 << 20
MAX_BATCH_MASS = 1 << 61  # so that a balance plus a whole batch stays within 63 bits
# No balance can leave 62 bits: what one account has, others lack, and all accounts
# together may lack at most MAX_CREDIT: as much as MAX_UNBOUNDED of them without a floor.
NO_FLOOR = -(1 << 55)
MAX_UNBOUNDED = 64
MAX_CREDIT = -NO_FLOOR * MAX_UNBOUNDED
NO_CEILING = 1 << 62


class Kind(IntEnum):
    """What an entry does to the balances; the number is what is stored."""

    PLAIN = 0
    HOLD = 1
    POST = 2
    VOID = 3
    EXPIRE = 4
    EXTEND = 5
    REVERSE = 6
    LIMIT = 7
    CLOSE = 8

    @property
    def word(self) -> str:
        """The kind as it is written on the wire."""
        return self.name.lower()

    @property
    def names_another(self) -> bool:
        """Whether it is about an earlier entry, the one with the pending id."""
        return Kind.POST <= self <= Kind.REVERSE


class Flag(IntFlag):
    """What else is said of an entry, a bit each."""

    LINKED = 1  # stands only if the next entry does
    KEEPS_REST = 2  # a post that is not the last of its hold
    WHOLE = 4  # took all that was left though it need not have; the books say so


# By kind: whether the legs move money, and whether they set it aside (1) or end that (-1).
_MOVES = np.array([1, 0, 1, 0, 0, 0, 1, 0, 0], np.int64)
_SETS_ASIDE = np.array([0, 1, -1, -1, -1, 0, 0, 0, 0], np.int64)

ENTRY_COLUMNS: dict[str, str] = {
    "id_high": "<u8",
    "id_low": "<u8",
    "kind": "<u1",
    "leg_count": "<u1",
    "code": "<u2",
    "reference_prefix": "<u2",
    "reference_high": "<u8",
    "reference_low": "<u8",
    "expires_at": "<i8",
    "flags": "<u1",
    "effective_at": "<i8",
}
LEG_COLUMNS: dict[str, str] = {"account": "<u4", "amount": "<i8"}
NAMING_COLUMNS: dict[str, str] = {"pending_high": "<u8", "pending_low": "<u8"}
LIMIT_COLUMNS: dict[str, str] = {
    "limit_account": "<u4",
    "limit_floor": "<i8",
    "limit_ceiling": "<i8",
    "limit_version": "<u4",
}
RELEASE_COLUMNS: dict[str, str] = {"release_leg": "<u4", "release_amount": "<i8"}
COLUMNS = ENTRY_COLUMNS | LEG_COLUMNS | NAMING_COLUMNS | LIMIT_COLUMNS | RELEASE_COLUMNS


@dataclass(frozen=True, slots=True, kw_only=True)
class Entries:
    """Entries side by side, one array a property; accounts and words by their number.

    The first eleven have a value an entry, ``account`` and ``amount`` one a leg, the
    pending id one for each entry that names another (post, void, expire, extend,
    reverse), the limits one for each entry that sets them. A release is what the last
    post of a hold lets go of a leg that goes out: the position of the leg and the amount.
    Times are milliseconds since 1970, zero for none; reference prefix zero means no
    reference; ``effective_at`` zero means when it was booked.
    """

    id_high: U64
    id_low: U64
    kind: U8
    leg_count: U8
    code: U16
    reference_prefix: U16
    reference_high: U64
    reference_low: U64
    expires_at: I64
    flags: U8
    effective_at: I64
    account: U32
    amount: I64
    pending_high: U64
    pending_low: U64
    limit_account: U32
    limit_floor: I64
    limit_ceiling: I64
    limit_version: U32
    release_leg: U32
    release_amount: I64

    def __len__(self) -> int:
        return len(self.id_high)

    @classmethod
    def of(cls, **columns: NDArray[Any]) -> Self:
        """Entries from some of the columns; the others are zeros or empty."""
        count = len(columns["id_high"])
        filled: dict[str, Any] = {
            name: columns.get(name, np.zeros(count, dtype))
            for name, dtype in ENTRY_COLUMNS.items()
        }
        sparse = LEG_COLUMNS | NAMING_COLUMNS | LIMIT_COLUMNS | RELEASE_COLUMNS
        for name, dtype in sparse.items():
            filled[name] = columns.get(name, np.zeros(0, dtype))
        return cls(**filled)

    def counts(self) -> I64:
        """How many legs each entry has, wide enough to reckon with."""
        return self.leg_count.astype(np.int64)

    def owners(self) -> I64:
        """For each leg the position of its entry."""
        return np.repeat(np.arange(len(self)), self.leg_count)

    def naming(self) -> I64:
        """The positions of the entries that name another, one a pending id."""
        return np.flatnonzero(names_another(self.kind))

    def limiting(self) -> I64:
        """The positions of the entries that set limits, one a row of the limits."""
        return np.flatnonzero(self.kind == Kind.LIMIT)

    def numbers(self) -> list[int]:
        """The ids as 128-bit numbers."""
        return wide(self.id_high, self.id_low)

    def first(self, count: int) -> Self:
        """The first ``count`` entries."""
        return self if count >= len(self) else self.take(np.arange(len(self)) < count)

    def only(self, position: int) -> Self:
        """The one entry at this position."""
        start = int(self.leg_count[:position].sum(dtype=np.int64))
        legs = slice(start, start + int(self.leg_count[position]))
        naming, limiting = self.naming(), self.limiting()
        releases = (self.release_leg >= legs.start) & (self.release_leg < legs.stop)
        parts: dict[str, Any] = {
            name: getattr(self, name)[position : position + 1] for name in ENTRY_COLUMNS
        }
        parts |= {name: getattr(self, name)[legs] for name in LEG_COLUMNS}
        parts |= {name: getattr(self, name)[naming == position] for name in NAMING_COLUMNS}
        parts |= {name: getattr(self, name)[limiting == position] for name in LIMIT_COLUMNS}
        parts["release_leg"] = self.release_leg[releases] - np.uint32(start)
        parts["release_amount"] = self.release_amount[releases]
        return replace(self, **parts)

    def take(self, kept: Flags) -> Self:
        """The entries marked in ``kept``, with all that belongs to them."""
        kept_legs = np.repeat(kept, self.leg_count)
        kept_releases = kept_legs[self.release_leg]
        moved_to = np.cumsum(kept_legs) - 1
        chosen: dict[str, Any] = {name: getattr(self, name)[kept] for name in ENTRY_COLUMNS}
        chosen |= {name: getattr(self, name)[kept_legs] for name in LEG_COLUMNS}
        naming, limiting = kept[self.naming()], kept[self.limiting()]
        chosen |= {name: getattr(self, name)[naming] for name in NAMING_COLUMNS}
        chosen |= {name: getattr(self, name)[limiting] for name in LIMIT_COLUMNS}
        chosen["release_leg"] = moved_to[self.release_leg[kept_releases]].astype(np.uint32)
        chosen["release_amount"] = self.release_amount[kept_releases]
        return replace(self, **chosen)


def names_another(kind: U8) -> Flags:
    """Which of these kinds are about an earlier entry."""
    named: Flags = (kind >= Kind.POST) & (kind <= Kind.REVERSE)
    return named


def wide(high: U64, low: U64) -> list[int]:
    """Join the halves of 128-bit numbers."""
    return [top << 64 | rest for top, rest in zip(high.tolist(), low.tolist(), strict=True)]


def limit_rows(entries: Entries) -> list[tuple[int, int, int, int]]:
    """Account, floor, ceiling and version of each entry that sets limits."""
    columns = (
        entries.limit_account,
        entries.limit_floor,
        entries.limit_ceiling,
        entries.limit_version,
    )
    return list(zip(*(column.tolist() for column in columns), strict=True))


def pack(entries: Entries) -> dict[str, bytes]:
    """The columns as little-endian bytes; a column of zeros is left out."""
    packed = {}
    for field in fields(entries):
        column = getattr(entries, field.name)
        if column.any():
            packed[field.name] = column.tobytes()
    return packed


def unpack(columns: Mapping[str, bytes], *, entries: int, legs: int) -> Entries:
    """Read what ``pack`` wrote; raise ``ValueError`` when the lengths do not fit."""
    read: dict[str, NDArray[Any]] = {}
    lengths = {**dict.fromkeys(ENTRY_COLUMNS, entries), **dict.fromkeys(LEG_COLUMNS, legs)}
    for name, dtype in (ENTRY_COLUMNS | LEG_COLUMNS).items():
        read[name] = _column(columns, name, dtype, lengths[name])
    naming = int(np.count_nonzero(names_another(read["kind"])))
    for name, dtype in NAMING_COLUMNS.items():
        read[name] = _column(columns, name, dtype, naming)
    limiting = int(np.count_nonzero(read["kind"] == Kind.LIMIT))
    for name, dtype in LIMIT_COLUMNS.items():
        read[name] = _column(columns, name, dtype, limiting)
    releases = len(columns.get("release_amount", b"")) // 8
    for name, dtype in RELEASE_COLUMNS.items():
        read[name] = _column(columns, name, dtype, releases)
    if int(read["leg_count"].sum(dtype=np.int64)) != legs:
        raise ValueError("the legs do not add up to those of the entries")
    return Entries(**read)


def _column(columns: Mapping[str, bytes], name: str, dtype: str, length: int) -> NDArray[Any]:
    stored = columns.get(name)
    if stored is None:
        return np.zeros(length, dtype)
    column = np.frombuffer(stored, dtype)
    if len(column) != length:
        raise ValueError(f"column {name}: {len(column)} values, not {length}")
    return column


def movements(entries: Entries) -> tuple[I64, I64]:
    """What each leg adds to its account's posted and to its available balance.

    A hold takes what goes out from the available balance at once and gives nothing in;
    a post gives in, and its last lets go of what was not used; a void and an expiry let
    go of all. Floors, replay and history need know nothing else about holds.
    """
    amount = entries.amount
    if not entries.kind.any():
        return amount, amount
    outgoing: I64 = np.minimum(amount, 0)
    posted: I64 = amount * _by_leg(_MOVES, entries)
    available = posted + outgoing * _by_leg(_SETS_ASIDE, entries)
    np.add.at(available, entries.release_leg, entries.release_amount)
    return posted, available


def promises(entries: Entries) -> I64:
    """What each leg adds to what holds promise its account.

    What the last post of a hold lets go of an incoming leg is not in the columns: whoever
    knows the hold takes that off as well.
    """
    incoming: I64 = np.maximum(entries.amount, 0)
    return incoming * _by_leg(_SETS_ASIDE, entries)


def _by_leg(table: I64, entries: Entries) -> I64:
    return np.repeat(table[entries.kind], entries.leg_count)
