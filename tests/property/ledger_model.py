"""The books as plain dictionaries, one entry at a time: slow, and plainly right."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from services.payments.ledger.domain import EntryRequest, Kind

Account = tuple[str, str]
Deltas = list[tuple[Account, int]]


@dataclass
class Hold:
    legs: Deltas
    expires_at: datetime | None
    ended: bool = False


@dataclass
class Model:
    """Answers what the real books must answer: ``accepted``, ``exists`` or a refusal's code."""

    posted: Counter[Account] = field(default_factory=Counter)
    available: Counter[Account] = field(default_factory=Counter)
    stored: dict[str, EntryRequest] = field(default_factory=dict)
    holds: dict[str, Hold] = field(default_factory=dict)

    def submit(self, entry: EntryRequest, at: datetime) -> str:
        if entry.id in self.stored:
            return "exists" if self._same(self.stored[entry.id], entry) else "id-conflict"
        legs = [((leg.account, leg.currency), leg.minor) for leg in entry.legs]
        refusal = self._form(entry, legs) or self._ending(entry, legs, at)
        if refusal:
            return refusal
        posted, available = self._deltas(entry, legs)
        net: Counter[Account] = Counter()
        for account, delta in available:
            net[account] += delta
        if any(
            delta < 0
            and not account[0].startswith("external:")
            and self.available[account] < -delta
            for account, delta in net.items()
        ):
            return "floor-broken"
        for balances, deltas in ((self.posted, posted), (self.available, available)):
            for account, delta in deltas:
                balances[account] += delta
        self._remember(entry, legs)
        return "accepted"

    def _form(self, entry: EntryRequest, legs: Deltas) -> str | None:
        whole = entry.kind in {Kind.PLAIN, Kind.HOLD}
        if whole and (not legs or any(minor == 0 for _, minor in legs)):
            return "bad-legs"
        sums: Counter[str] = Counter()
        for (_, currency), minor in legs:
            sums[currency] += minor
        return "not-balanced" if any(sums.values()) else None

    def _ending(self, entry: EntryRequest, legs: Deltas, at: datetime) -> str | None:
        if entry.pending_id is None:
            return None
        hold = self.holds.get(entry.pending_id)
        if hold is None:
            return "hold-not-found"
        if hold.ended:
            return "hold-resolved"
        over = hold.expires_at is not None and hold.expires_at <= at
        if entry.kind is Kind.POST and over:
            return "hold-expired"
        if entry.kind is Kind.EXPIRE and not over:
            return "hold-not-expired"
        return self._fit(legs, hold.legs) if legs else None

    def _fit(self, legs: Deltas, held: Deltas) -> str | None:
        if [account for account, _ in legs] != [account for account, _ in held]:
            return "legs-differ-from-hold"
        pairs = [(asked, of) for (_, asked), (_, of) in zip(legs, held, strict=True)]
        if any(asked * of < 0 for asked, of in pairs) or not any(asked for asked, _ in pairs):
            return "legs-differ-from-hold"
        return "exceeds-hold" if any(abs(asked) > abs(of) for asked, of in pairs) else None

    def _deltas(self, entry: EntryRequest, legs: Deltas) -> tuple[Deltas, Deltas]:
        if entry.kind is Kind.PLAIN:
            return legs, legs
        if entry.kind is Kind.HOLD:
            return [], [(account, min(minor, 0)) for account, minor in legs]
        held = self.holds[entry.pending_id or ""].legs
        let_go = [(account, -min(minor, 0)) for account, minor in held]
        moved = (legs or held) if entry.kind is Kind.POST else []
        return moved, let_go + moved

    def _remember(self, entry: EntryRequest, legs: Deltas) -> None:
        self.stored[entry.id] = entry
        if entry.kind is Kind.HOLD:
            self.holds[entry.id] = Hold(legs, entry.expires_at)
        elif entry.pending_id is not None:
            self.holds[entry.pending_id].ended = True

    def _same(self, stored: EntryRequest, asked: EntryRequest) -> bool:
        if self._asked_for_all(stored) and self._asked_for_all(asked):
            return all(
                getattr(stored, name) == getattr(asked, name)
                for name in ("kind", "code", "reference", "pending_id")
            )
        return all(
            getattr(stored, name) == getattr(asked, name)
            for name in ("kind", "code", "legs", "reference", "pending_id", "expires_at")
        )

    def _asked_for_all(self, entry: EntryRequest) -> bool:
        if entry.pending_id is None or entry.pending_id not in self.holds:
            return False
        legs = [((leg.account, leg.currency), leg.minor) for leg in entry.legs]
        return not legs or legs == self.holds[entry.pending_id].legs

    def sums(self) -> dict[str, int]:
        """The trial balance."""
        sums: defaultdict[str, int] = defaultdict(int)
        for (_, currency), minor in self.posted.items():
            sums[currency] += minor
        return dict(sums)
