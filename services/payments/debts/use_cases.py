"""How debts are paid as soon as there is money, before any of it is paid out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from chassis.logging import logger
from services.payments.debts.domain import Debt
from services.payments.ledger.domain import FloorBroken, IdConflict
from services.payments.ledger.use_cases import Ledger


class Debts(Protocol):
    """What organisations owe, as far as it has been projected."""

    def payable(self) -> Sequence[Debt]:
        """Those of organisations that have something to pay with, or have paid too much."""
        ...


def recover_debts(debts: Debts, ledger: Ledger) -> int:
    """Pay what can be paid, and give back what was paid twice; answer how many entries that took.

    Harmless twice, at once or with old figures: the books refuse what is not there any more.
    What they refuse for any other reason is logged, and keeps nobody else from paying.
    """
    entries = [entry for debt in debts.payable() if (entry := debt.recovery()) is not None]
    outcomes = ledger.submit(entries) if entries else []
    for entry, outcome in zip(entries, outcomes, strict=True):
        if not outcome.stands and outcome.code not in {FloorBroken.code, IdConflict.code}:
            logger("debts").error("refused", entry=entry.id, code=outcome.code)
    return sum(outcome.stands for outcome in outcomes)
