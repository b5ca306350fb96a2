"""The books kept once more from an exported log, entry by entry, with the standard library alone.

It shares no line with the service. Whatever an entry does that it may not is complained
of, and then done all the same, so that one fault is told once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

PLAIN, HOLD, POST, VOID, EXPIRE, EXTEND, REVERSE, LIMIT, CLOSE = range(9)
LINKED, KEEPS_REST, WHOLE = 1, 2, 4
MAX_LEGS = 200
NO_CEILING = 1 << 62
NO_FLOOR = -(1 << 55)
MOST_OWED = -(1 << 40)
LONGEST_HOLD = 366 * 24 * 60 * 60 * 1000
WITHOUT_LEGS = {EXTEND, LIMIT, CLOSE}

Legs = list[tuple[int, int]]


class Entry(NamedTuple):
    """One entry of a segment; ``releases`` is what a last post let go of each leg.

    ``limits`` are an account, its floor, its ceiling and their version.
    """

    number: int
    kind: int
    flags: int
    expires_at: int
    effective_at: int
    legs: Legs
    pending: int
    releases: list[int]
    limits: tuple[int, int, int, int] | None

    @property
    def moves(self) -> bool:
        """Whether its legs are posted."""
        return self.kind in {PLAIN, POST, REVERSE}


@dataclass(slots=True)
class Account:
    """An account, what it has, and what holds would bring in."""

    path: str
    currency: str
    floor: int
    ceiling: int = NO_CEILING
    version: int = 0
    posted: int = 0
    available: int = 0
    promised: int = 0


@dataclass(slots=True)
class Held:
    """A hold: what is left of it, when it was placed and when it is over."""

    legs: Legs
    placed_at: int
    expires_at: int


class Replay:
    """Keeps the books; ``complain`` is told what is wrong.

    Only the entries named in ``reversed_ids`` are remembered with their legs.
    """

    def __init__(self, complain: Callable[[str], None], reversed_ids: Collection[int]) -> None:
        self.complain = complain
        self.accounts: list[Account] = []
        self.names: set[tuple[str, str]] = set()
        self.ids: set[int] = set()
        self.holds: dict[int, Held] = {}
        self.rests: dict[int, tuple[int, Legs, Legs]] = {}
        self.closed_until = 0
        self._wanted = reversed_ids

    def open(self, path: str, currency: str, floor: int) -> None:
        """Open an account."""
        if (path, currency) in self.names:
            self.complain(f"opens {path} in {currency} again")
        if floor < lowest_floor(path):
            self.complain(f"lets {path} fall below zero, to {floor}")
        self.names.add((path, currency))
        self.accounts.append(Account(path, currency, floor))

    def take(self, entry: Entry, at: int, *, is_last: bool) -> None:
        """Check an entry of a segment sealed at that moment, and book it."""
        if entry.number in self.ids:
            self.complain("has the id of an earlier entry")
        self.ids.add(entry.number)
        if entry.kind > CLOSE or len(entry.legs) > MAX_LEGS:
            self.complain("has an unknown kind or too many legs")
            return
        if (not entry.legs) != (entry.kind in WITHOUT_LEGS):
            self.complain("has no legs, or legs that its kind has not")
            return
        if any(number >= len(self.accounts) for number, _ in entry.legs):
            self.complain("has a leg on an account that was never opened")
            return
        if is_last and entry.flags & LINKED:
            self.complain("is linked to an entry that is not there")
        self._check_sums(entry)
        self._check_time(entry, at)
        self._by_kind(entry, at)

    def close(self) -> dict[str, int]:
        """Compare balances with the holds still open; answer the sum of each currency."""
        held: defaultdict[int, int] = defaultdict(int)
        promised: defaultdict[int, int] = defaultdict(int)
        for hold in self.holds.values():
            for number, minor in hold.legs:
                held[number] -= min(minor, 0)
                promised[number] += max(minor, 0)
        sums: defaultdict[str, int] = defaultdict(int)
        for number, account in enumerate(self.accounts):
            sums[account.currency] += account.posted
            if account.posted - account.available != held[number]:
                self.complain(f"{account.path}: {held[number]} is on hold, its balances differ")
            if account.promised != promised[number]:
                self.complain(f"{account.path}: {promised[number]} is promised, not what it says")
        return dict(sorted(sums.items()))

    def _check_sums(self, entry: Entry) -> None:
        sums: defaultdict[str, int] = defaultdict(int)
        for number, minor in entry.legs:
            sums[self.accounts[number].currency] += minor
        for currency, total in sums.items():
            if total:
                self.complain(f"its {currency} legs add up to {total}, not 0")

    def _check_time(self, entry: Entry, at: int) -> None:
        if entry.effective_at > at:
            self.complain("takes effect later than it was booked")
        if entry.effective_at and entry.effective_at < self.closed_until:
            self.complain("takes effect in a period that was closed")

    def _by_kind(self, entry: Entry, at: int) -> None:
        nothing: Legs = []
        ended: Legs = nothing
        if entry.kind == HOLD:
            self.holds[entry.number] = Held(entry.legs, at, entry.expires_at)
        elif entry.kind in {POST, VOID, EXPIRE}:
            ended = self._end(entry, at)
        elif entry.kind == EXTEND:
            self._extend(entry)
        elif entry.kind == REVERSE:
            self._reverse(entry)
        elif entry.kind == LIMIT:
            self._limit(entry)
        elif entry.kind == CLOSE:
            if entry.effective_at <= self.closed_until:
                self.complain("closes a period that was closed")
            self.closed_until = entry.effective_at
        if entry.kind != POST and any(entry.releases):
            self.complain("releases what it never held")
        self._move(entry, ended)
        if entry.number in self._wanted:
            self.rests[entry.number] = (entry.kind, entry.legs, list(entry.legs))

    def _end(self, entry: Entry, at: int) -> Legs:
        """Post or let go of a hold; answer the legs that are no longer set aside."""
        held = self.holds.get(entry.pending)
        if held is None:
            self.complain("ends a hold that is not open")
            return []
        over = 0 < held.expires_at <= at
        if entry.kind == POST and over:
            self.complain("posts a hold whose time was over")
        if entry.kind == EXPIRE and not over:
            self.complain("lets a hold expire before its time")
        if entry.kind != POST and entry.legs != held.legs:
            self.complain("lets go of something else than was held")
        if entry.kind == POST and _numbers(entry.legs) != _numbers(held.legs):
            self.complain("posts to other accounts than the hold's")
            return []
        rest = [
            (number, of - minor)
            for (number, minor), (_, of) in zip(entry.legs, held.legs, strict=True)
        ]
        ends = entry.kind != POST or not entry.flags & KEEPS_REST or entry.flags & WHOLE
        if entry.kind == POST:
            self._check_post(entry, held.legs, rest, ends=bool(ends))
        if ends:
            del self.holds[entry.pending]
            return held.legs
        self.holds[entry.pending] = Held(rest, held.placed_at, held.expires_at)
        return entry.legs

    def _check_post(self, entry: Entry, held: Legs, rest: Legs, *, ends: bool) -> None:
        left = any(minor for _, minor in rest)
        if (entry.flags & KEEPS_REST) and ends == left:
            self.complain("says it took all of a hold, or not, and that is not so")
        for (_, minor), (_, of), release in zip(entry.legs, held, entry.releases, strict=True):
            if minor * of < 0 or abs(minor) > abs(of):
                self.complain(f"posts {minor} of {of} held")
            if release != (min(minor, 0) - min(of, 0) if ends else 0):
                self.complain(f"releases {release} after posting {minor} of {of}")

    def _extend(self, entry: Entry) -> None:
        held = self.holds.get(entry.pending)
        if held is None:
            self.complain("extends a hold that is not open")
            return
        if not 0 < held.expires_at < entry.expires_at:
            self.complain("extends a hold to no later time")
        if entry.expires_at > held.placed_at + LONGEST_HOLD:
            self.complain("extends a hold beyond 366 days")
        held.expires_at = entry.expires_at

    def _reverse(self, entry: Entry) -> None:
        kind, legs, rest = self.rests.get(entry.pending, (HOLD, [], []))
        if kind not in {PLAIN, POST} or _numbers(legs) != _numbers(entry.legs):
            self.complain("reverses something else than an entry that moved money")
            return
        for leg, ((number, minor), (_, of)) in enumerate(zip(entry.legs, legs, strict=True)):
            left = rest[leg][1]
            if minor * of > 0 or abs(minor) > abs(left):
                self.complain(f"takes back {minor} of {left} left of {of}")
            rest[leg] = (number, left + minor)
        if bool(entry.flags & WHOLE) == any(minor for _, minor in rest):
            self.complain("says it took all back, or not, and that is not so")

    def _limit(self, entry: Entry) -> None:
        number, floor, ceiling, version = entry.limits or (len(self.accounts), 0, 0, 0)
        if number >= len(self.accounts):
            self.complain("limits an account that was never opened")
            return
        account = self.accounts[number]
        if version != account.version + 1:
            self.complain(f"makes version {version} of limits that have {account.version}")
        if floor < 0 and not account.path.startswith(("external:", "org:")):
            self.complain(f"gives {account.path} credit")
        account.floor, account.ceiling, account.version = floor, ceiling, version
        if account.available < floor or account.posted + account.promised > ceiling:
            self.complain(f"sets limits that {account.path} stands outside of")

    def _move(self, entry: Entry, ended: Legs) -> None:
        """Change the balances, and see that no limit is passed by what the entry does."""
        down: defaultdict[int, int] = defaultdict(int)
        up: defaultdict[int, int] = defaultdict(int)
        for number, minor in entry.legs:
            account = self.accounts[number]
            if entry.moves:
                account.posted += minor
                down[number] += minor
                up[number] += minor
            if entry.kind == HOLD:
                down[number] += min(minor, 0)
                up[number] += max(minor, 0)
                account.promised += max(minor, 0)
        for number, minor in ended:
            down[number] -= min(minor, 0)
            up[number] -= max(minor, 0)
            self.accounts[number].promised -= max(minor, 0)
        for number, change in down.items():
            account = self.accounts[number]
            account.available += change
            if change < 0 and account.available < account.floor:
                self.complain(f"takes {account.path} to {account.available}, below its floor")
            if up[number] > 0 and account.posted + account.promised > account.ceiling:
                self.complain(f"takes {account.path} above its ceiling")


def lowest_floor(path: str) -> int:
    """How low an account may be allowed to fall as it is opened.

    The world outside has no floor; what somebody owes is told below zero.
    """
    family, *_, kind = path.split(":")
    if family == "external":
        return NO_FLOOR
    owes = path == "platform:debt" or (family == "org" and kind in {"debt", "owes"})
    return MOST_OWED if owes else 0


def _numbers(legs: Sequence[tuple[int, int]]) -> list[int]:
    return [number for number, _ in legs]
