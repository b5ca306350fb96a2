"""Which entries would take an account below its floor: in columns, then one by one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from services.payments.ledger.engine.accounts import Accounts
from services.payments.ledger.engine.columns import I64, U8, U32, Entries, Flags, movements
from services.payments.ledger.engine.rulings import Ruling


@dataclass(frozen=True, slots=True)
class Changes:
    """What the legs of the entries still standing do to available balances."""

    owner: I64
    account: U32
    delta: I64

    def take(self, kept: Flags) -> Changes:
        """The changes marked in ``kept``."""
        return Changes(self.owner[kept], self.account[kept], self.delta[kept])


def keep_floors(
    accounts: Accounts, entries: Entries, rulings: U8, depends_on: Mapping[int, int]
) -> None:
    """Refuse, in order, every entry that would take an account below its floor.

    Three steps, each exact, each for what the one before left open. An account that
    could bear everything that goes out of it, with nothing coming in, is safe whatever
    else is refused. If the others never fall below when all of it happens in order, all
    of it is accepted. Else the entries that touch them are walked one by one.
    """
    changes = _standing(entries, rulings)
    suspects = _suspects(accounts, changes)
    if not len(suspects):
        return
    touching = changes.take(np.isin(changes.account, suspects))
    first = _first_break(accounts, touching)
    if first is not None:
        _walk(accounts, touching, rulings, depends_on, first)


def _standing(entries: Entries, rulings: U8) -> Changes:
    _, available = movements(entries)
    changes = Changes(entries.owners(), entries.account, available)
    refused = rulings != Ruling.ACCEPTED
    return changes.take(~refused[changes.owner]) if refused.any() else changes


def _suspects(accounts: Accounts, changes: Changes) -> U32:
    """Accounts that what goes out, taken alone, would bring below the floor."""
    outgoing = changes.delta < 0
    touched = changes.account[outgoing]
    total = accounts.scratch
    np.add.at(total, touched, changes.delta[outgoing])
    left = accounts.available[touched] + total[touched]
    total[touched] = 0
    return np.unique(touched[left < accounts.floor[touched]])


def _first_break(accounts: Accounts, changes: Changes) -> int | None:
    """The first entry after which an account stands too low, if all were accepted."""
    order = np.argsort(changes.account, kind="stable")
    account, delta = changes.account[order], changes.delta[order]
    running = np.cumsum(delta)
    begins = np.flatnonzero(np.concatenate(([True], account[1:] != account[:-1])))
    lengths = np.diff(np.concatenate((begins, [len(account)])))
    before = np.repeat(running[begins] - delta[begins], lengths)
    left = accounts.available[account] + running - before
    broken = (left < accounts.floor[account]) & (delta < 0)
    return int(changes.owner[order][broken].min()) if broken.any() else None


def _walk(
    accounts: Accounts,
    changes: Changes,
    rulings: U8,
    depends_on: Mapping[int, int],
    first: int,
) -> None:
    """Go through the entries from the first break on, one at a time and in order."""
    earlier = changes.owner < first
    touched = np.unique(changes.account)
    total = accounts.scratch
    np.add.at(total, changes.account[earlier], changes.delta[earlier])
    room = accounts.available[touched] - accounts.floor[touched] + total[touched]
    total[touched] = 0
    if len(touched) == 1 and not depends_on and (np.diff(changes.owner) > 0).all():
        _walk_one(int(room[0]), changes.take(~earlier), rulings)
        return
    left = dict(zip(touched.tolist(), room.tolist(), strict=True))
    for owner, net in _nets(changes.take(~earlier)).items():
        hold = depends_on.get(owner)
        if hold is not None and rulings[hold] != Ruling.ACCEPTED:
            continue  # ruled on with all that name a hold refused here
        if any(delta < 0 and left[account] + delta < 0 for account, delta in net.items()):
            rulings[owner] = Ruling.FLOOR_BROKEN
            continue
        for account, delta in net.items():
            left[account] += delta


def _walk_one(left: int, changes: Changes, rulings: U8) -> None:
    """Do the same where all meet at one account, a leg each: the one that everybody pays from."""
    refused = []
    for owner, delta in zip(changes.owner.tolist(), changes.delta.tolist(), strict=True):
        if delta < 0 and left + delta < 0:
            refused.append(owner)
        else:
            left += delta
    rulings[refused] = Ruling.FLOOR_BROKEN


def _nets(changes: Changes) -> dict[int, dict[int, int]]:
    """For each entry, in order, its net change of each account."""
    nets: dict[int, dict[int, int]] = {}
    for owner, account, delta in zip(
        changes.owner.tolist(), changes.account.tolist(), changes.delta.tolist(), strict=True
    ):
        net = nets.setdefault(owner, {})
        net[account] = net.get(account, 0) + delta
    return nets
