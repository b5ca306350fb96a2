"""Debts according to the projected books."""

from __future__ import annotations

from collections.abc import Sequence

from chassis.kernel.money import Money
from chassis.mongo import collection
from services.payments.debts.domain import Debt
from services.payments.ledger.documents import ACCOUNTS
from services.payments.ledger.domain import available_of


class ProjectedDebts:
    """The ``Debts`` port over the projected accounts, which follow the log by a moment."""

    def payable(self) -> Sequence[Debt]:
        """Those of organisations that have something to pay with, or have paid too much."""
        owing = {"path": {"$regex": r"^org:[^:]+:debt$"}, "posted": {"$ne": 0}}
        debts = {
            (row["path"].split(":")[1], row["currency"]): row
            for row in collection(ACCOUNTS).find(owing).sort("path", 1)
        }
        purses = {
            "path": {"$in": [available_of(who) for who, _ in debts]},
            "available": {"$gt": 0},
        }
        free = {
            (row["path"], row["currency"]): row["available"]
            for row in collection(ACCOUNTS).find(purses)
        }
        return [
            Debt(who, Money(-row["posted"], unit), Money(minor, unit), row["entries"])
            for (who, unit), row in debts.items()
            if (minor := free.get((available_of(who), unit), 0)) or row["posted"] > 0
        ]


def free_of(path: str, currency: str) -> int:
    """Minor units of an account that are not on hold; zero for one never used."""
    row = collection(ACCOUNTS).find_one({"path": path, "currency": currency})
    return row["available"] if row else 0
