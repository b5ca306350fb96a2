"""Payments with one rule taken out: a build that is not caught shows the laws too weak."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from chassis.kernel.ids import derived_id
from services.payments.escrow import use_cases as escrow_use_cases
from services.payments.escrow.domain import Escrow
from services.payments.ledger.domain import EntryRequest, LedgerUnavailable, Outcome
from services.payments.ledger.engine import columns, identity
from services.payments.ledger.repositories.writer import Writer
from services.payments.ledger.use_cases import Ledger, Superseded
from services.payments.sales.domain import Sale
from services.payments.settlements.domain.refund import Refund
from tests.builders.payments import FakeSales

Mutant = Callable[[pytest.MonkeyPatch], None]


def forgets_what_it_has_booked(patch: pytest.MonkeyPatch) -> None:
    """The ids of the log are not looked up."""
    patch.setattr(identity.IdIndex, "find", lambda self, high, low: {})


def takes_a_lost_reply_for_stored(patch: pytest.MonkeyPatch) -> None:
    """An unknown outcome is acknowledged."""
    settle = Writer.settle

    def hopeful(self: Writer, segment: object) -> bool:
        try:
            return settle(self, segment)
        except LedgerUnavailable:
            return True

    patch.setattr(Writer, "settle", hopeful)


def acknowledges_what_another_overtook(patch: pytest.MonkeyPatch) -> None:
    """Losing the race for a place of the log is not minded."""

    def careless(self: Writer, segment: object) -> bool:
        if segment is not None:
            try:
                self._log.append(segment)
            except Superseded:
                return True
            self.books.apply(segment)
        return True

    patch.setattr(Writer, "settle", careless)


def refunds_more_than_was_paid(patch: pytest.MonkeyPatch) -> None:
    """The rest of a sale is not looked at."""
    patch.setattr(
        Sale, "refund", lambda self, amount: replace(self, refunded=self.refunded + amount)
    )


def books_a_refund_anew_each_time(patch: pytest.MonkeyPatch) -> None:
    """A refund's entry has an id of its own at every attempt."""
    entry, numbers = Refund.entry, itertools.count()

    def anew(self: Refund, sale: Sale, **options: object) -> object:
        made = entry(self, sale, **options)
        return replace(made, id=derived_id("ent", made.id, str(next(numbers))))

    patch.setattr(Refund, "entry", anew)


def leaves_the_escrow_of_a_claim_given_back(patch: pytest.MonkeyPatch) -> None:
    """A subsidy that left its hold already is not brought back."""

    def only_voids(escrow: Escrow, *, ledger: object) -> None:
        if escrow.amount and not escrow.is_settled:
            ledger.submit([escrow.void_entry()])

    patch.setattr(escrow_use_cases, "release", only_voids)


def spends_what_is_on_hold(patch: pytest.MonkeyPatch) -> None:
    """Held money counts as there."""
    patch.setattr(columns, "_SETS_ASIDE", np.zeros_like(columns._SETS_ASIDE))


def hears_of_sales_late(patch: pytest.MonkeyPatch) -> None:
    """A gathering is settled before every sale is known."""
    patch.setattr(FakeSales, "is_closed", lambda self, gathering_id: True)


def refuses_holds_for_a_while(patch: pytest.MonkeyPatch) -> None:
    """The refusal of a hold is not final: who comes later may place it."""

    def once(holds: Sequence[EntryRequest], *, ledger: Ledger, **_: object) -> list[Outcome]:
        return ledger.submit(holds) if holds else []

    patch.setattr(escrow_use_cases, "hold_or_retire", once)


MUTANTS: tuple[Mutant, ...] = (
    forgets_what_it_has_booked,
    takes_a_lost_reply_for_stored,
    acknowledges_what_another_overtook,
    refunds_more_than_was_paid,
    books_a_refund_anew_each_time,
    leaves_the_escrow_of_a_claim_given_back,
    spends_what_is_on_hold,
    hears_of_sales_late,
)
