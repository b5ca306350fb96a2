"""Balances at any time: what segments did to accounts, in eras, by blocks of accounts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from services.payments.ledger.engine.accounts import Balance
from services.payments.ledger.engine.columns import I64, U8, U16, U32, movements
from services.payments.ledger.engine.segments import Segment

BLOCK = 64  # accounts
ERA_SEGMENTS = 64  # at least, and as many as it takes for this many legs:
ERA_LEGS = 1 << 16
LONGEST_ERA = 1024  # segments, whatever they hold


class Steps(NamedTuple):
    """Running balances, sorted by account and segment: one step for each pair that moved."""

    account: U32
    segment: U32
    posted: I64
    available: I64

    def __len__(self) -> int:
        return len(self.account)


@dataclass(frozen=True, slots=True)
class Page:
    """What one era did to one block of accounts: a single stored document.

    ``opening_*`` are the balances of all accounts of the block before the era. A step
    says which account of the block, in which segment counted from ``first``, came to which
    balances; steps are sorted by account, then segment.
    """

    block: int
    first: int
    opening_posted: I64
    opening_available: I64
    account: U8
    segment: U16
    posted: I64
    available: I64

    def balance(self, number: int, sequence: int) -> Balance:
        """The balances of an account of the block once this segment was booked."""
        inside = number - self.block * BLOCK
        keys = self.account.astype(np.int64) << 16 | self.segment
        wanted = inside << 16 | min(sequence - self.first, (1 << 16) - 1)
        step = int(np.searchsorted(keys, wanted, side="right")) - 1
        if step >= 0 and self.account[step] == inside:
            return Balance(int(self.posted[step]), int(self.available[step]))
        return Balance(int(self.opening_posted[inside]), int(self.opening_available[inside]))


class Era:
    """Segments that follow each other, being gathered until they make an era.

    ``opening`` gives the posted and available balances before the first of them, by the
    number of the account; accounts that are opened later begin with zero.
    """

    def __init__(self, first: int, opening_posted: I64, opening_available: I64) -> None:
        self.first = first
        self.next_sequence = first
        self.legs = 0
        self._opening = (opening_posted, opening_available)
        self._moved: list[tuple[U32, U32, I64, I64]] = []

    @property
    def is_whole(self) -> bool:
        """Whether it ends here; the same segments make the same eras, whoever gathers them."""
        count = self.next_sequence - self.first
        return count >= LONGEST_ERA or (count >= ERA_SEGMENTS and self.legs >= ERA_LEGS)

    def take_in(self, segment: Segment) -> None:
        """Add the next segment; raise ``ValueError`` for any other."""
        if segment.sequence != self.next_sequence:
            raise ValueError(f"segment {segment.sequence}, not {self.next_sequence}")
        entries = segment.entries
        posted, available = movements(entries)
        offset = np.full(len(posted), segment.sequence - self.first, np.uint32)
        self._moved.append((entries.account, offset, posted, available))
        self.next_sequence += 1
        self.legs += len(posted)

    def balance(self, number: int, sequence: int) -> Balance:
        """The balances of an account once this segment was booked."""
        posted, available = (self._opened(column, number) for column in self._opening)
        for account, _, deltas, rest in self._moved[: sequence - self.first + 1]:
            here = account == number
            posted += int(deltas[here].sum())
            available += int(rest[here].sum())
        return Balance(posted, available)

    def pages(self) -> Iterator[Page]:
        """The pages of all blocks in which an account moved."""
        steps = self._steps()
        block = steps.account // BLOCK
        blocks, begins = np.unique(block, return_index=True)
        ends = np.append(begins[1:], len(steps))
        for number, begin, end in zip(
            blocks.tolist(), begins.tolist(), ends.tolist(), strict=True
        ):
            part = slice(begin, end)
            yield Page(
                block=number,
                first=self.first,
                opening_posted=self._opening_of(self._opening[0], number),
                opening_available=self._opening_of(self._opening[1], number),
                account=(steps.account[part] % BLOCK).astype(np.uint8),
                segment=steps.segment[part].astype(np.uint16),
                posted=steps.posted[part],
                available=steps.available[part],
            )

    def _steps(self) -> Steps:
        if not self._moved:
            empty = np.zeros(0, np.int64)
            return Steps(empty.astype(np.uint32), empty.astype(np.uint32), empty, empty)
        account, offset, posted, available = (
            np.concatenate(column) for column in zip(*self._moved, strict=True)
        )
        order = _stable_order(account)
        account, offset = account[order], offset[order]
        next_account = account[1:] != account[:-1]
        begins = np.flatnonzero(np.append(True, next_account))
        lengths = np.diff(np.append(begins, len(account)))
        lasts = np.append(next_account | (offset[1:] != offset[:-1]), True)
        running = [
            self._running(column[order], opening, account[begins], begins, lengths)[lasts]
            for column, opening in zip((posted, available), self._opening, strict=True)
        ]
        return Steps(account[lasts], offset[lasts], *running)

    def _running(self, deltas: I64, opening: I64, accounts: U32, begins: I64, lengths: I64) -> I64:
        """Each account's balance after each of its movements."""
        # Over all accounts together this may wrap around; the differences taken are exact.
        total: I64 = np.cumsum(deltas)
        base = np.zeros(len(accounts), np.int64)
        known = accounts < len(opening)
        base[known] = opening[accounts[known]]
        before: I64 = np.repeat(base - (total[begins] - deltas[begins]), lengths)
        return total + before

    def _opening_of(self, column: I64, block: int) -> I64:
        part = column[block * BLOCK : (block + 1) * BLOCK]
        return np.concatenate((part, np.zeros(BLOCK - len(part), np.int64)))

    def _opened(self, column: I64, number: int) -> int:
        return int(column[number]) if number < len(column) else 0


def _stable_order(account: U32) -> I64:
    """The order by account of what is in the order of segments already."""
    # Of 16 bits NumPy sorts a million in 5 ms, of 32 in 80.
    short = int(account.max()) < 1 << 16
    return np.argsort(account.astype(np.uint16) if short else account, kind="stable")
