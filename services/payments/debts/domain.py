"""A debt: what an organisation lacked of a refund or clawback, and how it is paid. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from chassis.kernel.ids import derived_id
from chassis.kernel.money import Money
from services.payments.ledger.domain import EntryRequest, available_of, debt_of, transfer


@dataclass(frozen=True, slots=True)
class Debt:
    """What an organisation owes in one currency, and has: ``owed`` and ``available`` are >= 0.

    ``entries`` is how many the books have of the debt so far.
    """

    organization_id: str
    owed: Money
    available: Money
    entries: int

    def recovery(self) -> EntryRequest | None:
        """Pay as much as there is; None where nothing is.

        Its id follows from the entries before it. So of two workers who saw the same debt one
        pays it, and one who sees old figures pays nothing twice.
        """
        minor = min(self.owed.minor, self.available.minor)
        if minor <= 0:
            return None
        who, amount = self.organization_id, Money(minor, self.owed.currency)
        entry_id = derived_id("ent", who, "debt", amount.currency, str(self.entries))
        return recovery(available_of(who), debt_of(who), amount, entry_id=entry_id, about=who)


def recovery(payer: str, debt: str, amount: Money, *, entry_id: str, about: str) -> EntryRequest:
    """Pay so much of a debt, an account below zero, from another account.

    ``about`` is what it is paid on the occasion of.
    """
    reason = {
        "why": {
            "en": "Pays what is owed after a refund or a clawback",
            "zh": "偿还退款或追回形成的欠款",
        },
        "about": about,
    }
    return transfer(entry_id, payer, debt, amount, "debt-recovered", reason, reference=about)
