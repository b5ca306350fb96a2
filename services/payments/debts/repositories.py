"""Debts according to the projected books."""

from __future__ import annotations

from collections.abc import Sequence

from chassis.kernel.money import Money
from chassis.mongo import collection
from services.payments.debts.domain import Debt, payers_of
from services.payments.ledger.documents import ACCOUNTS


class ProjectedDebts:
    """The ``Debts`` port over the projected accounts, which follow the log by a moment."""

    def payable(self) -> Sequence[Debt]:
        """Those of organisations, and of the platform, that have something to pay with."""
        owing = {"path": {"$regex": r"^(?:org:[^:]+|platform):debt$"}, "posted": {"$lt": 0}}
        debts = {
            (row["path"].split(":")[-2], row["currency"]): row
            for row in collection(ACCOUNTS).find(owing).sort("path", 1)
        }
        purses = {
            "path": {"$in": [path for who, _ in debts for path in payers_of(who)]},
            "available": {"$gt": 0},
        }
        free = {
            (row["path"], row["currency"]): row["available"]
            for row in collection(ACCOUNTS).find(purses)
        }
        found = []
        for (who, unit), row in debts.items():
            paying = [path for path in payers_of(who) if (path, unit) in free]
            if paying:
                owed, first = Money(-row["posted"], unit), paying[0]
                minor = free[first, unit]
                found.append(Debt(who, owed, first, Money(minor, unit), row["entries"]))
        return found


def free_of(path: str, currency: str) -> int:
    """Minor units of an account that are not on hold; zero for one never used."""
    row = collection(ACCOUNTS).find_one({"path": path, "currency": currency})
    return row["available"] if row else 0
