"""A debt: what was lacking when money was to go back, and how it is paid. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from chassis.kernel.ids import derived_id, named_id
from chassis.kernel.money import Money
from services.payments.ledger.domain import (
    PLATFORM_DEBT,
    PLATFORM_FEES,
    EntryRequest,
    Limits,
    available_of,
    debt_of,
    limit,
    reserve_of,
    transfer,
)
from sharing.terms import PLATFORM

BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)  # the platform has no id of its own to follow from


@dataclass(frozen=True, slots=True)
class Debt:
    """What an organisation owes in one currency, and has of it in ``payer``: neither below zero.

    ``entries`` is how many the books have of the debt so far. The platform is one too, named
    ``platform``.
    """

    organization_id: str
    owed: Money
    payer: str
    available: Money
    entries: int

    @property
    def account(self) -> str:
        """What is below zero by so much."""
        is_ours = self.organization_id == PLATFORM
        return PLATFORM_DEBT if is_ours else debt_of(self.organization_id)

    def recovery(self) -> EntryRequest | None:
        """Pay as much as there is; None where nothing is.

        Its id follows from the entries before it. So of two workers who saw the same debt one
        pays it; what keeps one who sees other figures from paying it twice is ``bound``.
        """
        minor = min(self.owed.minor, self.available.minor)
        if not minor:
            return None
        who, amount = self.organization_id, Money(minor, self.owed.currency)
        entry_id = _entry_id(who, "debt", amount.currency, str(self.entries))
        return recovery(self.payer, self.account, amount, entry_id=entry_id, about=who)


def payers_of(organization_id: str) -> tuple[str, ...]:
    """What pays the debts of an organisation, or of the platform; what comes first, first."""
    if organization_id == PLATFORM:
        return (PLATFORM_FEES,)
    return (reserve_of(organization_id), available_of(organization_id))


def bound(debt: str, currency: str) -> EntryRequest:
    """Let a debt never rise above zero; to be submitted before whatever pays it.

    Figures are a moment old, and a debt is paid on several occasions: what would pay it beyond
    its end is refused (``ceiling-broken``).
    """
    reason = {"why": {"en": "A debt is paid to its end", "zh": "欠款以还清为限"}}
    return limit(
        _entry_id(debt.split(":")[-2], "debt-bound", currency),
        Limits(account=debt, currency=currency, version=1, ceiling=0),
        "debt-bound",
        reason,
    )


def _entry_id(who: str, *words: str) -> str:
    if who == PLATFORM:
        return named_id("ent", BEGINNING, PLATFORM, *words)
    return derived_id("ent", who, *words)


def recovery(payer: str, debt: str, amount: Money, *, entry_id: str, about: str) -> EntryRequest:
    """Pay so much of a debt, an account below zero, from another account.

    ``about`` is what it is paid on the occasion of, or who pays it; the platform has no id.
    """
    reason = {
        "why": {
            "en": "Pays what is owed after a refund, a clawback or a dispute",
            "zh": "偿还退款、追回或退单形成的欠款",
        },
        "about": about,
    }
    reference = None if about == PLATFORM else about
    return transfer(entry_id, payer, debt, amount, "debt-recovered", reason, reference=reference)
