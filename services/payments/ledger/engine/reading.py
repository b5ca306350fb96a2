"""Entries one at a time: for comparing, for projections, for people."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

import numpy as np

from services.payments.ledger.engine.columns import Entries, Flag, Kind, limit_rows, wide


class Entry(NamedTuple):
    """One entry taken out of its columns; accounts and words still by number.

    ``reference`` is the number of the prefix's word and the 128-bit number, ``released``
    what the last post of a hold let go again of each leg. ``limits`` are the number of
    an account, its floor, its ceiling and their version.
    """

    number: int
    kind: Kind
    code: int
    reference: tuple[int, int]
    expires_at: int
    pending: int | None
    accounts: tuple[int, ...]
    amounts: tuple[int, ...]
    released: tuple[int, ...]
    flags: Flag
    effective_at: int
    limits: tuple[int, int, int, int] | None

    @property
    def linked(self) -> bool:
        """Whether it stands only together with the next entry."""
        return Flag.LINKED in self.flags

    @property
    def final(self) -> bool:
        """Whether it was asked for as the last post of its hold."""
        return Flag.KEEPS_REST not in self.flags

    @property
    def ends_hold(self) -> bool:
        """Whether it ended the hold that it names."""
        ends = self.kind in {Kind.POST, Kind.VOID, Kind.EXPIRE}
        return ends and (self.final or Flag.WHOLE in self.flags)


def entry_at(entries: Entries, position: int) -> Entry:
    """The entry at this position."""
    return next(each_entry(entries.only(position)))


def entries_at(entries: Entries, positions: Collection[int]) -> dict[int, Entry]:
    """The entries at these positions, read in one go."""
    if len(positions) == 1:
        return {position: entry_at(entries, position) for position in positions}
    wanted = np.zeros(len(entries), np.bool_)
    wanted[list(positions)] = True
    found = each_entry(entries.take(wanted))
    return dict(zip(np.flatnonzero(wanted).tolist(), found, strict=True))


def each_entry(entries: Entries) -> Iterator[Entry]:
    """All entries in their order."""
    accounts, amounts = entries.account.tolist(), entries.amount.tolist()
    pending = iter(wide(entries.pending_high, entries.pending_low))
    references = wide(entries.reference_high, entries.reference_low)
    released = dict(
        zip(entries.release_leg.tolist(), entries.release_amount.tolist(), strict=True)
    )
    limits = iter(limit_rows(entries))
    flags, effective = entries.flags.tolist(), entries.effective_at.tolist()
    start = 0
    for position, number in enumerate(entries.numbers()):
        kind = Kind(int(entries.kind[position]))
        end = start + int(entries.leg_count[position])
        yield Entry(
            number=number,
            kind=kind,
            code=int(entries.code[position]),
            reference=(int(entries.reference_prefix[position]), references[position]),
            expires_at=int(entries.expires_at[position]),
            pending=next(pending) if kind.names_another else None,
            accounts=tuple(accounts[start:end]),
            amounts=tuple(amounts[start:end]),
            released=tuple(released.get(leg, 0) for leg in range(start, end)),
            flags=Flag(flags[position]),
            effective_at=effective[position],
            limits=next(limits) if kind is Kind.LIMIT else None,
        )
        start = end


COMPARED = (
    *("kind", "code", "reference", "expires_at", "effective_at"),
    *("pending", "linked", "final", "limits"),
)


def differences(stored: Entry, asked: Entry) -> list[str]:
    """The fields in which an entry asked for differs from the one that has its id.

    To end a hold, or to take an entry back, without naming legs asks for all of them.
    """
    names = [name for name in COMPARED if getattr(stored, name) != getattr(asked, name)]
    same_legs = (stored.accounts, stored.amounts) == (asked.accounts, asked.amounts)
    asked_for_all = not asked.accounts and stored.kind.names_another
    all_there = Flag.WHOLE in stored.flags if stored.kind is Kind.REVERSE else True
    if same_legs or (asked_for_all and all_there and not any(stored.released)):
        return names
    return [*names, "legs"]
