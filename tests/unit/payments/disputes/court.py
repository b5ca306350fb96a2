"""Disputes over books in dictionaries, by a bank that is asked how they stand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from chassis.kernel.decisions import NotYet
from chassis.kernel.money import Money
from services.payments.disputes.domain import DisputeNotFound, dispute_id
from services.payments.disputes.use_cases import (
    END,
    HOLD,
    Bench,
    book_end,
    book_hold,
    follow,
    plan_end,
    plan_hold,
    record_end,
    record_hold,
)
from services.payments.providers.domain import Chargeback, Stage
from services.payments.releases.domain import release
from tests.builders.payments import NOW, Shelf
from tests.builders.providers import FakeIntentions

CNY = "CNY"
NOTHING = Money(0, CNY)


class FakeDisputes(Shelf):
    def find(self, name: str) -> Any:
        return self.by_id.get(name)


def said(sale, minor, stage=Stage.NEEDS_EVIDENCE, *, number=1, fee=0):
    """What the bank tells of a dispute of a sale."""
    return Chargeback(
        reference=f"dp_{number}",
        sale_id=sale.id,
        amount=Money(minor, CNY),
        reason="product-not-received",
        stage=stage,
        fee=Money(fee, CNY),
        evidence_due=NOW + timedelta(days=7),
    )


@dataclass
class Hall:
    """A bench, and everything that it intends carried out as soon as it can be.

    ``meanwhile`` is what others do, once, while an end is in the books and not yet recorded.
    """

    books: Any
    now: Any = NOW
    disputes: FakeDisputes = field(default_factory=lambda: FakeDisputes(DisputeNotFound))
    intentions: FakeIntentions = field(default_factory=FakeIntentions)
    meanwhile: list[Callable[[], None]] = field(default_factory=list)

    @property
    def bench(self) -> Bench:
        return Bench(self.disputes, {}, self.books, self.intentions)

    def hear(self, chargeback: Chargeback) -> Any:
        """Take in what the bank tells, and do what that leads to; answer the dispute."""
        follow("bank", chargeback, bench=self.bench, now=NOW)
        self.work()
        return self.disputes.get(dispute_id("bank", chargeback))

    def open(self, sale, minor, **more):
        return self.hear(said(sale, minor, **more))

    def rule(self, sale, minor, *, won, **more):
        return self.hear(said(sale, minor, Stage.WON if won else Stage.LOST, **more))

    def work(self) -> None:
        for dispute in list(self.disputes.by_id):
            self.step(HOLD, dispute)
            self.step(END, dispute)

    def step(self, kind: str, dispute: str) -> None:
        if (kind, dispute) not in self.intentions.known:
            return
        try:
            if kind == HOLD:
                taking = plan_hold(dispute, bench=self.bench)
                lacking = book_hold(taking, books=self.books)
                record_hold(taking, lacking, bench=self.bench, now=NOW)
            else:
                ending = plan_end(dispute, bench=self.bench, now=NOW)
                book_end(ending, books=self.books)
                while self.meanwhile:
                    self.meanwhile.pop()()
                record_end(ending, bench=self.bench, now=NOW)
        except NotYet:
            return

    def balances(self) -> dict[str, int]:
        return {name: minor for name, minor in self.books.ledger.balances.items() if minor}

    def held(self) -> dict[str, int]:
        return {name: minor for name, minor in self.books.ledger.held.items() if minor}

    def free(self, who: str) -> None:
        """What a release does to all that an organisation waits for, to the fen."""
        mine = [
            each
            for each in self.books.pending.by_id.values()
            if each.organization_id == who and not each.release_id
        ]
        released = release(mine, now=NOW)
        if released is None:
            return
        planned, freed = released
        self.books.pending.save(freed)
        self.books.ledger.submit([planned.entry()])[0].or_raise()
