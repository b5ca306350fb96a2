"""A debt: what an organisation lacked of a refund or clawback, and how it is paid. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from chassis.kernel.ids import derived_id
from chassis.kernel.money import Money
from services.payments.ledger.domain import EntryRequest, available_of, debt_of, transfer


@dataclass(frozen=True, slots=True)
class Debt:
    """What an organisation owes in one currency, and has.

    ``owed`` is below zero where a debt was paid twice, as when a refund's own payment of it was
    on its way while somebody else paid it. ``available`` is >= 0, ``entries`` is how many the
    books have of the debt so far.
    """

    organization_id: str
    owed: Money
    available: Money
    entries: int

    def recovery(self) -> EntryRequest | None:
        """Pay as much as there is, or give back what was paid too much; None where nothing is.

        Its id follows from the entries before it. So of two workers who saw the same debt one
        pays it, and one who sees old figures pays nothing twice.
        """
        minor = min(self.owed.minor, self.available.minor)
        if not minor:
            return None
        who, currency = self.organization_id, self.owed.currency
        entry_id = derived_id("ent", who, "debt", currency, str(self.entries))
        if minor < 0:
            return _give_back(who, Money(-minor, currency), entry_id)
        amount = Money(minor, currency)
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


def _give_back(who: str, amount: Money, entry_id: str) -> EntryRequest:
    reason = {
        "why": {"en": "Gives back what was paid twice of a debt", "zh": "退回重复偿还的欠款"},
        "about": who,
    }
    return transfer(
        entry_id, debt_of(who), available_of(who), amount, "debt-overpaid", reason, reference=who
    )
