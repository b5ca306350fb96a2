"""Random entries of every kind, right and wrong, new and repeated."""

from __future__ import annotations

import random
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from chassis.kernel.money import Money
from services.payments.ledger.domain import (
    EntryRequest,
    Kind,
    Leg,
    Limits,
    chain,
    close_period,
    expire,
    extend,
    hold,
    limit,
    plain,
    post,
    reverse,
    void,
)
from tests.unit.payments.ledger.books import MovableClock, SeededIds

CHAINS, BACKDATED = 0.03, 0.05
CURRENCIES = ("CNY", "CNY", "CNY", "USD", "TICKET")


class RandomEntries:
    """An endless supply of entries over a few accounts, from a seed."""

    def __init__(
        self, seed: int, clock: MovableClock, *, accounts: int, largest: int = 900
    ) -> None:
        self.random = random.Random(seed)
        self.clock = clock
        self.ids = SeededIds(seed, clock)
        self.paths = [f"org:{self.ids('org')}:available" for _ in range(accounts)]
        self.largest = largest
        # Of two reasons to refuse a late reversal, books and model may name either.
        self.late = {Kind.PLAIN, Kind.POST}
        self.backdated = BACKDATED
        self.holds: deque[EntryRequest] = deque(maxlen=200)
        self.sent: deque[EntryRequest] = deque(maxlen=2_000)
        self.versions: Counter[tuple[str, str]] = Counter()
        self.makers: list[Callable[[], EntryRequest]] = [
            *[self.deposit] * 2,
            *[self.split] * 12,
            *[self.set_aside] * 6,
            *[self.end] * 8,
            *[self.exchange] * 2,
            *[self.refund] * 2,
            *[self.wrong] * 2,
            *[self.again] * 2,
            *[self.prolong] * 2,
            *[self.take_back] * 4,
            self.bound,
            self.close,
        ]

    def batch(self, size: int) -> list[EntryRequest]:
        """So many entries, some of them in chains."""
        entries: list[EntryRequest] = []
        while len(entries) < size:
            if self.random.random() < CHAINS:
                entries += chain(*(self.one() for _ in range(self.random.randint(2, 4))))
            else:
                entries.append(replace(self.one(), linked=False))
        return entries

    def one(self) -> EntryRequest:
        entry = self.random.choice(self.makers)()
        if entry.kind in self.late and self.random.random() < self.backdated:
            minutes = self.random.randrange(-2, 120)
            entry = replace(entry, effective_at=self.clock() - timedelta(minutes=minutes))
        self.sent.append(entry)
        if entry.kind is Kind.HOLD:
            self.holds.append(entry)
        return entry

    def deposit(self) -> EntryRequest:
        amount, currency = 5 * self._amount(), self._currency()
        legs = [Leg("external:provider", -amount, currency), Leg(self._path(), amount, currency)]
        return plain(self.ids("ent"), legs, "deposit", {"amount": amount})

    def split(self) -> EntryRequest:
        return plain(self.ids("ent"), self._legs(), "settlement", reference=self.ids("gth"))

    def set_aside(self) -> EntryRequest:
        ends = self.random.random() < 0.4
        expires_at = (
            self.clock() + timedelta(minutes=self.random.randrange(1, 30)) if ends else None
        )
        return hold(self.ids("ent"), self._legs(), "escrow", expires_at=expires_at)

    def end(self) -> EntryRequest:
        if not self.holds:
            return self.set_aside()
        chosen = self.random.choice(self.holds)
        way = self.random.random()
        if way < 0.4:
            return post(self.ids("ent"), chosen.id, "escrow")
        if way < 0.7:
            final = self.random.random() < 0.4
            part = self._part(chosen)
            return post(self.ids("ent"), chosen.id, "escrow", legs=part, final=final)
        if way < 0.9:
            return void(self.ids("ent"), chosen.id, "escrow")
        return expire(chosen.id)

    def prolong(self) -> EntryRequest:
        if not self.holds:
            return self.set_aside()
        chosen = self.random.choice(self.holds)
        longer = timedelta(days=self.random.choice([0, 0.01, 1, 366, 367]))
        until = (chosen.expires_at or self.clock()) + longer
        return extend(self.ids("ent"), chosen.id, until, "escrow")

    def take_back(self) -> EntryRequest:
        kinds = {Kind.PLAIN, Kind.POST} if self.random.random() < 0.9 else set(Kind)
        earlier = [entry for entry in self.sent if entry.kind in kinds]
        if not earlier:
            return self.deposit()
        chosen, way = self.random.choice(earlier), self.random.random()
        entry = reverse(self.ids("ent"), chosen.id, "refund")
        one_currency = len({leg.currency for leg in chosen.legs}) == 1
        if way < 0.4 or not one_currency or chosen.legs[0].minor >= 0:
            return entry
        incoming = sum(leg.minor for leg in chosen.legs if leg.minor > 0)
        if way < 0.8:
            part = Money(self.random.randint(1, incoming or 1), chosen.legs[0].currency)
            return replace(entry, part=part)
        mirrored = [replace(leg, minor=-leg.minor) for leg in self._part(chosen)]
        return replace(entry, legs=tuple(mirrored))

    def bound(self) -> EntryRequest:
        account = self._path(), self._currency()
        right = self.random.random() < 0.8
        self.versions[account] += right
        floor = self.random.choice([None, 0, -self._amount(), -10 * self.largest, 5])
        ceiling = self.random.choice([None, None, 20 * self.largest, self._amount()])
        version = self.versions[account] or 1
        limits = Limits(
            account=account[0],
            currency=account[1],
            version=version,
            floor=floor,
            ceiling=ceiling,
        )
        return limit(self.ids("ent"), limits, "credit-line")

    def close(self) -> EntryRequest:
        until = self.clock() - timedelta(minutes=self.random.randrange(-1, 120))
        return close_period(self.ids("ent"), until)

    def exchange(self) -> EntryRequest:
        legs = [*self._legs("CNY"), *self._legs("USD")]
        return plain(self.ids("ent"), legs, "exchange")

    def refund(self) -> EntryRequest:
        earlier = [entry for entry in self.sent if entry.kind is Kind.PLAIN]
        if not earlier:
            return self.deposit()
        legs = [replace(leg, minor=-leg.minor) for leg in self.random.choice(earlier).legs]
        return plain(self.ids("ent"), legs, "refund", {"why": "退款"})

    def wrong(self) -> EntryRequest:
        legs = self._legs()
        first = replace(legs[0], minor=self.random.choice([0, legs[0].minor + 1]))
        foreign = replace(legs[0], currency="EUR")
        strange = self.random.choice([[], legs[:1], [first, *legs[1:]], [foreign, *legs[1:]]])
        return plain(self.ids("ent"), strange, "settlement")

    def again(self) -> EntryRequest:
        if not self.sent:
            return self.deposit()
        entry = self.random.choice(self.sent)
        way = self.random.random()
        if way < 0.1 and entry.kind is Kind.POST:
            return replace(entry, legs=(), final=True)
        return replace(entry, code="something-else") if way < 0.3 else entry

    def _legs(self, currency: str | None = None) -> list[Leg]:
        currency = currency or self._currency()
        count = self.random.choice([1, 1, 1, 2, 3, 6])
        incoming = [Leg(self._path(), self._amount(), currency) for _ in range(count)]
        return [*self._sources(sum(leg.minor for leg in incoming), currency), *incoming]

    def _sources(self, total: int, currency: str) -> list[Leg]:
        """One account that pays it all, or two that share it."""
        if total > 1 and self.random.random() < 0.2:
            part = self.random.randrange(1, total)
            return [Leg(self._path(), -minor, currency) for minor in (part, total - part)]
        return [Leg(self._path(), -total, currency)]

    def _part(self, chosen: EntryRequest) -> list[Leg]:
        """Less of each leg of a hold, what comes in and what goes out still equal; or too much."""
        too_much = self.random.random() < 0.1
        incoming = [
            replace(leg, minor=leg.minor + 1 if too_much else self.random.randint(0, leg.minor))
            for leg in chosen.legs
            if leg.minor > 0
        ]
        if self.random.random() < 0.1:
            del incoming[-1:]
        left = sum(leg.minor for leg in incoming)
        outgoing = []
        for leg in chosen.legs:
            if leg.minor < 0:
                paid = min(left, -leg.minor)
                outgoing.append(replace(leg, minor=-paid))
                left -= paid
        if left:
            outgoing[-1] = replace(outgoing[-1], minor=outgoing[-1].minor - left)
        return [*outgoing, *incoming]

    def _path(self) -> str:
        return self.random.choice(self.paths)

    def _amount(self) -> int:
        return self.random.randint(1, self.largest)

    def _currency(self) -> str:
        return self.random.choice(CURRENCIES)
