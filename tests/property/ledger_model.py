"""The books as plain dictionaries, one entry at a time: slow, and plainly right."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from fractions import Fraction
from math import ceil, floor

from services.payments.ledger.domain import EntryRequest, Kind, expire, floor_of

Account = tuple[str, str]
Deltas = list[tuple[Account, int]]
LONGEST = timedelta(days=366)
BESIDE_LEGS = ("kind", "code", "reference", "pending_id", "expires_at", "effective_at")
BESIDE_LEGS += ("linked", "final", "limits")


@dataclass(frozen=True)
class Hold:
    rest: Deltas
    expires_at: datetime | None
    placed_at: datetime
    ended: str = ""


@dataclass(frozen=True)
class Booked:
    """What was asked, which legs that made, what is not reversed of them."""

    request: EntryRequest
    legs: Deltas
    rest: Deltas
    took_all: bool
    evenly: bool = True


@dataclass
class Model:
    """Answers what the real books must answer: ``accepted``, ``exists`` or a refusal's code."""

    posted: Counter[Account] = field(default_factory=Counter)
    held: Counter[Account] = field(default_factory=Counter)
    promised: Counter[Account] = field(default_factory=Counter)
    booked: dict[str, Booked] = field(default_factory=dict)
    holds: dict[str, Hold] = field(default_factory=dict)
    limits: dict[Account, tuple[int, int | None, int]] = field(default_factory=dict)
    moved: list[tuple[datetime, datetime, Deltas]] = field(default_factory=list)
    closed_until: datetime | None = None
    undo: list[Callable[[], object]] = field(default_factory=list)

    def submit(
        self, entries: Sequence[EntryRequest], at: datetime, chosen: dict[str, Deltas]
    ) -> list[str]:
        """Rule on a submission; ``chosen`` are the legs the books gave to reversals in part.

        Of a refused chain only what is there already is told apart: the rest is ``refused``.
        """
        for hold_id, hold in self.holds.items():
            if not hold.ended and hold.expires_at is not None and hold.expires_at <= at:
                self._let_go(hold_id, hold.rest)
                self.holds[hold_id] = replace(hold, ended="hold-expired")
                over = expire(hold_id)
                self.booked[over.id] = Booked(over, hold.rest, hold.rest, took_all=True)
        return [word for unit in units(entries) for word in self._unit(unit, at, chosen)]

    def room(self, account: Account) -> tuple[int, int | None]:
        """How much is left until the floor and until the ceiling, held money counted."""
        floor, ceiling, _ = self.limits.get(account, (floor_of(account[0]), None, 0))
        expected = self.posted[account] + self.promised[account]
        down = self.posted[account] - self.held[account] - floor
        return down, None if ceiling is None else ceiling - expected

    def sums(self) -> dict[str, int]:
        """The trial balance."""
        sums: defaultdict[str, int] = defaultdict(int)
        for (_, currency), minor in self.posted.items():
            sums[currency] += minor
        return dict(sums)

    def effective(self, account: Account, by: datetime, booked_by: datetime) -> int:
        """What takes effect on an account at a time or before, as booked until another."""
        return sum(
            minor
            for booked_at, effective_at, legs in self.moved
            if booked_at <= booked_by and effective_at <= by
            for of, minor in legs
            if of == account
        )

    def _unit(
        self, unit: Sequence[EntryRequest], at: datetime, chosen: dict[str, Deltas]
    ) -> list[str]:
        self.undo.clear()
        words = [self._one(entry, at, chosen.get(entry.id, [])) for entry in unit]
        unfit = any(entry.kind is Kind.CLOSE for entry in unit)
        unfit |= not {entry.id for entry in unit}.isdisjoint(
            entry.pending_id for entry in unit if entry.kind is Kind.REVERSE
        )
        whole = set(words) == {"exists"} or (set(words) == {"accepted"} and not unfit)
        if len(unit) == 1 or whole:
            return words
        for back in reversed(self.undo):
            back()
        return [self._known(entry) or "refused" for entry in unit]

    def _one(self, entry: EntryRequest, at: datetime, chosen: Deltas) -> str:
        legs = [((leg.account, leg.currency), leg.minor) for leg in entry.legs]
        refusal = self._known(entry) or self._form(entry, legs, at)
        refusal = refusal or self._of_hold(entry, legs) or self._of_original(entry, legs, chosen)
        if not refusal and entry.part is not None and not chosen:
            refusal = self._unbearable(entry)
        if refusal:
            return refusal
        start, legs = len(self.undo), chosen or legs or self._all(entry)
        touched = {account for account, _ in legs}
        if entry.limits is not None:
            touched.add((entry.limits.account, entry.limits.currency))
        before = {account: self.room(account) for account in touched}
        self._book(entry, legs, at)
        for side, code in enumerate(("floor-broken", "ceiling-broken")):
            for account in touched:
                was, now = before[account][side], self.room(account)[side]
                if now is not None and now < 0 and (was is None or now < was):
                    while len(self.undo) > start:
                        self.undo.pop()()
                    return code
        return "accepted"

    def _known(self, entry: EntryRequest) -> str:
        known = self.booked.get(entry.id)
        if known is None:
            return ""
        same = all(getattr(known.request, n) == getattr(entry, n) for n in BESIDE_LEGS)
        legs = [((leg.account, leg.currency), leg.minor) for leg in entry.legs]
        if entry.part is not None:
            back = sum(
                -minor
                for account, minor in known.legs
                if minor < 0 and account[1] == entry.part.currency
            )
            same &= back == entry.part.minor
        elif legs or not known.took_all:
            same &= legs == known.legs
        return "exists" if same else "id-conflict"

    def _form(self, entry: EntryRequest, legs: Deltas, at: datetime) -> str:
        whole = entry.kind in {Kind.PLAIN, Kind.HOLD}
        if whole and (not legs or any(minor == 0 for _, minor in legs)):
            return "bad-legs"
        sums: Counter[str] = Counter()
        for (_, currency), minor in legs:
            sums[currency] += minor
        if any(sums.values()):
            return "not-balanced"
        return self._timing(entry, at) or self._bounds(entry)

    def _timing(self, entry: EntryRequest, at: datetime) -> str:
        if entry.kind is Kind.HOLD and entry.expires_at is not None:
            too_long = "hold-too-long" if entry.expires_at > at + LONGEST else ""
            return "hold-expired" if entry.expires_at <= at else too_long
        if entry.effective_at is None:
            return ""
        closed, unfit = self.closed_until, entry.kind is Kind.CLOSE
        early = closed is not None and entry.effective_at < closed
        if early or (unfit and entry.effective_at == closed):
            return "period-closed"
        return "effective-too-late" if entry.effective_at > at else ""

    def _bounds(self, entry: EntryRequest) -> str:
        if entry.limits is None:
            return ""
        account = (entry.limits.account, entry.limits.currency)
        if entry.limits.version != self.limits.get(account, (0, 0, 0))[2] + 1:
            return "limits-stale"
        ceiling = entry.limits.ceiling
        return "bad-limits" if ceiling is not None and ceiling < _floor(entry) else ""

    def _of_hold(self, entry: EntryRequest, legs: Deltas) -> str:
        if entry.pending_id is None or entry.kind is Kind.REVERSE:
            return ""
        hold = self.holds.get(entry.pending_id)
        if hold is None:
            return "hold-not-found"
        if hold.ended or entry.kind is Kind.EXPIRE:
            return hold.ended or "hold-not-expired"
        if entry.kind is Kind.EXTEND:
            if hold.expires_at is None or entry.expires_at <= hold.expires_at:
                return "not-an-extension"
            return "hold-too-long" if entry.expires_at > hold.placed_at + LONGEST else ""
        return _within(legs, hold.rest, 1, "hold") if legs else ""

    def _of_original(self, entry: EntryRequest, legs: Deltas, chosen: Deltas) -> str:
        if entry.kind is not Kind.REVERSE:
            return ""
        original = self.booked.get(entry.pending_id or "")
        if original is None:
            return "original-not-found"
        if original.request.kind not in {Kind.PLAIN, Kind.POST}:
            return "not-reversible"
        if legs:
            return _within(legs, original.rest, -1, "original", original.legs)
        part = entry.part
        units = {currency for (_, currency), _ in original.rest} & {part and part.currency}
        left = [minor for (_, of), minor in original.rest if part is None or of in units]
        if part is not None and chosen and original.evenly:
            self._check_even(original, chosen, part.currency)
        enough = sum(minor for minor in left if minor > 0) >= (part.minor if part else 1)
        return "" if enough else "exceeds-original"

    def _check_even(self, original: Booked, chosen: Deltas, currency: str) -> None:
        """Each leg has given its exact share of all that was taken back, but for a unit."""
        for sign in (1, -1):
            legs = [
                (of, of - left - now)
                for ((_, unit), of), (_, left), (_, now) in zip(
                    original.legs, original.rest, [(a, m) for a, m in chosen], strict=True
                )
                if unit == currency and of * sign > 0
            ]
            whole, back = sum(of for of, _ in legs), sum(gave for _, gave in legs)
            assert all(abs(gave - Fraction(back * of, whole)) < 1 for of, gave in legs), legs

    def _unbearable(self, entry: EntryRequest) -> str:
        """What the books may say of a reversal in part that they did not make.

        Each leg gives its share but for a unit, which is theirs to place: so the most and the
        least that each account may give are looked at.
        """
        original, least, most = self.booked[entry.pending_id], Counter(), Counter()
        for (account, of), (_, left) in zip(original.legs, original.rest, strict=True):
            if account[1] != entry.part.currency or not of:
                continue
            alike = [
                (abs(all_of), abs(all_of - rest))
                for (other, all_of), (_, rest) in zip(original.legs, original.rest, strict=True)
                if other[1] == account[1] and all_of * of > 0
            ]
            whole, back = map(sum, zip(*alike, strict=True))
            share = Fraction((back + entry.part.minor) * abs(of), whole) - abs(of - left)
            low, high = (ceil(share) - 1, floor(share) + 1) if original.evenly else (0, abs(left))
            low, high = max(low, 0), min(high, abs(left))
            least[account] += -high if of > 0 else low
            most[account] += -low if of > 0 else high
        found = set()
        for account in least:
            down, up = self.room(account)
            if least[account] < 0 and down + least[account] < 0:
                found.add("floor-broken")
            if up is not None and most[account] > 0 and most[account] > up:
                found.add("ceiling-broken")
        # Which of the two the books meet depends on the unit that is theirs to place.
        return "refused" if len(found) > 1 else "".join(found)

    def _all(self, entry: EntryRequest) -> Deltas:
        if entry.kind is Kind.REVERSE:
            return [(account, -minor) for account, minor in self.booked[entry.pending_id].rest]
        if entry.pending_id is not None and entry.kind is not Kind.EXTEND:
            return self.holds[entry.pending_id].rest
        return []

    def _book(self, entry: EntryRequest, legs: Deltas, at: datetime) -> None:
        took_all = False
        if entry.kind in {Kind.PLAIN, Kind.POST, Kind.REVERSE}:
            self._add(self.posted, legs)
            self.moved.append((at, entry.effective_at or at, legs))
            self.undo.append(self.moved.pop)
        if entry.kind is Kind.HOLD:
            self._add(self.held, [(account, max(-minor, 0)) for account, minor in legs])
            self._add(self.promised, [(account, max(minor, 0)) for account, minor in legs])
            self._set(self.holds, entry.id, Hold(legs, entry.expires_at, at))
        elif entry.kind is Kind.REVERSE:
            original = self.booked[entry.pending_id]
            rest = _sum(original.rest, legs, 1)
            took_all = not any(minor for _, minor in rest)
            evenly = original.evenly and (took_all or entry.part is not None)
            self._set(self.booked, entry.pending_id, replace(original, rest=rest, evenly=evenly))
        elif entry.kind is Kind.EXTEND:
            hold = replace(self.holds[entry.pending_id], expires_at=entry.expires_at)
            self._set(self.holds, entry.pending_id, hold)
        elif entry.pending_id is not None:
            took_all = self._lessen(entry, legs)
        elif entry.limits is not None:
            account = (entry.limits.account, entry.limits.currency)
            bounds = (_floor(entry), entry.limits.ceiling, entry.limits.version)
            self._set(self.limits, account, bounds)
        elif entry.kind is Kind.CLOSE:
            self.undo.append(lambda was=self.closed_until: setattr(self, "closed_until", was))
            self.closed_until = entry.effective_at
        self._set(self.booked, entry.id, Booked(entry, legs, legs, took_all))

    def _lessen(self, entry: EntryRequest, legs: Deltas) -> bool:
        """Post or void; answer whether that took all there was."""
        hold = self.holds[entry.pending_id]
        rest = _sum(hold.rest, legs, -1)
        ends = entry.final or not any(minor for _, minor in rest)
        self._let_go(entry.pending_id, hold.rest if ends else legs)
        ended = "hold-resolved" if ends else ""
        self._set(self.holds, entry.pending_id, replace(hold, rest=rest, ended=ended))
        return legs == hold.rest

    def _let_go(self, hold_id: str, legs: Deltas) -> None:
        self._add(self.held, [(account, min(minor, 0)) for account, minor in legs])
        self._add(self.promised, [(account, -max(minor, 0)) for account, minor in legs])

    def _add(self, balances: Counter[Account], deltas: Deltas) -> None:
        for account, delta in deltas:
            balances[account] += delta
        self.undo.append(lambda: balances.subtract(_summed(deltas)))

    def _set(self, table: dict[object, object], key: object, value: object) -> None:
        if key in table:
            self.undo.append(lambda was=table[key]: table.__setitem__(key, was))
        else:
            self.undo.append(lambda: table.pop(key))
        table[key] = value


def units(entries: Sequence[EntryRequest]) -> Iterator[list[EntryRequest]]:
    """Chains and lone entries, in order."""
    unit: list[EntryRequest] = []
    for entry in entries:
        unit.append(entry)
        if not entry.linked:
            yield unit
            unit = []


def _within(legs: Deltas, rest: Deltas, sign: int, what: str, shape: Deltas | None = None) -> str:
    if [account for account, _ in legs] != [account for account, _ in rest]:
        return f"legs-differ-from-{what}"
    ways = zip(legs, shape or rest, strict=True)
    if any(a * of * sign < 0 for (_, a), (_, of) in ways) or not any(a for _, a in legs):
        return f"legs-differ-from-{what}"
    pairs = zip(legs, rest, strict=True)
    return f"exceeds-{what}" if any(abs(a) > abs(of) for (_, a), (_, of) in pairs) else ""


def _sum(legs: Deltas, others: Deltas, sign: int) -> Deltas:
    pairs = zip(legs, others, strict=True)
    return [(account, minor + sign * other) for (account, minor), (_, other) in pairs]


def _summed(deltas: Deltas) -> Counter[Account]:
    sums: Counter[Account] = Counter()
    for account, delta in deltas:
        sums[account] += delta
    return sums


def _floor(entry: EntryRequest) -> int:
    limits = entry.limits
    return floor_of(limits.account) if limits.floor is None else limits.floor
