"""Debts according to the projected books."""

from __future__ import annotations

from collections.abc import Sequence

from chassis.kernel.money import Money
from chassis.mongo import collection
from services.payments.debts.domain import Debt
from services.payments.ledger.documents import ACCOUNTS


class ProjectedDebts:
    """The ``Debts`` port over the projected accounts, which follow the log by a moment."""

    def payable(self) -> Sequence[Debt]:
        """Those of organisations that have something to pay with."""
        owing = {"path": {"$regex": r"^org:[^:]+:debt$"}, "posted": {"$lt": 0}}
        found: list[Debt] = []
        for row in collection(ACCOUNTS).find(owing).sort("path", 1):
            organization_id, currency = row["path"].split(":")[1], row["currency"]
            free = free_of(f"org:{organization_id}:available", currency)
            if free > 0:
                owed, available = Money(-row["posted"], currency), Money(free, currency)
                found.append(Debt(organization_id, owed, available, row["entries"]))
        return found


def free_of(path: str, currency: str) -> int:
    """Minor units of an account that are not on hold; zero for one never used."""
    row = collection(ACCOUNTS).find_one({"path": path, "currency": currency})
    return row["available"] if row else 0
