"""How debts are paid as soon as there is money, before any of it is paid out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from chassis.logging import logger
from services.payments.debts.domain import Debt, bound
from services.payments.ledger.domain import CeilingBroken, FloorBroken, IdConflict
from services.payments.ledger.use_cases import Ledger

# The money is elsewhere meanwhile, or the debt was paid on another occasion.
PAID_OR_GONE = frozenset({FloorBroken.code, CeilingBroken.code, IdConflict.code})


class Debts(Protocol):
    """What organisations and the platform owe, as far as it has been projected."""

    def payable(self) -> Sequence[Debt]:
        """Those of whoever has something to pay with."""
        ...


def recover_debts(debts: Debts, ledger: Ledger) -> int:
    """Pay what can be paid; answer how many entries that took.

    Harmless twice, at once or with old figures: the books refuse what is not there any more.
    What they refuse for any other reason is logged, and keeps nobody else from paying.
    """
    payable = [debt for debt in debts.payable() if debt.recovery() is not None]
    bounds = [bound(debt.account, debt.owed.currency) for debt in payable]
    entries = [entry for debt in payable if (entry := debt.recovery()) is not None]
    outcomes = ledger.submit([*bounds, *entries])[len(bounds) :] if entries else []
    for entry, outcome in zip(entries, outcomes, strict=True):
        if not outcome.stands and outcome.code not in PAID_OR_GONE:
            logger("debts").error("refused", entry=entry.id, code=outcome.code)
    return sum(outcome.stands for outcome in outcomes)
