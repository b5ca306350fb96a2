"""Holds that are open: what they set aside, what is left of them, when their time is over."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from services.payments.ledger.engine.columns import I64, U32, Entries, Flag, Kind, wide

KEEPS_REST = np.uint8(Flag.KEEPS_REST)
LONGEST_HOLD = 366 * 24 * 60 * 60 * 1000  # milliseconds, extensions included


class OpenHold(NamedTuple):
    """What a hold still sets aside; times in milliseconds, no expiry is zero."""

    accounts: tuple[int, ...]
    amounts: tuple[int, ...]
    expires_at: int
    placed_at: int

    def without(self, posted: Sequence[int]) -> OpenHold:
        """What is left of it after posting these amounts."""
        rest = (of - minor for of, minor in zip(self.amounts, posted, strict=True))
        return self._replace(amounts=tuple(rest))

    def is_over(self, at: int) -> bool:
        """Whether its time is over at that moment."""
        return 0 < self.expires_at <= at


class Holds:
    """The open holds by the number of their entry; what has ended is forgotten here."""

    def __init__(self) -> None:
        self.most_legs = 0  # of any hold there ever was
        self._open: dict[int, OpenHold] = {}
        self._due: list[tuple[int, int]] = []  # a heap; what is no longer so is skipped

    def __len__(self) -> int:
        return len(self._open)

    def __iter__(self) -> Iterator[tuple[int, OpenHold]]:
        return iter(self._open.items())

    def get(self, number: int) -> OpenHold | None:
        """The open hold of this entry, if there is one."""
        return self._open.get(number)

    def reopen(self, number: int, hold: OpenHold) -> None:
        """Write down a hold that is open, as it is now, and when its time is over."""
        self._open[number] = hold
        self.most_legs = max(self.most_legs, len(hold.accounts))
        if hold.expires_at:
            heapq.heappush(self._due, (hold.expires_at, number))

    def leg_count(self, number: int) -> int:
        """The legs of an open hold; zero when there is none."""
        found = self._open.get(number)
        return len(found.accounts) if found else 0

    def overdue(self, at: int, *, limit: int) -> list[int]:
        """The open holds whose time is over at that moment, those first that ended first."""
        found: list[tuple[int, int]] = []
        while self._due and self._due[0][0] <= at and len(found) < limit:
            expires_at, number = heapq.heappop(self._due)
            hold = self._open.get(number)
            if hold is not None and hold.expires_at == expires_at:
                found.append((expires_at, number))
        for due in found:
            heapq.heappush(self._due, due)
        return [number for _, number in found]

    def take_in(self, entries: Entries, *, at: int) -> tuple[U32, I64]:
        """Open, lessen, prolong and close holds as accepted entries say.

        Answers accounts, and what the holds promise them more, or less, from now on.
        """
        accounts: list[int] = []
        amounts: list[int] = []
        for number, _, hold in holds_among(entries, at=at):
            self.reopen(number, hold)
            accounts.extend(hold.accounts)
            amounts.extend(hold.amounts)
        promised = np.maximum(np.array(amounts, np.int64), 0)
        kept = len(amounts)
        for number, kind, keeps, expires_at, posted in _namings(entries):
            hold = self._open[number]
            if kind == Kind.EXTEND:
                self.reopen(number, hold._replace(expires_at=expires_at))
                continue
            rest = hold.without(posted) if keeps else None
            if rest is not None and any(rest.amounts):
                self._open[number] = rest
            else:
                del self._open[number]
            accounts.extend(hold.accounts)
            amounts.extend(posted if rest is not None else hold.amounts)
        ended = -np.maximum(np.array(amounts[kept:], np.int64), 0)
        return np.array(accounts, np.uint32), np.concatenate((promised, ended))


def holds_among(entries: Entries, *, at: int) -> list[tuple[int, int, OpenHold]]:
    """The holds among entries booked then: number, position, and what each sets aside."""
    held = entries.kind == Kind.HOLD
    positions = np.flatnonzero(held)
    legs = np.repeat(held, entries.leg_count)
    accounts, amounts = entries.account[legs].tolist(), entries.amount[legs].tolist()
    end, found = 0, []
    for number, position, count, time in zip(
        wide(entries.id_high[positions], entries.id_low[positions]),
        positions.tolist(),
        entries.leg_count[positions].tolist(),
        entries.expires_at[positions].tolist(),
        strict=True,
    ):
        start, end = end, end + count
        hold = OpenHold(tuple(accounts[start:end]), tuple(amounts[start:end]), time, at)
        found.append((number, position, hold))
    return found


def _namings(entries: Entries) -> Iterator[tuple[int, int, bool, int, list[int]]]:
    """What is done to holds: whose, of what kind, whether the rest stays, expiry, amounts."""
    positions = entries.naming()
    ends = np.cumsum(entries.counts())[positions].tolist()
    for number, kind, keeps, expires_at, end, count in zip(
        wide(entries.pending_high, entries.pending_low),
        entries.kind[positions].tolist(),
        (entries.flags[positions] & KEEPS_REST != 0).tolist(),
        entries.expires_at[positions].tolist(),
        ends,
        entries.leg_count[positions].tolist(),
        strict=True,
    ):
        if kind != Kind.REVERSE:
            posted = entries.amount[end - count : end].tolist() if keeps else []
            yield number, kind, keeps, expires_at, posted
