"""Chains: entries that stand all together or not at all, side by side with lone ones."""

from __future__ import annotations

import numpy as np

from services.payments.ledger.engine.columns import I64, U8, Entries, Flag, Kind
from services.payments.ledger.engine.identity import twins
from services.payments.ledger.engine.rulings import Ruling


def units_of(entries: Entries) -> I64 | None:
    """For each entry the number of its unit, a chain or a lone entry; None without chains."""
    linked = entries.flags & Flag.LINKED != 0
    if not linked.any():
        return None
    units: I64 = np.cumsum(np.concatenate(([False], ~linked[:-1])))
    return units


def unit_start(units: I64 | None, position: int) -> int:
    """Where the unit of the entry at this position begins."""
    return position if units is None else int(np.searchsorted(units, units[position]))


def unit_end(units: I64 | None, position: int) -> int:
    """Where the unit of the entry at this position ends, exclusive."""
    if units is None:
        return position + 1
    return int(np.searchsorted(units, units[position], side="right"))


def unit_starts(units: I64 | None, count: int) -> tuple[list[int], list[bool]]:
    """For each of so many entries where its unit begins, and whether that is a chain."""
    if units is None:
        return list(range(count)), [False] * count
    starts = np.searchsorted(units, units)
    lengths = np.searchsorted(units, units, side="right") - starts
    return starts.tolist(), (lengths > 1).tolist()


def is_chained(units: I64 | None, position: int) -> bool:
    """Whether the entry at this position is one of several."""
    return unit_end(units, position) - unit_start(units, position) > 1


def check_chains(entries: Entries, units: I64 | None, rulings: U8) -> None:
    """Refuse what no chain can have: no end, an id twice, the closing of a period."""
    if units is None:
        return
    if entries.flags[-1] & Flag.LINKED:
        rulings[-1] = Ruling.BAD_CHAIN
    for position in np.flatnonzero(entries.kind == Kind.CLOSE).tolist():
        if is_chained(units, position):
            rulings[position] = Ruling.BAD_CHAIN
    for position in twins(entries.id_high, entries.id_low):
        if is_chained(units, position):
            rulings[position] = Ruling.BAD_CHAIN


def refuse_chains(units: I64 | None, rulings: U8) -> None:
    """Refuse what stands of chains that do not stand whole."""
    if units is None:
        return
    broken = np.zeros(int(units[-1]) + 1, np.bool_)
    broken[units[rulings != Ruling.ACCEPTED]] = True
    rulings[broken[units] & (rulings == Ruling.ACCEPTED)] = Ruling.CHAIN_REFUSED


def refuse_rest(units: I64 | None, rulings: U8, position: int) -> None:
    """Refuse the others of this entry's chain."""
    if units is not None:
        chain = slice(unit_start(units, position), unit_end(units, position))
        rulings[chain][rulings[chain] == Ruling.ACCEPTED] = Ruling.CHAIN_REFUSED
