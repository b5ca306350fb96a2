"""Which entries would take an account past its floor or ceiling: in columns, then one by one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from services.payments.ledger.engine.accounts import Accounts, credit_of
from services.payments.ledger.engine.chains import refuse_rest, unit_start
from services.payments.ledger.engine.columns import (
    I64,
    MAX_AMOUNT,
    MAX_CREDIT,
    NO_CEILING,
    NO_FLOOR,
    U8,
    U32,
    Entries,
    Flags,
    limit_rows,
    movements,
    promises,
)
from services.payments.ledger.engine.naming import Naming
from services.payments.ledger.engine.rulings import Ruling


@dataclass(frozen=True, slots=True)
class Changes:
    """What the legs of the entries still standing do to how much is left of accounts."""

    owner: I64
    account: U32
    delta: I64

    def take(self, kept: Flags) -> Changes:
        """The changes marked in ``kept``."""
        return Changes(self.owner[kept], self.account[kept], self.delta[kept])

    def and_also(self, owner: I64, account: U32, delta: I64) -> Changes:
        """These and some more, in the order of the entries."""
        owners = np.concatenate((self.owner, owner))
        order = np.argsort(owners, kind="stable")
        accounts = np.concatenate((self.account, account))
        return Changes(owners[order], accounts[order], np.concatenate((self.delta, delta))[order])


class Side(NamedTuple):
    """One bound of the accounts: how much is left until it, and what entries do to that."""

    left: Callable[[U32], I64]
    changes: Changes
    ruling: Ruling


def check_limits(accounts: Accounts, entries: Entries, rulings: U8) -> None:
    """Rule on the entries that set limits by what they ask; the balances come later.

    A change names the version it makes, one more than there is, so that of two who
    decided on the same limits one is told so.
    """
    if not len(entries.limit_account):
        return
    credit = accounts.credit
    rows = zip(entries.limiting().tolist(), limit_rows(entries), strict=True)
    for position, (number, floor, ceiling, version) in rows:
        if rulings[position] != Ruling.ACCEPTED:
            continue
        now = int(accounts.floor[number])
        credit += credit_of(floor) - credit_of(now)
        sound = (floor >= -MAX_AMOUNT or floor == now == NO_FLOOR) and floor <= ceiling
        sound &= ceiling <= MAX_AMOUNT or ceiling == NO_CEILING
        if version != accounts.version[number] + 1:
            rulings[position] = Ruling.LIMITS_STALE
        elif not sound or credit > MAX_CREDIT:
            rulings[position] = Ruling.BAD_LIMITS


def keep_limits(accounts: Accounts, named: Naming) -> None:
    """Refuse, in order, every entry that would take an account past its floor or ceiling.

    Holds count at once: what they take out against the floor, what they bring in against
    the ceiling. Three steps, each exact, each for what the one before left open. An
    account that could bear everything that goes one way, with nothing going the other,
    is safe whatever else is refused. If the others never pass a limit when all of it
    happens in order, all of it is accepted. Else the entries that touch them are walked
    one by one, and a chain is taken back when one of its entries is refused.
    """
    standing = named.rulings == Ruling.ACCEPTED
    sides = [_floors(accounts, named.entries, standing)]
    if accounts.has_ceilings or len(named.entries.limit_account):
        sides.append(_ceilings(accounts, named, standing))
    touching: list[Side] = []
    breaks: list[int] = []
    for side in sides:
        suspects = _suspects(accounts.scratch, side)
        if len(suspects):
            part = side.changes.take(np.isin(side.changes.account, suspects))
            touching.append(side._replace(changes=part))
            breaks += _first_break(touching[-1])
    if breaks:
        _walk(accounts.scratch, touching, named, unit_start(named.units, min(breaks)))


def _floors(accounts: Accounts, entries: Entries, standing: Flags) -> Side:
    _, available = movements(entries)
    changes = Changes(entries.owners(), entries.account, available)
    if not standing.all():
        changes = changes.take(standing[changes.owner])
    if len(entries.limit_account):
        positions = entries.limiting()
        lowered = accounts.floor[entries.limit_account] - entries.limit_floor
        kept = standing[positions]
        changes = changes.and_also(positions[kept], entries.limit_account[kept], lowered[kept])

    def left(number: U32) -> I64:
        return accounts.available[number] - accounts.floor[number]

    return Side(left, changes, Ruling.FLOOR_BROKEN)


def _ceilings(accounts: Accounts, named: Naming, standing: Flags) -> Side:
    """The room under the ceilings of those accounts that have one or are to have one."""
    entries = named.entries
    posted, _ = movements(entries)
    expected = posted + promises(entries)
    starts = np.cumsum(entries.counts()) - entries.counts()
    for position, leg, amount in named.let_go:
        expected[starts[position] + leg] += amount
    positions, limited = entries.limiting(), entries.limit_account
    owner = entries.owners()
    capped = accounts.ceiling[entries.account] < NO_CEILING
    if len(limited):
        capped |= np.isin(entries.account, limited)
    kept = standing[owner] & capped
    changes = Changes(owner[kept], entries.account[kept], -expected[kept])
    raised = entries.limit_ceiling - accounts.ceiling[limited]
    kept = standing[positions]
    changes = changes.and_also(positions[kept], limited[kept], raised[kept])

    def left(number: U32) -> I64:
        held = accounts.posted[number] + accounts.promised[number]
        return accounts.ceiling[number] - held

    return Side(left, changes, Ruling.CEILING_BROKEN)


def _suspects(total: I64, side: Side) -> U32:
    """Accounts that what uses them up, taken alone, would bring past the bound."""
    using = side.changes.delta < 0
    touched = side.changes.account[using]
    np.add.at(total, touched, side.changes.delta[using])
    left = side.left(touched) + total[touched]
    total[touched] = 0
    return np.unique(touched[left < 0])


def _first_break(side: Side) -> list[int]:
    """The first entry after which an account is past its bound, if all were accepted."""
    order = np.argsort(side.changes.account, kind="stable")
    account, delta = side.changes.account[order], side.changes.delta[order]
    running = np.cumsum(delta)
    begins = np.flatnonzero(np.concatenate(([True], account[1:] != account[:-1])))
    lengths = np.diff(np.concatenate((begins, [len(account)])))
    before = np.repeat(running[begins] - delta[begins], lengths)
    left = side.left(account) + running - before
    broken = (left < 0) & (delta < 0)
    return [int(side.changes.owner[order][broken].min())] if broken.any() else []


def _walk(total: I64, sides: Sequence[Side], named: Naming, first: int) -> None:
    """Go through the entries from the first break on, one at a time and in order."""
    left: dict[int, int] = {}
    for number, side in enumerate(sides):
        left |= _before(total, side, number, first)
    owner, key, delta = _steps(sides, first)
    lone = len(owner) < 2 or bool((owner[1:] != owner[:-1]).all())  # noqa: PLR2004 - a pair
    if lone and named.units is None and not named.depends_on:
        _walk_lone(sides, named.rulings, left, owner, key, delta)
    else:
        _walk_units(sides, named, left, _nets(owner, key, delta))


def _walk_lone(
    sides: Sequence[Side], rulings: U8, left: dict[int, int], owner: I64, key: I64, delta: I64
) -> None:
    """The walk when each entry has one change only and none hangs on another."""
    steps = zip(owner.tolist(), key.tolist(), delta.tolist(), strict=True)
    for position, which, change in steps:
        room = left[which] + change
        if change < 0 and room < 0:
            rulings[position] = sides[which % 2].ruling
        else:
            left[which] = room


def _walk_units(
    sides: Sequence[Side],
    named: Naming,
    left: dict[int, int],
    nets: Mapping[int, Mapping[int, int]],
) -> None:
    """The walk for all else: a chain is taken back when one of its entries is refused."""
    rulings, units = named.rulings, named.units
    unit, applied = -1, list[tuple[int, int]]()
    for owner, net in nets.items():
        if rulings[owner] != Ruling.ACCEPTED:
            continue  # another entry of its chain was refused
        hold = named.depends_on.get(owner)
        if hold is not None and rulings[hold] != Ruling.ACCEPTED:
            continue  # ruled on with all that name a hold refused here
        if units is None or units[owner] != unit:
            unit, applied = -1 if units is None else int(units[owner]), []
        broken = [key for key, delta in net.items() if delta < 0 and left[key] + delta < 0]
        if broken:
            rulings[owner] = sides[min(broken, key=lambda which: which % 2) % 2].ruling
            refuse_rest(units, rulings, owner)
            for key, delta in applied:
                left[key] -= delta
            continue
        for key, delta in net.items():
            left[key] += delta
        applied += net.items()


def _before(total: I64, side: Side, number: int, first: int) -> dict[int, int]:
    """How much is left of each account just before the first break, by key."""
    changes = side.changes
    earlier = changes.owner < first
    touched = np.unique(changes.account)
    np.add.at(total, changes.account[earlier], changes.delta[earlier])
    room = side.left(touched) + total[touched]
    total[touched] = 0
    return dict(zip(_keys(touched, number).tolist(), room.tolist(), strict=True))


def _keys(account: U32, side: int) -> I64:
    """One number for an account and a side."""
    return account.astype(np.int64) * 2 + side


def _steps(sides: Sequence[Side], first: int) -> tuple[I64, I64, I64]:
    """All changes from the first break on, in the order of the entries."""
    later = [side.changes.take(side.changes.owner >= first) for side in sides]
    owner = np.concatenate([changes.owner for changes in later])
    key = np.concatenate([_keys(part.account, side) for side, part in enumerate(later)])
    delta = np.concatenate([changes.delta for changes in later])
    if len(sides) == 1:
        return owner, key, delta
    order = np.argsort(owner, kind="stable")
    return owner[order], key[order], delta[order]


def _nets(owner: I64, key: I64, delta: I64) -> dict[int, dict[int, int]]:
    """For each entry, in order, its net change of each key."""
    nets: dict[int, dict[int, int]] = {}
    for position, which, change in zip(owner.tolist(), key.tolist(), delta.tolist(), strict=True):
        net = nets.setdefault(position, {})
        net[which] = net.get(which, 0) + change
    return nets
