"""Holds that are open, and what the entries that end them bring along."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from services.payments.ledger.engine.columns import I64, U8, Entries, Kind, wide
from services.payments.ledger.engine.rulings import Ruling


class OpenHold(NamedTuple):
    """What a hold set aside; ``expires_at`` in milliseconds, zero for never."""

    accounts: tuple[int, ...]
    amounts: tuple[int, ...]
    expires_at: int


class Holds:
    """The open holds by the number of their entry; what has ended is forgotten here."""

    def __init__(self) -> None:
        self._open: dict[int, OpenHold] = {}

    def __len__(self) -> int:
        return len(self._open)

    def get(self, number: int) -> OpenHold | None:
        """The open hold of this entry, if there is one."""
        return self._open.get(number)

    def each(self) -> Iterator[tuple[Any, ...]]:
        """The number of each open hold, and what it set aside."""
        for number, hold in self._open.items():
            yield (number, *hold)

    def reopen(self, number: int, hold: OpenHold) -> None:
        """Write down again a hold that was open."""
        self._open[number] = hold

    def leg_count(self, number: int) -> int:
        """The legs of an open hold; zero when there is none."""
        found = self._open.get(number)
        return len(found.accounts) if found else 0

    def take_in(self, entries: Entries) -> None:
        """Open the holds among accepted entries and close those that others end."""
        if not entries.kind.any():
            return
        for number, _, hold in holds_among(entries):
            self._open[number] = hold
        for number in wide(entries.pending_high, entries.pending_low):
            del self._open[number]


def holds_among(entries: Entries) -> list[tuple[int, int, OpenHold]]:
    """The holds among entries: number, position, and what each sets aside."""
    positions = np.flatnonzero(entries.kind == Kind.HOLD)
    numbers = wide(entries.id_high[positions], entries.id_low[positions])
    ends = np.cumsum(entries.counts())[positions].tolist()
    counts = entries.leg_count[positions].tolist()
    times = entries.expires_at[positions].tolist()
    found = []
    for number, position, end, count, time in zip(
        numbers, positions.tolist(), ends, counts, times, strict=True
    ):
        legs = slice(end - count, end)
        accounts, amounts = entries.account[legs].tolist(), entries.amount[legs].tolist()
        found.append((number, position, OpenHold(tuple(accounts), tuple(amounts), time)))
    return found


@dataclass(slots=True)
class Endings:
    """The entries that end holds, being worked through in their order."""

    entries: Entries
    rulings: U8
    holds: Holds
    at: int
    was_hold: Callable[[int], bool]
    here: dict[int, tuple[int, OpenHold]] = field(default_factory=dict)
    ended: set[int] = field(default_factory=set)
    depends_on: dict[int, int] = field(default_factory=dict)
    whole: dict[int, OpenHold] = field(default_factory=dict)
    releases: list[tuple[int, int, int]] = field(default_factory=list)


def end_holds(
    entries: Entries, rulings: U8, holds: Holds, *, at: int, was_hold: Callable[[int], bool]
) -> tuple[Entries, dict[int, int]]:
    """Rule on the entries that end holds and give them their holds' legs.

    Writes refusals into ``rulings``. Answers the entries with all legs and releases, and
    for each ending of a hold that is placed in this very batch the position of that
    hold: it stands only if the hold does. ``was_hold`` tells whether an id in the log is
    that of a hold.
    """
    if not entries.kind.any():
        return entries, {}
    work = Endings(entries, rulings, holds, at, was_hold)
    standing = (rulings == Ruling.ACCEPTED).tolist()
    for number, position, hold in holds_among(entries):
        if standing[position]:
            work.here[number] = (position, hold)
    starts = (np.cumsum(entries.counts()) - entries.counts()).tolist()
    pending = wide(entries.pending_high, entries.pending_low)
    for position, number in zip(entries.endings().tolist(), pending, strict=True):
        if standing[position]:
            rulings[position] = _end(work, position, number, starts[position])
    return _with_legs(work), work.depends_on


def _end(work: Endings, position: int, number: int, start: int) -> Ruling:
    hold = work.holds.get(number)
    placed, hold_here = work.here.get(number, (position, None))
    if hold is None and placed < position:
        hold = hold_here
        work.depends_on[position] = placed
    if hold is None:
        return Ruling.HOLD_RESOLVED if work.was_hold(number) else Ruling.HOLD_NOT_FOUND
    ruling = _in_time(Kind(int(work.entries.kind[position])), hold, work)
    if number in work.ended:
        ruling = Ruling.HOLD_RESOLVED
    if ruling is Ruling.ACCEPTED:
        ruling = _take_legs(work, position, hold, start)
    if ruling is Ruling.ACCEPTED:
        work.ended.add(number)
    return ruling


def _in_time(kind: Kind, hold: OpenHold, work: Endings) -> Ruling:
    over = 0 < hold.expires_at <= work.at
    if kind is Kind.POST and over:
        return Ruling.HOLD_EXPIRED
    if kind is Kind.EXPIRE and not over:
        return Ruling.HOLD_NOT_EXPIRED
    return Ruling.ACCEPTED


def _take_legs(work: Endings, position: int, hold: OpenHold, start: int) -> Ruling:
    """Note that the entry takes all legs of the hold, or what it lets go of them."""
    count = int(work.entries.leg_count[position])
    if not count:
        work.whole[position] = hold
        return Ruling.ACCEPTED
    legs = slice(start, start + count)
    amounts = work.entries.amount[legs].tolist()
    ruling = _fits(work.entries.account[legs].tolist(), amounts, hold)
    if ruling is Ruling.ACCEPTED:
        for leg, (amount, held) in enumerate(zip(amounts, hold.amounts, strict=True)):
            if held < amount <= 0:
                work.releases.append((position, leg, amount - held))
    return ruling


def _fits(accounts: Sequence[int], amounts: Sequence[int], hold: OpenHold) -> Ruling:
    if tuple(accounts) != hold.accounts or not any(amounts):
        return Ruling.LEGS_DIFFER_FROM_HOLD
    pairs = list(zip(amounts, hold.amounts, strict=True))
    if any((amount < 0 < held) or (held < 0 < amount) for amount, held in pairs):
        return Ruling.LEGS_DIFFER_FROM_HOLD
    if any(abs(amount) > abs(held) for amount, held in pairs):
        return Ruling.EXCEEDS_HOLD
    return Ruling.ACCEPTED


def _with_legs(work: Endings) -> Entries:
    """The entries with the legs of whole holds put in, and the releases."""
    entries = _expanded(work.entries, work.whole) if work.whole else work.entries
    if not work.releases:
        return entries
    starts: I64 = np.cumsum(entries.counts()) - entries.counts()
    positions, legs, amounts = zip(*work.releases, strict=True)
    return replace(
        entries,
        release_leg=(starts[list(positions)] + np.array(legs)).astype(np.uint32),
        release_amount=np.array(amounts, np.int64),
    )


def _expanded(entries: Entries, whole: dict[int, OpenHold]) -> Entries:
    counts = entries.leg_count.copy()
    brought = np.zeros(len(entries), np.bool_)
    for position, hold in whole.items():
        counts[position] = len(hold.accounts)
        brought[position] = True
    from_hold = np.repeat(brought, counts)
    account = np.empty(len(from_hold), np.uint32)
    amount = np.empty(len(from_hold), np.int64)
    account[~from_hold], amount[~from_hold] = entries.account, entries.amount
    # Positions rise, as the endings are worked through in order.
    account[from_hold] = [number for hold in whole.values() for number in hold.accounts]
    amount[from_hold] = [minor for hold in whole.values() for minor in hold.amounts]
    return replace(entries, leg_count=counts, account=account, amount=amount)
