"""Entries that name another: those that end, lessen or prolong holds, and reversals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from services.payments.ledger.engine.columns import I64, U8, Entries, Flag, Kind, wide
from services.payments.ledger.engine.holds import (
    KEEPS_REST,
    LONGEST_HOLD,
    Holds,
    OpenHold,
    holds_among,
)
from services.payments.ledger.engine.reversals import Original
from services.payments.ledger.engine.rulings import Ruling

Release = tuple[int, int, int]


@dataclass(slots=True, kw_only=True)
class Naming:
    """The entries of a batch that name another, being worked through in their order.

    ``fate`` rules on a hold that is not open; ``originals`` has what reversals name, as
    far as it is in the log. Afterwards ``depends_on`` has, for each entry that names a
    hold placed in this very batch, the position of that hold: it stands only if the hold
    does. ``let_go`` lists what last posts release of legs that would have come in.
    """

    entries: Entries
    rulings: U8
    holds: Holds
    originals: Mapping[int, Original]
    at: int
    fate: Callable[[int], Ruling]
    units: I64 | None = None
    here: dict[int, tuple[int, OpenHold]] = field(default_factory=dict)
    left: dict[int, OpenHold | Ruling] = field(default_factory=dict)
    reversed: dict[int, Original] = field(default_factory=dict)
    depends_on: dict[int, int] = field(default_factory=dict)
    brought: dict[int, tuple[Sequence[int], Sequence[int]]] = field(default_factory=dict)
    whole: list[int] = field(default_factory=list)
    releases: list[Release] = field(default_factory=list)
    let_go: list[Release] = field(default_factory=list)

    def work(self) -> None:
        """Rule on them, writing refusals into the rulings, and give them their legs."""
        entries = self.entries
        if not entries.kind.any():
            return
        standing = (self.rulings == Ruling.ACCEPTED).tolist()
        for number, position, hold in holds_among(entries, at=self.at):
            if standing[position]:
                self.here[number] = (position, hold)
        starts = (np.cumsum(entries.counts()) - entries.counts()).tolist()
        counts, kinds = entries.leg_count.tolist(), entries.kind.tolist()
        numbers = wide(entries.pending_high, entries.pending_low)
        for position, number in zip(entries.naming().tolist(), numbers, strict=True):
            if standing[position]:
                legs = slice(starts[position], starts[position] + counts[position])
                self.rulings[position] = self._rule(position, number, kinds[position], legs)
        self._bring_legs()

    def _rule(self, position: int, number: int, kind: int, legs: slice) -> Ruling:
        if kind == Kind.REVERSE:
            return self._reverse(position, number, legs)
        hold = self._hold(position, number)
        if isinstance(hold, Ruling):
            return hold
        if kind == Kind.EXTEND:
            return self._extend(number, hold, int(self.entries.expires_at[position]))
        if kind == Kind.EXPIRE and not hold.is_over(self.at):
            return Ruling.HOLD_NOT_EXPIRED
        if legs.stop > legs.start:
            return self._post_part(position, number, hold, legs)
        self.brought[position] = (hold.accounts, hold.amounts)
        over = kind == Kind.EXPIRE
        self.left[number] = Ruling.HOLD_EXPIRED if over else Ruling.HOLD_RESOLVED
        return Ruling.ACCEPTED

    def _hold(self, position: int, number: int) -> OpenHold | Ruling:
        """The hold as earlier entries left it, or why it cannot be named."""
        placed, hold_here = self.here.get(number, (position, None))
        is_here = hold_here is not None and placed < position
        if is_here and (self.units is None or self.units[placed] != self.units[position]):
            self.depends_on[position] = placed
        hold = self.left.get(number) or self.holds.get(number)
        if hold is None and is_here:
            hold = hold_here
        return self.fate(number) if hold is None else hold

    def _extend(self, number: int, hold: OpenHold, expires_at: int) -> Ruling:
        if not 0 < hold.expires_at < expires_at:
            return Ruling.NOT_AN_EXTENSION
        if expires_at > hold.placed_at + LONGEST_HOLD:
            return Ruling.HOLD_TOO_LONG
        self.left[number] = hold._replace(expires_at=expires_at)
        return Ruling.ACCEPTED

    def _post_part(self, position: int, number: int, hold: OpenHold, legs: slice) -> Ruling:
        amounts = self.entries.amount[legs].tolist()
        ruling = _fits(self.entries.account[legs].tolist(), amounts, hold)
        if ruling is not Ruling.ACCEPTED:
            return ruling
        rest = hold.without(amounts)
        if self.entries.flags[position] & KEEPS_REST:
            if any(rest.amounts):
                self.left[number] = rest
                return ruling
            self.whole.append(position)
        self.left[number] = Ruling.HOLD_RESOLVED
        for leg, unused in enumerate(rest.amounts):
            if unused:
                released = self.releases if unused < 0 else self.let_go
                released.append((position, leg, -unused))
        return ruling

    def _reverse(self, position: int, number: int, legs: slice) -> Ruling:
        original = self.reversed.get(number) or self.originals.get(number)
        if original is None:
            return Ruling.ORIGINAL_NOT_FOUND
        if not original.is_reversible:
            return Ruling.NOT_REVERSIBLE
        if legs.stop > legs.start:
            amounts = self.entries.amount[legs].tolist()
            ruling = _takes_back(self.entries.account[legs].tolist(), amounts, original)
        else:
            amounts = [-left for left in original.rest]
            ruling = Ruling.ACCEPTED if any(amounts) else Ruling.EXCEEDS_ORIGINAL
        if ruling is not Ruling.ACCEPTED:
            return ruling
        if legs.stop == legs.start:
            self.brought[position] = (original.accounts, amounts)
        self.reversed[number] = original.less(amounts)
        if not any(self.reversed[number].rest):
            self.whole.append(position)
        return ruling

    def _bring_legs(self) -> None:
        """Put in the legs that entries bring along, and the releases."""
        entries = _expanded(self.entries, self.brought) if self.brought else self.entries
        starts: I64 = np.cumsum(entries.counts()) - entries.counts()
        if self.releases:
            positions, legs, amounts = zip(*self.releases, strict=True)
            entries = replace(
                entries,
                release_leg=(starts[list(positions)] + np.array(legs)).astype(np.uint32),
                release_amount=np.array(amounts, np.int64),
            )
        if self.whole:
            flags = entries.flags.copy()
            flags[self.whole] |= np.uint8(Flag.WHOLE)
            entries = replace(entries, flags=flags)
        self.entries = entries


def _fits(accounts: Sequence[int], amounts: Sequence[int], hold: OpenHold) -> Ruling:
    if tuple(accounts) != hold.accounts or not any(amounts):
        return Ruling.LEGS_DIFFER_FROM_HOLD
    pairs = list(zip(amounts, hold.amounts, strict=True))
    if any(amount * held < 0 for amount, held in pairs):
        return Ruling.LEGS_DIFFER_FROM_HOLD
    if any(abs(amount) > abs(held) for amount, held in pairs):
        return Ruling.EXCEEDS_HOLD
    return Ruling.ACCEPTED


def _takes_back(accounts: Sequence[int], amounts: Sequence[int], original: Original) -> Ruling:
    if tuple(accounts) != original.accounts or not any(amounts):
        return Ruling.LEGS_DIFFER_FROM_ORIGINAL
    if any(amount * of > 0 for amount, of in zip(amounts, original.amounts, strict=True)):
        return Ruling.LEGS_DIFFER_FROM_ORIGINAL
    if any(abs(amount) > abs(left) for amount, left in zip(amounts, original.rest, strict=True)):
        return Ruling.EXCEEDS_ORIGINAL
    return Ruling.ACCEPTED


def _expanded(
    entries: Entries, brought: Mapping[int, tuple[Sequence[int], Sequence[int]]]
) -> Entries:
    counts = entries.leg_count.copy()
    bring = np.zeros(len(entries), np.bool_)
    for position, (accounts, _) in brought.items():
        counts[position] = len(accounts)
        bring[position] = True
    from_other = np.repeat(bring, counts)
    account = np.empty(len(from_other), np.uint32)
    amount = np.empty(len(from_other), np.int64)
    account[~from_other], amount[~from_other] = entries.account, entries.amount
    # Positions rise, as the entries are worked through in order.
    account[from_other] = [number for accounts, _ in brought.values() for number in accounts]
    amount[from_other] = [minor for _, amounts in brought.values() for minor in amounts]
    return replace(entries, leg_count=counts, account=account, amount=amount)
