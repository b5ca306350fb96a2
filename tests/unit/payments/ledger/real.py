"""The ``Ledger`` port over the real books in memory, for tests of what stands on it."""

from __future__ import annotations

from chassis.kernel.money import Money
from services.payments.ledger.domain import transfer
from tests.builders.payments import NOW, an_id
from tests.unit.payments.ledger.books import MovableClock, a_writer


class RealBooks:
    """The ``Ledger`` port over the real books in memory."""

    def __init__(self) -> None:
        self.writer = a_writer(clock=MovableClock(NOW))
        self.recoveries = 0

    def submit(self, requests):
        return self.writer.book(list(requests))

    def balance(self, path):
        return self.writer.books.accounts.balance(path, "CNY")[0]

    def move(self, source, target, minor):
        entry = transfer(an_id("ent"), source, target, Money(minor, "CNY"), "test")
        return self.submit([entry])[0]
