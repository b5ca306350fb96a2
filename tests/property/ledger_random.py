"""Random entries of every kind, right and wrong, new and repeated."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from chassis.kernel.ids import derived_id
from services.payments.ledger.domain import (
    EntryRequest,
    Kind,
    Leg,
    expire,
    hold,
    plain,
    post,
    void,
)
from tests.unit.payments.ledger.books import MovableClock, SeededIds

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
        self.holds: deque[EntryRequest] = deque(maxlen=200)
        self.sent: deque[EntryRequest] = deque(maxlen=2_000)
        self.makers: list[Callable[[], EntryRequest]] = [
            self.deposit,
            *[self.split] * 6,
            *[self.set_aside] * 3,
            *[self.end] * 4,
            self.exchange,
            self.refund,
            self.wrong,
            self.again,
        ]

    def batch(self, size: int) -> list[EntryRequest]:
        return [self.one() for _ in range(size)]

    def one(self) -> EntryRequest:
        entry = self.random.choice(self.makers)()
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
            return post(self.ids("ent"), chosen.id, "escrow", legs=self._part(chosen))
        if way < 0.9:
            return void(self.ids("ent"), chosen.id, "escrow")
        return expire(derived_id("ent", chosen.id, "expire"), chosen.id)

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
            return replace(entry, legs=())
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
            incoming.pop()
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
