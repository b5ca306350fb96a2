"""Entries one at a time: for comparing, for projections, for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from services.payments.ledger.engine.columns import Entries, Kind, wide


class Entry(NamedTuple):
    """One entry taken out of its columns; accounts and words still by number.

    ``reference`` is the number of the prefix's word and the 128-bit number, ``released``
    what a partial post let go again of each leg.
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


def entry_at(entries: Entries, position: int) -> Entry:
    """The entry at this position."""
    return next(each_entry(entries.only(position)))


def each_entry(entries: Entries) -> Iterator[Entry]:
    """All entries in their order."""
    accounts, amounts = entries.account.tolist(), entries.amount.tolist()
    pending = iter(wide(entries.pending_high, entries.pending_low))
    references = wide(entries.reference_high, entries.reference_low)
    released = dict(
        zip(entries.release_leg.tolist(), entries.release_amount.tolist(), strict=True)
    )
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
            pending=next(pending) if kind >= Kind.POST else None,
            accounts=tuple(accounts[start:end]),
            amounts=tuple(amounts[start:end]),
            released=tuple(released.get(leg, 0) for leg in range(start, end)),
        )
        start = end


def differences(stored: Entry, asked: Entry) -> list[str]:
    """The fields in which an entry asked for differs from the one that has its id.

    To end a hold without naming legs asks for all of them.
    """
    names = [
        name
        for name in ("kind", "code", "reference", "expires_at", "pending")
        if getattr(stored, name) != getattr(asked, name)
    ]
    asked_for_all = not asked.accounts and stored.kind >= Kind.POST and not any(stored.released)
    same_legs = (stored.accounts, stored.amounts) == (asked.accounts, asked.amounts)
    return names if same_legs or asked_for_all else [*names, "legs"]
